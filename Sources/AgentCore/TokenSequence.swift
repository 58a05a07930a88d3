/// A trajectory as the policy saw it: one run of token ids, each with its provenance, and where the turns lie.
///
/// This is the only way from a record to training data, so the loss mask cannot disagree with the provenance
/// (invariant 2), and the ids are the sampled ones (invariant 1).
public struct TokenSequence: Sendable, Equatable {
  public let tokens: EncodedTokens
  /// For each turn, the index range of the ids that the policy sampled in it.
  public let turnRanges: [Range<Int>]
  /// Behaviour log-probabilities of the sampled ids, turn by turn.
  public let behaviorLogprobs: [[Float]]

  /// - Throws: `JSONError.value` naming the first turn that lacks tokens.
  public init(_ trajectory: Trajectory) throws(JSONError) {
    guard let prompt = trajectory.prompt else {
      throw .value(reason: "missing: this trajectory was recorded without tokens", path: "prompt")
    }
    var tokens = prompt
    var ranges: [Range<Int>] = []
    var logprobs: [[Float]] = []
    for turn in trajectory.turns {
      guard let sampled = turn.action.tokens else {
        throw .value(reason: "missing token ids", path: "turns[\(turn.index)].action")
      }
      let start = tokens.ids.count
      tokens.append(sampled.ids, provenance: .policy)
      ranges.append(start..<tokens.ids.count)
      logprobs.append(sampled.logprobs)
      if let observed = turn.observation.tokens {
        tokens.append(observed)
      } else if turn.index + 1 < trajectory.turns.count {
        throw .value(reason: "missing token ids", path: "turns[\(turn.index)].observation")
      }
    }
    self.tokens = tokens
    turnRanges = ranges
    behaviorLogprobs = logprobs
  }

  /// 1 exactly on the ids that the policy sampled.
  public var lossMask: [Bool] { tokens.provenances.map { $0 == .policy } }
}
