import AgentCore

/// REINFORCE with a leave-one-out baseline.
///
/// A_i = R_i − mean of the other G − 1 returns. Ahmadian et al. 2024, arXiv 2402.14740. A group of one gets 0.
public struct RLOO: CreditEstimator {
  public static let method = MethodDescription(
    name: "rloo", summary: "Each episode's return minus the mean of the others in its group.",
    paper: "Ahmadian et al. 2024, arXiv 2402.14740")

  public init(options: inout JSONFields) throws(JSONError) {}

  /// The method with its defaults.
  public init() {}

  public func advantages(for group: [CreditRecord]) -> [[Double]] {
    let returns = ComparisonSet(group.map(\.totalReturn))
    // R_i − (ΣR − R_i)/(G−1) = (R_i − mean R)·G/(G−1)
    let scale = group.count > 1 ? Double(group.count) / Double(group.count - 1) : 0
    return group.map { record in record.turnRewards.map { _ in scale * returns.centered(record.totalReturn) } }
  }
}
