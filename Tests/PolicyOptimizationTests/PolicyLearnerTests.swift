import AgentCore
import Rollouts
import Testing

@testable import PolicyOptimization

@Suite struct PolicyLearnerTests {
  /// The digest of the weights after one update, from the same weights each time, and what the update said.
  private func updated(
    microbatchTokens: Int = 4096, threads: Int = 1, objective: PolicyObjective = PolicyObjective(),
    learningRate: Double = 0.001, _ episodes: (HandMadeEpisodes) async throws -> [TrainingEpisode]
  ) async throws -> (digest: String, statistics: UpdateStatistics) {
    let made = try HandMadeEpisodes(threads: threads)
    let learner = made.learner(microbatchTokens: microbatchTokens)
    let statistics = try await learner.update(
      try await episodes(made), objective: objective, learningRate: learningRate)
    return (await learner.digest, statistics)
  }

  private func initialDigest() async throws -> String { await (try HandMadeEpisodes()).policy.engine.digest }

  @Test("on the weights that sampled, the loss is minus the mean advantage and the gap is nothing")
  func onPolicy() async throws {
    let (digest, statistics) = try await updated { [try await $0.twoTurns(0.7, -1.2)] }
    let mean: Double = (5 * 0.7 - 4 * 1.2) / 9
    #expect(abs(statistics.loss + mean) < 1e-12)
    #expect(statistics.policyTokens == 9)
    #expect(statistics.computedTokens == 22)
    #expect(statistics.maxLogprobGap == 0)
    #expect(statistics.divergence == 0)
    #expect(statistics.gradientNorm > 0)
    #expect(try await digest != initialDigest())
  }

  @Test("log-probabilities that the weights do not give show in the gap")
  func gap() async throws {
    let (_, statistics) = try await updated { made in
      [
        try await made.episode(
          prompt: HandMadeEpisodes.ids(5, seed: 1),
          [.init(ids: HandMadeEpisodes.ids(4, seed: 2), advantage: 1)], shift: 0.25)
      ]
    }
    #expect(abs(statistics.maxLogprobGap - 0.25) < 1e-6)
    #expect(abs(statistics.divergence - 0.25) < 1e-6)
  }

  @Test("advantages of zero and a learning rate of zero leave the weights as they are, bit for bit")
  func nothingToLearn() async throws {
    let initial = try await initialDigest()
    let (untaught, statistics) = try await updated {
      [try await $0.twoTurns(0, 0), try await $0.twoTurns(seed: 2, 0, 0)]
    }
    #expect(untaught == initial)
    #expect(statistics.policyTokens == 18)
    #expect(statistics.computedTokens == 0)
    let (still, computed) = try await updated(learningRate: 0) { [try await $0.twoTurns(1, -1)] }
    #expect(still == initial)
    #expect(computed.gradientNorm > 0)
    #expect(try await updated { _ in [] }.digest == initial)
  }

  @Test("an advantage moves the log-probability of its tokens its own way", arguments: [1.0, -1.0])
  func direction(advantage: Double) async throws {
    let made = try HandMadeEpisodes()
    let episode = try await made.twoTurns(advantage, 0)
    let learner = made.learner()
    let before = try await made.policy.engine.logprobs(of: episode.sequence.tokens.ids)
    for _ in 0..<3 { _ = try await learner.update([episode], objective: PolicyObjective(clipLow: nil, clipHigh: nil)) }
    let after = try await made.policy.engine.logprobs(of: episode.sequence.tokens.ids)
    for place in episode.sequence.turnRanges[0] {
      #expect((Double(after[place - 1]) - Double(before[place - 1])) * advantage > 0)
    }
    #expect(await learner.version == 3)
  }

  @Test("a masked turn has no part in the update: its advantage can be anything")
  func maskedTurn() async throws {
    let masked = try await updated { [try await $0.twoTurns(1, 0.5, secondIsMasked: true)] }
    let other = try await updated { [try await $0.twoTurns(1, -9, secondIsMasked: true)] }
    #expect(masked.digest == other.digest)
    #expect(masked.statistics.policyTokens == 5)
    #expect(abs(masked.statistics.loss + 1) < 1e-12)
    #expect(try await updated { [try await $0.twoTurns(1, 0.5)] }.digest != masked.digest)
    let allMasked = try await updated { [try await $0.twoTurns(0, 1, secondIsMasked: true)] }
    #expect(try await allMasked.digest == initialDigest())
  }

