import AgentCore

/// GRPO without the division by the standard deviation, which favours tasks that are nearly solved or nearly hopeless.
///
/// A_i = R_i − mean R. Liu et al. 2025, arXiv 2503.20783. Its other half, a loss that is not divided by the episode's
/// length, is the objective's `aggregation: constant`.
public struct DrGRPO: CreditEstimator {
  public static let method = MethodDescription(
    name: "dr_grpo", summary: "Each episode's return minus its group's mean.",
    paper: "Liu et al. 2025, arXiv 2503.20783")

  public init(options: inout JSONFields) throws(JSONError) {}

  /// The method with its defaults.
  public init() {}

  public func advantages(for group: [CreditRecord]) -> [[Double]] {
    let returns = ComparisonSet(group.map(\.totalReturn))
    return group.map { record in record.turnRewards.map { _ in returns.centered(record.totalReturn) } }
  }
}
