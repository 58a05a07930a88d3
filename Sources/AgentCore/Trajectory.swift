import OrderedCollections

/// How an episode ended.
public enum Termination: String, Sendable, CaseIterable {
  case answered
  case maxTurns = "max_turns"
  case maxTokens = "max_tokens"
  case timeout
  case environmentError = "environment_error"
  case aborted
}

/// What an episode came to.
public struct Outcome: Sendable, Equatable {
  public var reward: Double
  public var rewardComponents: RewardComponents
  public var isSuccess: Bool
  public var termination: Termination

  public init(reward: Double, rewardComponents: RewardComponents, isSuccess: Bool, termination: Termination) {
    self.reward = reward
    self.rewardComponents = rewardComponents
    self.isSuccess = isSuccess
    self.termination = termination
  }
}

/// Which environment an episode ran in.
public struct EnvironmentReference: Sendable, Hashable {
  public var name: String
  public var version: String
  /// What was changed against its manifest, e.g. `{"digits":2}`; a replay needs it.
  public var options: JSONObject

  public init(name: String, version: String, options: JSONObject = [:]) {
    self.name = name
    self.version = version
    self.options = options
  }
}

/// Which policy acted.
public struct PolicyDescription: Sendable, Hashable {
  public var name: String
  /// Counts updates from 0.
  public var version: Int
  /// Digest of the weights.
  public var digest: String
  /// Sampling settings, e.g. `{"temperature":1.0}`.
  public var sampling: JSONObject

  public init(name: String, version: Int, digest: String, sampling: JSONObject) {
    self.name = name
    self.version = version
    self.digest = digest
    self.sampling = sampling
  }
}

/// The full record of an episode.
public struct Trajectory: Sendable, Equatable {
  public var id: String
  /// Trajectories of the same task, sampled by the same policy version, share one.
  public var groupID: String?
  public var environment: EnvironmentReference
  public var task: EnvironmentTask
  /// Seed of the session.
  public var seed: Int
  public var policy: PolicyDescription?
  /// What keeps the episode's code apart from the machine, where the environment runs any.
  public var isolation: Isolation?
  /// The conversation before the first turn.
  public var messages: [Message]
  /// The tokens before the first turn, where a local policy encoded them.
  public var prompt: EncodedTokens?
  public var turns: [Turn]
  /// nil while the episode is open.
  public var outcome: Outcome?

  public init(
    id: String, groupID: String? = nil, environment: EnvironmentReference, task: EnvironmentTask, seed: Int,
    policy: PolicyDescription? = nil, isolation: Isolation? = nil, messages: [Message], prompt: EncodedTokens? = nil,
    turns: [Turn] = [],
    outcome: Outcome? = nil
  ) {
    self.id = id
    self.groupID = groupID
    self.environment = environment
    self.task = task
    self.seed = seed
    self.policy = policy
    self.isolation = isolation
    self.messages = messages
    self.prompt = prompt
    self.turns = turns
    self.outcome = outcome
  }

  /// Outcome reward + Σ turn rewards, undiscounted.
  public var totalReturn: Double { turns.reduce(outcome?.reward ?? 0) { $0 + $1.reward } }

  /// The whole conversation: what came before, then each turn's action and observation.
  public var conversation: [Message] {
    messages + turns.flatMap { [$0.action.message] + $0.observation.messages }
  }
}
