import AgentCore
import EnvironmentKit

/// What a session is opened with.
public struct SessionRequest: Sendable {
  /// Which task.
  public enum TaskChoice: Sendable {
    /// The task of that index in a split.
    case index(Split, Int)
    /// A whole task, e.g. a recorded one.
    case task(EnvironmentTask)
  }

  public var environment: EnvironmentDefinition
  public var task: TaskChoice
  public var seed: Int
  /// The trajectory's id; a random one if nil. Give ids to make two runs write the same records.
  public var id: String?
  public var groupID: String?
  public var policy: PolicyDescription?
  /// Whether the episode is written to the engine's store, where it has one.
  public var isRecorded: Bool

  public init(
    environment: EnvironmentDefinition, task: TaskChoice, seed: Int, id: String? = nil, groupID: String? = nil,
    policy: PolicyDescription? = nil, isRecorded: Bool = true
  ) {
    self.environment = environment
    self.task = task
    self.seed = seed
    self.id = id
    self.groupID = groupID
    self.policy = policy
    self.isRecorded = isRecorded
  }
}

/// The environment's answer to one action, as the client sees it.
public struct StepResult: Sendable {
  /// From 0.
  public var turn: Int
  public var observation: Observation
  public var toolResults: [ToolResult]
  public var reward: Double
  public var rewardComponents: RewardComponents
  /// Present exactly when the episode is over.
  public var outcome: Outcome?

  public var isDone: Bool { outcome != nil }
}

/// What bounds an engine.
public struct SessionLimits: Sendable, Hashable {
  public var maxSessions = 256
  /// How much longer than `EpisodeLimits.turnTimeout` an environment is waited for. Tool calls end at the timeout itself,
  /// so that the policy sees a tool that hangs as an observation; only an environment that hangs ends the episode.
  public var grace = Duration.seconds(1)

  public init(maxSessions: Int = 256) {
    self.maxSessions = maxSessions
  }
}
