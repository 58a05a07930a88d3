/// Why a run cannot start or go on.
public enum TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Nothing was overwritten: the last checkpoint is good.
  case notFinite(loss: Double, gradientNorm: Double)
  case brokenGroup(String, reason: String)
  /// Rollout and training do not agree on the same weights.
  case logprobGap(Double, step: Int)
  case noOracle(environment: String)
  /// An oracle's episode that the policy is not allowed to be as long as.
  case demonstrationTooLong(String, tokens: Int, limit: Int)
  case runExists(String)
  case noRun(String)
  case badCheckpoint(String, reason: String)
  case contextTooShort(policy: Int, needed: Int)
  case everyEpisodeFailed(step: Int, reason: String)

  public var description: String {
    switch self {
    case .notFinite(let loss, let norm):
      "training diverged: loss \(loss), gradient norm \(norm); the weights were not changed. Lower the learning rate"
        + " and resume from the last checkpoint"
    case .brokenGroup(let id, let reason): "group \(id) is not a group: \(reason)"
    case .logprobGap(let gap, let step):
      "step \(step): log-probabilities of rollout and training differ by \(gap) on the same weights; please report this"
    case .noOracle(let name):
      "environment \(name) has no oracle to record warm-up episodes: remove `warmup` from the recipe"
    case .demonstrationTooLong(let id, let tokens, let limit):
      "the oracle's episode \(id) has \(tokens) tokens, an episode may have \(limit): raise rollout.max_episode_tokens"
    case .runExists(let folder):
      "\(folder) already holds a run: choose another folder with --output, or continue it with --resume \(folder)"
    case .noRun(let folder):
      "\(folder) holds no run (no recipe.yaml): start one with: agentrl train RECIPE --output \(folder)"
    case .badCheckpoint(let path, let reason): "checkpoint \(path) cannot be used: \(reason)"
    case .contextTooShort(let policy, let needed):
      "the policy's context is \(policy) tokens, but rollout.max_episode_tokens asks for \(needed)"
    case .everyEpisodeFailed(let step, let reason):
      "step \(step): every episode was lost to an error that is not the policy's: \(reason)"
    }
  }
}
