import CKernels
import Glibc

extension Logits {
  /// Draws a token from one row.
  /// - Parameter uniform: a random number in [0, 1); the same number gives the same token.
  /// - Throws: `nonFiniteLogits` if the weights have diverged, or what is wrong with the parameters.
  public func sample(row: Int, _ parameters: SamplingParameters, uniform: Double) throws(TransformerError)
    -> SampledToken
  {
    try parameters.check()
    precondition(uniform >= 0 && uniform < 1, "uniform number \(uniform) is not in [0, 1)")
    let logits = pointer(row: row)
    guard parameters.temperature > 0 else {
      guard let id = argmax(row: row) else { throw .nonFiniteLogits(row: row) }
      return SampledToken(id: id, logprob: 0, modelLogprob: logProbability(row: row, token: id))
    }
    var score = ck_score_row(threads.pool, logits, vocabularySize, 0, parameters.temperature)
    guard score.maximum.isFinite, score.normalizer.isFinite else { throw .nonFiniteLogits(row: row) }
    if parameters.isUntruncated {
      let id = ck_draw(threads.pool, logits, vocabularySize, parameters.temperature, &score, uniform)
      guard id >= 0 else { throw .nonFiniteLogits(row: row) }
      let logprob = ck_log_probability(&score, logits[Int(id)], parameters.temperature)
      return SampledToken(id: id, logprob: logprob, modelLogprob: logprob)
    }
    return drawTruncated(row: row, parameters, score: score, uniform: uniform)
  }

  private func drawTruncated(row: Int, _ parameters: SamplingParameters, score: ck_score, uniform: Double)
    -> SampledToken
  {
    let kept = survivors(row: row, parameters, score: score)
    let total = kept.reduce(0) { $0 + Double($1.weight) }
    var passed = 0.0
    let chosen = kept.first {
      passed += Double($0.weight)
      return passed > uniform * total
    }
    let choice = chosen ?? kept[kept.count - 1]
    return SampledToken(
      id: choice.id, logprob: Float(log(Double(choice.weight) / total)),
      modelLogprob: logProbability(row: row, token: choice.id, temperature: parameters.temperature))
  }

  /// Tokens that the truncations keep, most likely first, lower ids first among equals. Never empty: the most likely
  /// token has weight 1.
  private func survivors(row: Int, _ parameters: SamplingParameters, score: ck_score) -> [Candidate] {
    let floor = parameters.minP ?? 0
    // Few tokens matter as a rule, so look at those above a threshold first and lower it until enough are there.
    var threshold = max(floor, 1e-3)
    while true {
      let kept = candidates(row: row, parameters, score: score, threshold: threshold)
      let complete = threshold <= floor || threshold == 0
      if let cut = truncate(kept, parameters, normalizer: score.normalizer, complete: complete) { return cut }
      threshold = threshold < 1e-12 ? floor : max(floor, threshold * 1e-3)
    }
  }

  /// Applies top-k and top-p to the most likely tokens; nil if more tokens are needed to decide.
  private func truncate(_ sorted: [Candidate], _ parameters: SamplingParameters, normalizer: Double, complete: Bool)
    -> [Candidate]?
  {
    let limit = parameters.topK ?? vocabularySize
    if sorted.count < limit, !complete, parameters.topK != nil { return nil }
    let top = sorted.prefix(limit)
    guard let topP = parameters.topP, topP < 1 else {
      return complete || parameters.topK != nil ? Array(top) : nil
    }
    let total = parameters.topK == nil ? normalizer : top.reduce(0) { $0 + Double($1.weight) }
    var passed = 0.0
    for (index, candidate) in top.enumerated() {
      passed += Double(candidate.weight)
      if passed >= Double(topP) * total { return Array(top.prefix(index + 1)) }
    }
    return complete || parameters.topK != nil ? Array(top) : nil
  }

  private func candidates(row: Int, _ parameters: SamplingParameters, score: ck_score, threshold: Float)
    -> [Candidate]
  {
    var ids = [Int32](repeating: 0, count: vocabularySize)
    var weights = [Float](repeating: 0, count: vocabularySize)
    let count = ck_candidates(
      threads.pool, pointer(row: row), vocabularySize, parameters.temperature, score.maximum, threshold, &ids, &weights)
    return (0..<count).map { Candidate(id: ids[$0], weight: weights[$0]) }
      .sorted { $0.weight != $1.weight ? $0.weight > $1.weight : $0.id < $1.id }
  }
}

/// A token and its weight relative to the most likely one.
private struct Candidate {
  let id: Int32
  let weight: Float
}
