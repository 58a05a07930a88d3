import AgentCore

/// Discounted reward from each turn on, against what the group got from the same turn on.
///
/// A_{i,t} = (g_{i,t} − m)/(s + ε) with g the reward-to-go (discount γ). `baseline: position` takes m and s over the
/// members of the group that reached turn t; `baseline: group` over all turns of all members. The turn-level return of
/// GTPO (2025, arXiv 2511.14846), with the group as baseline; the abstract leaves the comparison set open, so both
/// readings are offered.
public struct TurnReturn: CreditEstimator {
  /// Which rewards-to-go a turn is compared with.
  public enum Baseline: String, Sendable, CaseIterable {
    case position, group
  }

  public static let method = MethodDescription(
    name: "turn_return", summary: "Discounted reward from the turn on, normalised over the group.",
    paper: "GTPO, 2025, arXiv 2511.14846",
    options: [
      ("gamma", "0.95; discount per turn, 0 to 1"),
      ("baseline", "position; compare with the same turn (position) or with all turns (group)"),
    ])

  /// γ, per turn.
  public let discount: Double
  public let baseline: Baseline

  public init(options: inout JSONFields) throws(JSONError) {
    discount = try options.discount()
    baseline = options.optional("baseline") == nil ? .position : try options.rawValue("baseline")
  }

  /// The method with its defaults, or other values.
  public init(discount: Double = 0.95, baseline: Baseline = .position) {
    self.discount = discount
    self.baseline = baseline
  }

  public func advantages(for group: [CreditRecord]) -> [[Double]] {
    let toGo = group.map { $0.rewardsToGo(discount: discount) }
    let longest = toGo.map(\.count).max() ?? 0
    let sets: [ComparisonSet] =
      switch baseline {
      case .position:
        (0..<longest).map { turn in ComparisonSet(toGo.filter { $0.count > turn }.map { $0[turn] }) }
      case .group:
        Array(repeating: ComparisonSet(toGo.flatMap(\.self)), count: longest)
      }
    return toGo.map { values in values.enumerated().map { turn, value in sets[turn].normalized(value) } }
  }
}

extension JSONFields {
  /// The option `gamma`, 0.95 if absent.
  mutating func discount() throws(JSONError) -> Double {
    let gamma = try optionalDouble("gamma") ?? 0.95
    guard (0...1).contains(gamma) else {
      throw .value(reason: "\(gamma) is outside 0 to 1", path: path(of: "gamma"))
    }
    return gamma
  }
}
