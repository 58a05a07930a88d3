import AgentCore
import EnvironmentKit
import SessionEngine

/// Which episode to play, and where its randomness comes from.
public struct EpisodePlan: Sendable {
  /// The trajectory's id.
  public var id: String
  public var groupID: String?
  public var environment: EnvironmentDefinition
  public var task: SessionRequest.TaskChoice
  /// Seed of the session: the same for every member of a group.
  public var sessionSeed: Int
  /// Seed and coordinates of the sampling streams; the turn is appended.
  public var samplingSeed: Int
  public var coordinates: [Int]

  /// Plans an episode.
  public init(
    id: String, groupID: String? = nil, environment: EnvironmentDefinition, task: SessionRequest.TaskChoice,
    sessionSeed: Int, samplingSeed: Int, coordinates: [Int]
  ) {
    self.id = id
    self.groupID = groupID
    self.environment = environment
    self.task = task
    self.sessionSeed = sessionSeed
    self.samplingSeed = samplingSeed
    self.coordinates = coordinates
  }
}

/// How much a policy may write.
public struct EpisodeBudget: Sendable, Equatable {
  /// Most tokens that the policy may write in one turn.
  public var maxTurnTokens: Int
  /// Most tokens in the whole sequence, prompt and observations included.
  public var maxEpisodeTokens: Int

  /// Sets the limits.
  public init(maxTurnTokens: Int, maxEpisodeTokens: Int) {
    self.maxTurnTokens = maxTurnTokens
    self.maxEpisodeTokens = maxEpisodeTokens
  }
}

/// A broken promise of the rollout: a defect of this program, not of the policy.
public enum RolloutError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Invariant 1.
  case tokenPathBroken(trajectory: String, reason: String)
  case promptTooLong(trajectory: String, tokens: Int, limit: Int)
  /// Invariant 4.
  case promptsDiffer(group: String)

  public var description: String {
    switch self {
    case .tokenPathBroken(let id, let reason):
      "trajectory \(id): the recorded tokens are not the policy's: \(reason); please report this"
    case .promptTooLong(let id, let tokens, let limit):
      "trajectory \(id): the prompt has \(tokens) tokens, the episode may have \(limit): raise max_episode_tokens"
    case .promptsDiffer(let id):
      "group \(id): its members were given different prompts: the environment is not deterministic for one seed"
    }
  }
}
