import AgentCore

/// Multi-turn GRPO: outcome and turn rewards normalised apart, and a turn is credited with the turn rewards from it on.
///
/// A_{i,t} = Ô_i + λ·Σ_{k≥t} r̂_{i,k}, with Ô the outcome reward normalised in the group and r̂_{·,k} the rewards of
/// turn k normalised over the members that reached it. Zeng et al. 2025, arXiv 2505.11821. The paper treats one tool
/// call followed by an answer without a turn reward: there r̂ of the answer is 0 and the formula is the published one,
/// Ô + λ·r̂ for the call and Ô for the answer. The sum over later turns is our general form.
public struct MTGRPO: CreditEstimator {
  public static let method = MethodDescription(
    name: "mt_grpo", summary: "Outcome and turn rewards normalised apart; a turn gets the turn rewards from it on.",
    paper: "Zeng et al. 2025, arXiv 2505.11821",
    options: [("lambda", "1; weight of the turn rewards")])

  /// λ.
  public let turnWeight: Double

  public init(options: inout JSONFields) throws(JSONError) {
    turnWeight = try options.optionalDouble("lambda") ?? 1
  }

  /// The method with its default, or another weight.
  public init(turnWeight: Double = 1) {
    self.turnWeight = turnWeight
  }

  public func advantages(for group: [CreditRecord]) -> [[Double]] {
    let outcomes = ComparisonSet(group.map(\.outcomeReward))
    let longest = group.map(\.turnRewards.count).max() ?? 0
    let turns = (0..<longest).map { turn in
      ComparisonSet(group.filter { $0.turnRewards.count > turn }.map { $0.turnRewards[turn] })
    }
    return group.map { record in
      var following = 0.0
      var result = [Double](repeating: 0, count: record.turnRewards.count)
      for turn in record.turnRewards.indices.reversed() {
        following += turns[turn].normalized(record.turnRewards[turn])
        result[turn] = outcomes.normalized(record.outcomeReward) + turnWeight * following
      }
      return result
    }
  }
}
