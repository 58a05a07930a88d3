import OrderedCollections

/// Named parts of a reward, in the order of the manifest. Their sum is the reward.
public typealias RewardComponents = OrderedDictionary<String, Double>

/// One policy generation and the environment's answer to it.
public struct Turn: Sendable, Equatable {
  /// From 0.
  public var index: Int
  /// Digest of the environment's state before the turn, where it has one.
  public var stateKey: String?
  /// The environment's own potential before the turn, in [0, 1], where it knows one.
  public var progress: Double?
  public var action: Action
  public var observation: Observation
  public var toolResults: [ToolResult]
  /// Reward for this turn alone.
  public var reward: Double
  public var rewardComponents: RewardComponents
  /// A recipe or the server took this turn out of the loss (for example after a failure that was not the policy's).
  public var isMasked: Bool
  /// ISO 8601, UTC.
  public var startedAt: String
  public var duration: Duration

  public init(
    index: Int, stateKey: String? = nil, progress: Double? = nil, action: Action, observation: Observation,
    toolResults: [ToolResult] = [], reward: Double, rewardComponents: RewardComponents = [:], isMasked: Bool = false,
    startedAt: String, duration: Duration
  ) {
    self.index = index
    self.stateKey = stateKey
    self.progress = progress
    self.action = action
    self.observation = observation
    self.toolResults = toolResults
    self.reward = reward
    self.rewardComponents = rewardComponents
    self.isMasked = isMasked
    self.startedAt = startedAt
    self.duration = duration
  }
}
