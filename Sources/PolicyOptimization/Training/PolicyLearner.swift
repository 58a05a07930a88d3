import AgentCore
import LanguageModel
import Rollouts

/// What an update did.
public struct UpdateStatistics: Sendable {
  public var loss = 0.0
  public var gradientNorm = 0.0
  /// Mean entropy of the policy at its sampled tokens, in nats.
  public var entropy = 0.0
  /// Part of the trained tokens whose gradient the clip took.
  public var clipFraction = 0.0
  /// Sampled estimate of KL(behaviour ‖ policy) per token before the update.
  public var divergence = 0.0
  /// Largest |log-probability in rollout − in training| on the weights that sampled; 0 when one kernel gives one number.
  public var maxLogprobGap = 0.0
  /// Policy tokens that the loss was averaged over.
  public var policyTokens = 0
  /// Tokens that went through a forward and backward pass.
  public var computedTokens = 0
}

/// Changes a policy's weights. It lives on the policy's compute thread, and holds gradients and optimizer state.
public actor PolicyLearner {
  private let policy: LocalPolicy
  public nonisolated var unownedExecutor: UnownedSerialExecutor { policy.unownedExecutor }

  private let settings: OptimizerSettings
  private let microbatchTokens: Int
  private var state: LearnerState?
  /// Counts updates from 0.
  public private(set) var version = 0

  /// A learner of one policy.
  public init(policy: LocalPolicy, optimizer: OptimizerSettings, microbatchTokens: Int) {
    self.policy = policy
    settings = optimizer
    self.microbatchTokens = microbatchTokens
  }

  private var model: Transformer { policy.model() }

  /// Digest of the weights as they are.
  public var digest: String { model.parameters.digest }

  /// Forgets the optimizer's moments, as between warm-up and reinforcement learning.
  public func resetOptimizer() { state = nil }

  // MARK: Reinforcement learning

  /// One update on episodes with advantages.
  ///
  /// - Parameters:
  ///   - temperature: the sampling temperature of the episodes; their log-probabilities are taken at it.
  ///   - checksLogprobs: the weights are the ones that sampled, so log-probabilities must agree.
  /// - Throws: `TrainingError` if a number is not finite; the weights are unchanged then.
  public func update(
    _ episodes: [TrainingEpisode], objective: PolicyObjective, learningRate: Double, temperature: Double,
    checksLogprobs: Bool
  ) throws -> UpdateStatistics {
    let extent = BatchExtent(episodes)
    var statistics = UpdateStatistics()
    statistics.policyTokens = extent.policyTokens
    // Episodes without any signal would add exactly nothing: they count in the extent and are not computed.
    let computed = episodes.filter { $0.hasSignal(entropyBonus: objective.entropyCoefficient != 0) }
    guard !computed.isEmpty else { return statistics }
    let state = preparedState()
    state.gradients.zero()
    var totals = UpdateTotals()
    for pack in packed(computed, limit: microbatchTokens, tokens: { $0.sequence.tokens.ids }) {
      try accumulate(
        pack, objective: objective, temperature: temperature, extent: extent, into: state.gradients, totals: &totals)
    }
    totals.finish(&statistics, checksLogprobs: checksLogprobs)
    statistics.gradientNorm = try apply(state, learningRate: learningRate, loss: statistics.loss)
    return statistics
  }

  private func accumulate(
    _ pack: [TrainingEpisode], objective: PolicyObjective, temperature: Double, extent: BatchExtent,
    into gradients: ParameterBuffer, totals: inout UpdateTotals
  ) throws {
    let batch = TrainingBatch(
      sequences: pack.map { episode in
        TrainingSequence(
          tokens: episode.sequence.tokens.ids,
          scored: episode.trainedTurns.flatMap { Array(episode.sequence.turnRanges[$0]) })
      },
      temperature: Float(temperature))
    let scores = try model.scoreForTraining(batch)
    var logprobGradients: [[Float]] = []
    var entropyGradients: [[Float]] = []
    for (index, episode) in pack.enumerated() {
      let turns = episode.trainedTurns
      let counts = turns.map { episode.sequence.turnRanges[$0].count }
      let entropies = split(scores.entropies[index], counts)
      let likelihood = EpisodeLikelihood(
        logprobs: split(scores.logprobs[index], counts),
        behaviorLogprobs: turns.map { episode.sequence.behaviorLogprobs[$0] },
        advantages: turns.map { episode.advantages[$0] })
      let loss = objective.evaluate(likelihood, entropies: entropies, in: extent)
      totals.add(loss, likelihood, entropies: scores.entropies[index])
      totals.computedTokens += episode.sequence.tokens.ids.count
      logprobGradients.append(loss.logprobGradients.flatMap(\.self))
      if let gradients = loss.entropyGradients { entropyGradients.append(gradients.flatMap(\.self)) }
    }
    model.accumulateGradients(
      TokenGradients(logprobs: logprobGradients, entropies: entropyGradients.isEmpty ? nil : entropyGradients),
      into: gradients)
  }

  // MARK: Supervised learning

  /// One update towards demonstrated tokens: minus their mean log-probability. Returns the loss before the update.
  public func imitate(_ demonstrations: [TokenSequence], learningRate: Double) throws -> UpdateStatistics {
    var statistics = UpdateStatistics()
    statistics.policyTokens = demonstrations.reduce(0) { $0 + $1.turnRanges.reduce(0) { $0 + $1.count } }
    guard statistics.policyTokens > 0 else { return statistics }
    let weight = 1 / Double(statistics.policyTokens)
    let state = preparedState()
    state.gradients.zero()
    for pack in packed(demonstrations, limit: microbatchTokens, tokens: { $0.tokens.ids }) {
      let sequences = pack.map { sequence in
        TrainingSequence(tokens: sequence.tokens.ids, scored: sequence.turnRanges.flatMap(Array.init))
      }
      let scores = try model.scoreForTraining(TrainingBatch(sequences: sequences, temperature: 1))
      for logprobs in scores.logprobs { statistics.loss -= weight * logprobs.reduce(0) { $0 + Double($1) } }
      let gradients = scores.logprobs.map { [Float](repeating: Float(-weight), count: $0.count) }
      model.accumulateGradients(TokenGradients(logprobs: gradients, entropies: nil), into: state.gradients)
      statistics.computedTokens += pack.reduce(0) { $0 + $1.tokens.ids.count }
    }
    statistics.gradientNorm = try apply(state, learningRate: learningRate, loss: statistics.loss)
    return statistics
  }

  // MARK: The step

  private func preparedState() -> LearnerState {
    if let state { return state }
    let fresh = LearnerState(model: model, settings: settings)
    state = fresh
    return fresh
  }

  /// Clips the gradient, moves the weights, and repacks them for the kernels. Returns the norm before clipping.
  private func apply(_ state: LearnerState, learningRate: Double, loss: Double) throws -> Double {
    let norm = state.gradients.globalNorm(threads: model.threads)
    guard loss.isFinite, norm.isFinite else { throw TrainingError.notFinite(loss: loss, gradientNorm: norm) }
    let scale =
      settings.gradientClip > 0 ? ParameterBuffer.clippingFactor(norm: norm, limit: settings.gradientClip) : 1
    state.optimizer.step(
      parameters: model.parameters, gradients: state.gradients, learningRate: Float(learningRate),
      gradientScale: scale)
    model.parametersChanged()
    version += 1
    return norm
  }

  private func split(_ values: [Float], _ counts: [Int]) -> [[Float]] {
    var start = 0
    return counts.map { count in
      defer { start += count }
      return Array(values[start..<start + count])
    }
  }

  // MARK: Checkpoints

  /// Hands weights and optimizer state to `body`, on the compute thread.
  func withState<Result: Sendable>(
    _ body: (Transformer, AdamW?) throws -> Result
  ) rethrows -> Result {
    try body(model, state?.optimizer)
  }

  /// Sets weights, optimizer state and version as a checkpoint recorded them.
  func restore(version: Int, _ body: (Transformer, AdamW) throws -> Void) throws {
    try body(model, preparedState().optimizer)
    model.parametersChanged()
    self.version = version
  }
}

