import Foundation

/// Over which tokens the importance ratio π/π_old is taken.
public enum RatioLevel: String, Sendable, CaseIterable {
  /// Each token's own ratio (PPO). Schulman et al. 2017, arXiv 1707.06347.
  case token
  /// The geometric mean over the turn's tokens.
  case turn
  /// The geometric mean over the episode's policy tokens (GSPO). Zheng et al. 2025, arXiv 2507.18071, in its token
  /// form, which lets turns have different advantages.
  case sequence
}

/// How a batch of token losses becomes one number.
public enum Aggregation: String, Sendable, CaseIterable {
  /// Mean over all policy tokens of the batch (DAPO).
  case token
  /// Mean over the tokens of each turn, then over turns.
  case turn
  /// Mean over the tokens of each episode, then over episodes (GRPO).
  case sequence
  /// Sum over tokens divided by episodes × a constant length (Dr. GRPO).
  case constant
}

/// The loss of a policy update, as a composition: ratio level × clipping × aggregation, plus an entropy bonus.
///
/// L = −Σ_t w_t·min(ρ_t A_t, clip(ρ_t, 1−ε_low, 1+ε_high) A_t) − c_H Σ_t w_t H_t, the sum over policy tokens, w_t from
/// the aggregation. At turn and sequence level ρ_t has the value of the mean ratio and the gradient of the token's own
/// log-probability (GSPO's token form), so that every token keeps its turn's advantage.
public struct PolicyObjective: Sendable, Equatable {
  public var ratioLevel: RatioLevel
  /// ε_low; nil clips nothing on that side.
  public var clipLow: Double?
  /// ε_high; larger than ε_low is DAPO's clip-higher (Yu et al. 2025, arXiv 2503.14476).
  public var clipHigh: Double?
  public var aggregation: Aggregation
  /// For `aggregation: constant`: the tokens that an episode counts as.
  public var constantLength: Int
  public var entropyCoefficient: Double

  /// Describes an objective; the defaults are PPO's clip at 0.2 with DAPO's token mean.
  public init(
    ratioLevel: RatioLevel = .token, clipLow: Double? = 0.2, clipHigh: Double? = 0.2,
    aggregation: Aggregation = .token, constantLength: Int = 1024, entropyCoefficient: Double = 0
  ) {
    self.ratioLevel = ratioLevel
    self.clipLow = clipLow
    self.clipHigh = clipHigh
    self.aggregation = aggregation
    self.constantLength = constantLength
    self.entropyCoefficient = entropyCoefficient
  }
}

/// How much there is in the batch that an update is made from; the denominators of the aggregation.
public struct BatchExtent: Sendable, Equatable {
  public var episodes = 0
  public var turns = 0
  public var policyTokens = 0

  /// An empty batch.
  public init() {}

  /// Adds one episode with so many policy tokens in each of its turns.
  public mutating func add(turnTokenCounts: [Int]) {
    episodes += 1
    turns += turnTokenCounts.filter { $0 > 0 }.count
    policyTokens += turnTokenCounts.reduce(0, +)
  }
}

/// One episode's policy tokens, turn by turn, as the objective sees them.
public struct EpisodeLikelihood: Sendable {
  /// log π of the version being trained.
  public var logprobs: [[Float]]
  /// log π of the version that sampled.
  public var behaviorLogprobs: [[Float]]
  /// One per turn.
  public var advantages: [Double]

  /// Puts an episode together; the three must agree in turns and tokens.
  public init(logprobs: [[Float]], behaviorLogprobs: [[Float]], advantages: [Double]) {
    precondition(
      logprobs.map(\.count) == behaviorLogprobs.map(\.count) && advantages.count == logprobs.count,
      "log-probabilities, behaviour log-probabilities and advantages disagree in shape")
    self.logprobs = logprobs
    self.behaviorLogprobs = behaviorLogprobs
    self.advantages = advantages
  }
}

/// What one episode adds to the loss, and how the loss changes with each log-probability and entropy.
public struct EpisodeLoss: Sendable {
  public var loss = 0.0
  /// dL/d log π of each policy token, turn by turn.
  public var logprobGradients: [[Float]] = []
  /// dL/dH of each policy token, turn by turn; nil without an entropy bonus.
  public var entropyGradients: [[Float]]?
  /// Tokens whose gradient the clip took.
  public var clippedTokens = 0
  /// Σ over tokens of log π_old − log π, the sampled estimate of KL(old ‖ new) times the token count.
  public var divergenceSum = 0.0
}

extension PolicyObjective {
  /// The loss of one episode within a batch of the given extent.
  public func evaluate(
    _ episode: EpisodeLikelihood, entropies: [[Float]]? = nil, in extent: BatchExtent
  ) -> EpisodeLoss {
    var result = EpisodeLoss()
    let turnCounts = episode.logprobs.map(\.count)
    let differences = zip(episode.logprobs, episode.behaviorLogprobs).map { new, old in
      zip(new, old).map { Double($0) - Double($1) }
    }
    let episodeMean = mean(differences.flatMap(\.self))
    if entropyCoefficient != 0 { result.entropyGradients = [] }
    for turn in turnCounts.indices {
      let turnMean = mean(differences[turn])
      let weight = tokenWeight(turnTokens: turnCounts[turn], episodeTokens: turnCounts.reduce(0, +), in: extent)
      var gradients: [Float] = []
      gradients.reserveCapacity(turnCounts[turn])
      for difference in differences[turn] {
        let logRatio =
          switch ratioLevel {
          case .token: difference
          case .turn: turnMean
          case .sequence: episodeMean
          }
        let term = clippedTerm(logRatio: logRatio, advantage: episode.advantages[turn])
        result.loss -= weight * term.value
        result.clippedTokens += term.isClipped ? 1 : 0
        result.divergenceSum -= difference
        gradients.append(Float(-weight * term.slope))
      }
      result.logprobGradients.append(gradients)
      if entropyCoefficient != 0 {
        result.entropyGradients?.append(
          Array(repeating: Float(-weight * entropyCoefficient), count: turnCounts[turn]))
        if let entropies {
          result.loss -= weight * entropyCoefficient * entropies[turn].reduce(0) { $0 + Double($1) }
        }
      }
    }
    return result
  }

  /// min(ρA, clip(ρ)A) and its derivative with respect to log π.
  private func clippedTerm(logRatio: Double, advantage: Double) -> (value: Double, slope: Double, isClipped: Bool) {
    // A ratio beyond e^20 carries no information and would overflow; the clip takes it anyway.
    let ratio = exp(min(max(logRatio, -20), 20))
    if let clipHigh, advantage > 0, ratio > 1 + clipHigh { return ((1 + clipHigh) * advantage, 0, true) }
    if let clipLow, advantage < 0, ratio < 1 - clipLow { return ((1 - clipLow) * advantage, 0, true) }
    return (ratio * advantage, ratio * advantage, false)
  }

  private func tokenWeight(turnTokens: Int, episodeTokens: Int, in extent: BatchExtent) -> Double {
    switch aggregation {
    case .token: 1 / Double(max(extent.policyTokens, 1))
    case .turn: 1 / Double(max(extent.turns, 1) * max(turnTokens, 1))
    case .sequence: 1 / Double(max(extent.episodes, 1) * max(episodeTokens, 1))
    case .constant: 1 / Double(max(extent.episodes, 1) * constantLength)
    }
  }

  private func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }
}
