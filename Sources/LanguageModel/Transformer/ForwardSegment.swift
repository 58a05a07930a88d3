/// New tokens of one sequence: a chunk of a prompt, or one sampled token.
public struct ForwardSegment {
  /// Rows of logits wanted of a segment.
  public enum LogitRows: Sendable { case none, last, all }

  /// The sequence's past; extended by the call. The first token stands at position `cache.length`.
  public let cache: KeyValueCache
  public let tokens: [Int32]
  public let logits: LogitRows

  public init(cache: KeyValueCache, tokens: [Int32], logits: LogitRows = .last) {
    self.cache = cache
    self.tokens = tokens
    self.logits = logits
  }

  var logitCount: Int {
    switch logits {
    case .none: 0
    case .last: min(1, tokens.count)
    case .all: tokens.count
    }
  }
}
