/// The two parts of a training run, in their order. Each counts its own steps.
public enum RunPhase: String, Sendable, CaseIterable, Comparable {
  /// Imitation of recorded episodes.
  case warmup
  /// Reinforcement learning.
  case train

  public static func < (first: RunPhase, second: RunPhase) -> Bool { first == .warmup && second == .train }
}
