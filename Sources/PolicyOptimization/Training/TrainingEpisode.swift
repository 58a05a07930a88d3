import AgentCore

/// An episode on its way into an update: its tokens as sampled, and one advantage per turn.
public struct TrainingEpisode: Sendable {
  public let id: String
  public let sequence: TokenSequence
  /// One per turn.
  public let advantages: [Double]
  /// Turns that a rule took out of the loss.
  public let isMasked: [Bool]

  /// - Throws: `JSONError.value` if the trajectory was recorded without tokens.
  public init(_ trajectory: Trajectory, advantages: [Double]) throws(JSONError) {
    id = trajectory.id
    sequence = try TokenSequence(trajectory)
    self.advantages = advantages
    isMasked = trajectory.turns.map(\.isMasked)
    precondition(
      advantages.count == trajectory.turns.count,
      "\(advantages.count) advantages for \(trajectory.turns.count) turns of \(id)")
    // Invariant 2: the loss lies exactly on what the policy sampled.
    let scored = sequence.turnRanges.reduce(0) { $0 + $1.count }
    precondition(
      sequence.lossMask.filter(\.self).count == scored,
      "trajectory \(id): the mask and the provenance of its tokens disagree")
  }

  /// Turns that can move the policy.
  var trainedTurns: [Int] { sequence.turnRanges.indices.filter { !isMasked[$0] && !sequence.turnRanges[$0].isEmpty } }

  /// Whether any token of it can have a gradient.
  func hasSignal(entropyBonus: Bool) -> Bool {
    trainedTurns.contains { entropyBonus || advantages[$0] != 0 }
  }
}

extension BatchExtent {
  /// What an update over these episodes is averaged over.
  init(_ episodes: [TrainingEpisode]) {
    self.init()
    for episode in episodes {
      add(turnTokenCounts: episode.trainedTurns.map { episode.sequence.turnRanges[$0].count })
    }
  }
}

/// Packs items in their order into runs that cost at most `limit` tokens; an item that costs more goes alone.
///
/// What an item begins with as the one before it in its pack does is computed once, and counts once: the members of a
/// group share their prompt.
func packed<Item>(_ items: [Item], limit: Int, tokens: (Item) -> [Int32]) -> [[Item]] {
  var packs: [[Item]] = []
  var size = 0
  var previous: [Int32] = []
  for item in items {
    let ids = tokens(item)
    let shared = zip(ids, previous).prefix { $0.0 == $0.1 }.count
    if packs.isEmpty || size + ids.count - shared > limit {
      packs.append([])
      size = ids.count
    } else {
      size += ids.count - shared
    }
    packs[packs.count - 1].append(item)
    previous = ids
  }
  return packs
}
