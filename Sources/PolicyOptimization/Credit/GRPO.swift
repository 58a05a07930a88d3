import AgentCore

/// Group relative policy optimization: each episode against its group.
///
/// A_i = (R_i − mean R)/(std R + ε), the same for every turn. Shao et al. 2024, arXiv 2402.03300, section 4.1.2.
/// A group of one, or of equal returns, gets 0 (some released code gives the raw return there).
public struct GRPO: CreditEstimator {
  public static let method = MethodDescription(
    name: "grpo", summary: "Each episode's return, normalised in its group; every turn gets the same.",
    paper: "Shao et al. 2024, arXiv 2402.03300")

  public init(options: inout JSONFields) throws(JSONError) {}

  /// The method with its defaults.
  public init() {}

  public func advantages(for group: [CreditRecord]) -> [[Double]] {
    let returns = ComparisonSet(group.map(\.totalReturn))
    return group.map { record in record.turnRewards.map { _ in returns.normalized(record.totalReturn) } }
  }
}