/// Gradients and the optimizer's moments.
private final class LearnerState {
  let gradients: ParameterBuffer
  let optimizer: AdamW

  init(model: Transformer, settings: OptimizerSettings) {
    gradients = ParameterBuffer(like: model.parameters)
    var constants = AdamW.Parameters()
    constants.beta1 = Float(settings.beta1)
    constants.beta2 = Float(settings.beta2)
    constants.epsilon = Float(settings.epsilon)
    constants.weightDecay = Float(settings.weightDecay)
    optimizer = AdamW(for: model.parameters, constants: constants, threads: model.threads)
  }
}

/// Sums over the episodes of an update.
private struct UpdateTotals {
  var loss = 0.0
  var clipped = 0
  var divergence = 0.0
  var entropy = 0.0
  var tokens = 0
  var gap = 0.0
  var computedTokens = 0

  mutating func add(_ loss: EpisodeLoss, _ likelihood: EpisodeLikelihood, entropies: [Float]) {
    self.loss += loss.loss
    clipped += loss.clippedTokens
    divergence += loss.divergenceSum
    entropy += entropies.reduce(0) { $0 + Double($1) }
    tokens += entropies.count
    for (new, old) in zip(likelihood.logprobs.joined(), likelihood.behaviorLogprobs.joined()) {
      gap = max(gap, abs(Double(new) - Double(old)))
    }
  }

  func finish(_ statistics: inout UpdateStatistics, checksLogprobs: Bool) {
    let count = Double(max(tokens, 1))
    statistics.loss = loss
    statistics.clipFraction = Double(clipped) / count
    statistics.divergence = divergence / count
    statistics.entropy = entropy / count
    statistics.maxLogprobGap = checksLogprobs ? gap : 0
    statistics.computedTokens = computedTokens
  }
}