  @Test("tokens that the policy did not write are not learned: their likelihood is no part of the loss")
  func otherTokens() async throws {
    // What follows the last sampled token cannot change what came before it.
    let plain = try await updated { [try await $0.twoTurns(1, -0.5)] }
    let trailed = try await updated {
      [try await $0.twoTurns(1, -0.5, trailing: HandMadeEpisodes.ids(9, seed: 77))]
    }
    #expect(trailed.statistics.loss == plain.statistics.loss)
    #expect(trailed.statistics.policyTokens == plain.statistics.policyTokens)
    // Rows without gradient add zeros, which may regroup a sum of single-precision products.
    #expect(abs(trailed.statistics.gradientNorm / plain.statistics.gradientNorm - 1) < 1e-5)
  }

  @Test("microbatches add up: the same loss and the same gradient, to the order of single-precision sums")
  func microbatches() async throws {
    func episodes(_ made: HandMadeEpisodes) async throws -> [TrainingEpisode] {
      var result: [TrainingEpisode] = []
      for seed in 0..<6 { result.append(try await made.twoTurns(seed: 10 * seed, Double(seed) - 2.5, 0.3)) }
      return result
    }
    let whole = try await updated(episodes)
    for limit in [1, 45, 70] {
      let parts = try await updated(microbatchTokens: limit, episodes)
      #expect(parts.statistics.loss == whole.statistics.loss)
      #expect(parts.statistics.entropy == whole.statistics.entropy)
      #expect(parts.statistics.computedTokens == whole.statistics.computedTokens)
      #expect(parts.statistics.maxLogprobGap == 0)
      // 6 episodes of 22 tokens: a few hundred additions, each off by at most 2⁻²⁴ of the running sum.
      #expect(abs(parts.statistics.gradientNorm / whole.statistics.gradientNorm - 1) < 1e-5)
    }
  }

  @Test("an update has the same bits on one thread and on two")
  func threads() async throws {
    func episodes(_ made: HandMadeEpisodes) async throws -> [TrainingEpisode] {
      [try await made.twoTurns(seed: 1, 1, -1), try await made.twoTurns(seed: 2, -0.5, 2)]
    }
    #expect(try await updated(threads: 1, episodes).digest == updated(threads: 2, episodes).digest)
  }

  @Test("an entropy bonus makes the policy less sure, a malus more", arguments: [1.0, -1.0])
  func entropyBonus(coefficient: Double) async throws {
    let made = try HandMadeEpisodes()
    let learner = made.learner()
    let episode = try await made.twoTurns(0, 0)
    let objective = PolicyObjective(entropyCoefficient: coefficient)
    var entropies: [Double] = []
    for _ in 0..<4 { entropies.append(try await learner.update([episode], objective: objective).entropy) }
    for (one, next) in zip(entropies, entropies.dropFirst()) { #expect((next - one) * coefficient > 0) }
  }

  @Test("weights that are not numbers stop the update before it writes, and the learner can go on")
  func notFinite() async throws {
    let expected = try await updated { [try await $0.twoTurns(1, -1)] }.digest
    let made = try HandMadeEpisodes()
    let episode = try await made.twoTurns(1, -1)
    let learner = made.learner()
    let name = "model.layers.0.mlp.down_proj.weight"
    let value = try #require(await learner.firstValue(of: name))
    await learner.set(name, to: .nan)
    let damaged = await learner.digest
    await #expect {
      _ = try await learner.update([episode])
    } throws: { error in
      guard case TrainingError.notFinite = error else { return false }
      return true
    }
    #expect(await learner.digest == damaged)
    #expect(await learner.version == 0)
    // Neither the gradients nor the moments remember it.
    await learner.set(name, to: value)
    _ = try await learner.update([episode])
    #expect(await learner.digest == expected)
  }

  @Test("imitation lowers the loss on what was shown, and only that is counted")
  func imitation() async throws {
    let made = try HandMadeEpisodes()
    let learner = made.learner()
    let shown = try await [made.twoTurns(seed: 1, 0, 0).sequence, made.twoTurns(seed: 2, 0, 0).sequence]
    var expected = 0.0
    for sequence in shown {
      let logprobs = try await made.policy.engine.logprobs(of: sequence.tokens.ids)
      for place in sequence.turnRanges.joined() { expected -= Double(logprobs[place - 1]) }
    }
    var losses: [Double] = []
    for _ in 0..<5 {
      let statistics = try await learner.imitate(shown, learningRate: 0.003)
      #expect(statistics.policyTokens == 18)
      losses.append(statistics.loss)
    }
    // The same bits summed in another order, in double precision.
    #expect(abs(losses[0] - expected / 18) < 1e-9)
    #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 > $1 })
    #expect(try await learner.imitate([], learningRate: 1).policyTokens == 0)
    #expect(await learner.version == 5)
  }
}
