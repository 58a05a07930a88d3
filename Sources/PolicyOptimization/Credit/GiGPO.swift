import AgentCore

/// Group-in-group policy optimization: the episode against its group, and each turn against all turns of the group
/// that started from the same state.
///
/// A_{i,t} = A_i + ω·S_{i,t}. A_i = R_i − mean R. S_{i,t} = g_{i,t} − mean of g over the turns of the group with the
/// same state key, g the reward-to-go with discount γ. With `scale: std` each part is divided by its own std + ε.
/// A state that was met once, or a turn without a state key, has nothing to be compared with: S = 0.
/// Feng et al. 2025, arXiv 2505.10978, equations 3 to 8. The released code weights the episode mean by turns, so long
/// episodes count more: `episode_weighting: turns`.
public struct GiGPO: CreditEstimator {
  /// Whether the two parts are divided by their standard deviation.
  public enum Scale: String, Sendable, CaseIterable {
    case none, std
  }

  /// What the mean return of a group is a mean over.
  public enum EpisodeWeighting: String, Sendable, CaseIterable {
    case trajectories, turns
  }

  public static let method = MethodDescription(
    name: "gigpo", summary: "The episode against its group, plus each turn against turns from the same state.",
    paper: "Feng et al. 2025, arXiv 2505.10978",
    options: [
      ("gamma", "0.95; discount per turn, 0 to 1"),
      ("omega", "1; weight of the turn part"),
      ("scale", "none; divide each part by its standard deviation (std) or not (none)"),
      ("episode_weighting", "trajectories; mean return over trajectories, or over turns as in the released code"),
    ])

  /// γ, per turn.
  public let discount: Double
  /// ω.
  public let turnWeight: Double
  public let scale: Scale
  public let episodeWeighting: EpisodeWeighting

  public init(options: inout JSONFields) throws(JSONError) {
    discount = try options.discount()
    turnWeight = try options.optionalDouble("omega") ?? 1
    scale = options.optional("scale") == nil ? .none : try options.rawValue("scale")
    episodeWeighting =
      options.optional("episode_weighting") == nil ? .trajectories : try options.rawValue("episode_weighting")
  }

  /// The method with its defaults, or other values.
  public init(
    discount: Double = 0.95, turnWeight: Double = 1, scale: Scale = .none,
    episodeWeighting: EpisodeWeighting = .trajectories
  ) {
    self.discount = discount
    self.turnWeight = turnWeight
    self.scale = scale
    self.episodeWeighting = episodeWeighting
  }

  public func advantages(for group: [CreditRecord]) -> [[Double]] {
    let returns = ComparisonSet(
      group.flatMap { record in
        Array(repeating: record.totalReturn, count: episodeWeighting == .turns ? record.turnRewards.count : 1)
      })
    let toGo = group.map { $0.rewardsToGo(discount: discount) }
    let states = comparisonSets(group, toGo)
    return zip(group, toGo).map { record, values in
      zip(values, record.stateKeys).map { value, key in
        let turnPart = key.flatMap { states[$0] }.map { scaled($0, value) } ?? 0
        return scaled(returns, record.totalReturn) + turnWeight * turnPart
      }
    }
  }

  private func scaled(_ set: ComparisonSet, _ value: Double) -> Double {
    scale == .std ? set.normalized(value) : set.centered(value)
  }

  private func comparisonSets(_ group: [CreditRecord], _ toGo: [[Double]]) -> [String: ComparisonSet] {
    var members: [String: [Double]] = [:]
    for (record, values) in zip(group, toGo) {
      for (key, value) in zip(record.stateKeys, values) {
        if let key { members[key, default: []].append(value) }
      }
    }
    return members.mapValues(ComparisonSet.init)
  }
}
