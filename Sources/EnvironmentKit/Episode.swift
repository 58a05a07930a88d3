import AgentCore

/// What rewards, oracles and progress measures may look at: the task and what has happened so far.
public struct Episode: Sendable {
  public let task: EnvironmentTask
  public let seed: Int
  public internal(set) var turns: [EpisodeTurn] = []
  /// The text of the turn that made no call, once there is one; nil where the episode ended without an answer.
  public internal(set) var answer: String?
  /// When the rewards of the current step have to be done at the latest.
  public internal(set) var scoringDeadline: ContinuousClock.Instant?

  public init(task: EnvironmentTask, seed: Int) {
    self.task = task
    self.seed = seed
  }
}

/// One action and what came of it.
public struct EpisodeTurn: Sendable {
  public let action: Action
  /// One per tool call, in the order of the calls.
  public let toolResults: [ToolResult]
  /// Calls that could not be run: malformed text, unknown tools, arguments that do not fit.
  public let invalidCalls: Int
  /// The answer to each malformed call.
  public let complaints: [String]
}
