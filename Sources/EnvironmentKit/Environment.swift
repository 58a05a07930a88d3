import AgentCore
import OrderedCollections

/// One session's live state.
///
/// A conformer is told its task once (`reset`) and then answers actions until one of its steps carries an outcome. It
/// never sees two steps at once. What goes wrong because of the policy (a malformed call, a tool that fails) is an
/// observation; an error that is thrown means that the environment itself broke, and ends the episode with
/// `environment_error`.
public protocol Environment: Actor {
  /// Starts an episode. The same task and seed give the same episode under the same actions.
  func reset(_ task: EnvironmentTask, seed: Int) async throws -> EnvironmentOpening

  /// Answers one action. After `deadline` nobody waits for the answer.
  func step(_ action: Action, deadline: ContinuousClock.Instant) async throws -> EnvironmentStep

  /// What a scripted expert would do now; nil where the environment has none.
  func oracle() async throws -> Action?

  /// Frees what the session held: interpreters, connections. Called once, when the session has ended for whatever reason;
  /// a step that was abandoned at its deadline may still be running.
  func close() async
}

extension Environment {
  public func oracle() async throws -> Action? { nil }
  public func close() async {}
}

/// Where an episode stands before a turn.
public struct EnvironmentState: Sendable, Hashable {
  /// Digest of everything that can make the environment answer differently; equal keys mean the same state.
  public var stateKey: String?
  /// The environment's own potential Φ(s) in [0, 1].
  public var progress: Double?

  public init(stateKey: String? = nil, progress: Double? = nil) {
    self.stateKey = stateKey
    self.progress = progress
  }
}

/// What a policy is given before its first turn.
public struct EnvironmentOpening: Sendable {
  public var messages: [Message]
  public var tools: [ToolSchema]
  public var state: EnvironmentState
  /// What keeps the episode's code apart from the machine; nil if it runs none.
  public var isolation: Isolation?

  public init(
    messages: [Message], tools: [ToolSchema], state: EnvironmentState = EnvironmentState(), isolation: Isolation? = nil
  ) {
    self.messages = messages
    self.tools = tools
    self.state = state
    self.isolation = isolation
  }
}

/// The environment's answer to one action.
public struct EnvironmentStep: Sendable {
  /// What the policy is shown.
  public var messages: [Message]
  public var toolResults: [ToolResult]
  /// The turn's reward by component, weights applied; the sum is the turn's reward.
  public var rewardComponents: RewardComponents
  /// Where the episode stands after the turn.
  public var state: EnvironmentState
  /// Present exactly when the episode is over.
  public var outcome: Outcome?

  public init(
    messages: [Message] = [], toolResults: [ToolResult] = [], rewardComponents: RewardComponents = [:],
    state: EnvironmentState = EnvironmentState(), outcome: Outcome? = nil
  ) {
    self.messages = messages
    self.toolResults = toolResults
    self.rewardComponents = rewardComponents
    self.state = state
    self.outcome = outcome
  }

  public var reward: Double { rewardComponents.values.reduce(0, +) }
}

/// What bounds an episode.
public struct EpisodeLimits: Sendable, Hashable {
  public var maxTurns = 6
  /// For the whole answer to one action, its tool calls included.
  public var turnTimeout = Duration.seconds(10)
  /// Unicode scalars of each observed message.
  public var maxObservationCharacters = 2000
  /// Calls of one action that are run; further ones are denied.
  public var maxToolCallsPerTurn = 16

  public init() {}
}
