import AgentCore

/// Decides how much credit each turn deserves.
///
/// An estimator is a pure function of a group: trajectories of the same task, sampled by the same policy version.
/// It gives one advantage a turn, which every policy token of the turn then carries.
public protocol CreditEstimator: Sendable {
  /// Name, paper and options, as `agentrl methods` lists them.
  static var method: MethodDescription { get }

  /// Reads the method's options; what is absent takes its documented default.
  /// - Throws: `JSONError.value` for a value of the wrong kind.
  init(options: inout JSONFields) throws(JSONError)

  /// - Parameter group: finished episodes, in any order.
  /// - Returns: for each trajectory, in order, one finite advantage per turn.
  func advantages(for group: [CreditRecord]) -> [[Double]]
}

/// What a method is called, where it comes from and what can be set.
public struct MethodDescription: Sendable {
  public let name: String
  /// What it does, in one sentence.
  public let summary: String
  /// Authors, year and arXiv id.
  public let paper: String
  /// Option names with default and meaning.
  public let options: [(name: String, meaning: String)]

  /// Describes a method.
  public init(name: String, summary: String, paper: String, options: [(name: String, meaning: String)] = []) {
    self.name = name
    self.summary = summary
    self.paper = paper
    self.options = options
  }
}

/// The rewards of one finished episode: all that a credit estimator may look at.
public struct CreditRecord: Sendable, Equatable {
  /// r_t, the reward of each turn alone.
  public var turnRewards: [Double]
  /// o, the reward of the whole episode.
  public var outcomeReward: Double
  /// The environment's state before each turn, where it has a key.
  public var stateKeys: [String?]

  /// Describes an episode by its numbers.
  public init(turnRewards: [Double], outcomeReward: Double, stateKeys: [String?]? = nil) {
    self.turnRewards = turnRewards
    self.outcomeReward = outcomeReward
    self.stateKeys = stateKeys ?? Array(repeating: nil, count: turnRewards.count)
  }

  /// - Throws: `CreditError.unfinished` for an episode without an outcome.
  public init(_ trajectory: Trajectory) throws(CreditError) {
    guard let outcome = trajectory.outcome else { throw .unfinished(trajectory.id) }
    self.init(
      turnRewards: trajectory.turns.map(\.reward), outcomeReward: outcome.reward,
      stateKeys: trajectory.turns.map(\.stateKey))
  }

  /// R = o + Σ r_t.
  public var totalReturn: Double { turnRewards.reduce(outcomeReward, +) }

  /// g_t = Σ_{k≥t} γ^{k−t} r_k + γ^{T−1−t} o, for each turn t.
  public func rewardsToGo(discount: Double) -> [Double] {
    var result = [Double](repeating: 0, count: turnRewards.count)
    var following = outcomeReward
    for turn in turnRewards.indices.reversed() {
      following = turnRewards[turn] + (turn == turnRewards.count - 1 ? following : discount * following)
      result[turn] = following
    }
    return result
  }
}

/// Why no credit can be given.
public enum CreditError: Error, Sendable, Equatable, CustomStringConvertible {
  case unfinished(String)
  case unknownEstimator(String, suggestion: String?)

  public var description: String {
    switch self {
    case .unfinished(let id): "trajectory \(id) has no outcome: only finished episodes can be given credit"
    case .unknownEstimator(let name, let suggestion):
      "there is no estimator `\(name)`"
        + (suggestion.map { "; did you mean `\($0)`?" } ?? "; `agentrl methods` lists them")
    }
  }
}
