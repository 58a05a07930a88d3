import AgentCore
import EnvironmentKit
import Rollouts
import SessionEngine
import TrajectoryStore

/// Plays held-out tasks with a policy and sums up, outside of a training run.
public struct Evaluation: Sendable {
  private let collector: RolloutCollector
  private let split: Split
  private let episodes: Int
  private let sampling: SamplingSettings
  private let policy: LoadedPolicy

  /// - Parameters:
  ///   - episodes: how many tasks of the split, from the first on; a split with fewer is played once.
  ///   - storePath: where to record the episodes; nil records nothing.
  public init(
    policy: LoadedPolicy, environment: EnvironmentDefinition, split: Split, episodes: Int, seed: Int,
    temperature: Double, maxTurnTokens: Int, storePath: String?
  ) throws {
    let store = try storePath.map { try TrajectoryStore(path: $0) }
    self.policy = policy
    self.split = split
    self.episodes = episodes
    sampling = SamplingSettings(temperature: Float(temperature))
    let suffix = storePath == nil ? "" : "-\(Timestamp.now())"
    collector = RolloutCollector(
      policy: policy, sessions: SessionEngine(store: store, limits: SessionLimits(maxSessions: Int.max)),
      environment: environment,
      budget: EpisodeBudget(
        maxTurnTokens: maxTurnTokens, maxEpisodeTokens: policy.engine.configuration.contextLength),
      taskOrder: TaskOrder(count: nil, seed: seed), seed: seed, idSuffix: suffix)
  }

  /// Plays the episodes.
  public func run() async throws -> EvaluationResult {
    let description = PolicyDescription(
      name: policy.name, version: 0, digest: await policy.engine.digest, sampling: sampling.json)
    return EvaluationResult(
      try await collector.evaluation(
        label: "eval-\(split.rawValue)", split: split, count: episodes, sampling: sampling, description: description))
  }
}
