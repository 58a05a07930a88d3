import LanguageModel

extension LocalPolicy {
  /// Rows of logits that are held at a time while scoring; with 49,152 ids a row is 192 KiB.
  private static let scoringChunk = 64

  /// log p(token i | tokens before i) at temperature 1, for each token but the first.
  /// - Throws: `PolicyEngineError` for ids outside the vocabulary or more tokens than the context.
  public func logprobs(of ids: [Int32]) throws -> [Float] {
    guard ids.count > 1 else { return [] }
    try check(ids, after: 0)
    let cache = model().makeCache()
    var logprobs: [Float] = []
    logprobs.reserveCapacity(ids.count - 1)
    while cache.length < ids.count - 1 {
      let start = cache.length
      let chunk = Array(ids[start..<min(start + Self.scoringChunk, ids.count - 1)])
      let logits = try model().forward([ForwardSegment(cache: cache, tokens: chunk, logits: .all)])
      for row in chunk.indices {
        logprobs.append(logits.logProbability(row: row, token: ids[start + row + 1], temperature: 1))
      }
    }
    return logprobs
  }

  /// Digest of the weights.
  public var digest: String { model().parameters.digest }
}
