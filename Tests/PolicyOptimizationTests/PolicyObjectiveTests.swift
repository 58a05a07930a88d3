import AgentCore
import PolicyOptimization
import Testing

@Suite("Policy objective")
struct PolicyObjectiveTests {
  private static func episode(seed: Int, advantages: [Double] = [0.7, -1.2, 0.3]) -> EpisodeLikelihood {
    var random = RandomStream(seed: seed, purpose: "objective")
    let counts = [3, 5, 2]
    let old = counts.map { count in (0..<count).map { _ in Float(-3 * random.uniform()) } }
    let new = old.map { turn in turn.map { $0 + Float(0.8 * (random.uniform() - 0.5)) } }
    return EpisodeLikelihood(logprobs: new, behaviorLogprobs: old, advantages: advantages)
  }

  private static let extent: BatchExtent = {
    var extent = BatchExtent()
    extent.add(turnTokenCounts: [3, 5, 2])
    extent.add(turnTokenCounts: [4])
    return extent
  }()

  @Test("without a change of policy the loss is minus the weighted advantage, and nothing is clipped")
  func onPolicy() {
    var episode = Self.episode(seed: 1)
    episode.logprobs = episode.behaviorLogprobs
    let result = PolicyObjective().evaluate(episode, in: Self.extent)
    let expected = -(3 * 0.7 + 5 * -1.2 + 2 * 0.3) / 14
    #expect(abs(result.loss - expected) < 1e-12)
    #expect(result.clippedTokens == 0)
    #expect(result.divergenceSum == 0)
  }

  @Test("token gradients agree with finite differences", arguments: Aggregation.allCases)
  func finiteDifferences(aggregation: Aggregation) {
    let objective = PolicyObjective(aggregation: aggregation, constantLength: 8)
    for seed in 0..<10 {
      let episode = Self.episode(seed: seed)
      let gradients = objective.evaluate(episode, in: Self.extent).logprobGradients
      // Log-probabilities are single precision: the step is a power of two that adds to them exactly enough.
      let step: Float = 0x1p-8
      for turn in 0..<3 {
        for token in episode.logprobs[turn].indices {
          var up = episode
          var down = episode
          up.logprobs[turn][token] += step
          down.logprobs[turn][token] -= step
          let width = Double(up.logprobs[turn][token]) - Double(down.logprobs[turn][token])
          let high = objective.evaluate(up, in: Self.extent)
          let low = objective.evaluate(down, in: Self.extent)
          guard high.clippedTokens == low.clippedTokens else { continue }
          let slope = (high.loss - low.loss) / width
          // Central differences of e^x are off by h²/6 of the value; 1e-4 covers that and single precision.
          #expect(abs(slope - Double(gradients[turn][token])) < 1e-4 * max(1, abs(slope)), "seed \(seed)")
        }
      }
    }
  }

  @Test("a token beyond the clip on the side that its advantage pushes to gets no gradient")
  func clip() {
    let episode = EpisodeLikelihood(
      logprobs: [[0.5, -0.5, 0.5, -0.5].map { Float($0) - 1 }],
      behaviorLogprobs: [[-1, -1, -1, -1]], advantages: [1])
    let up = PolicyObjective().evaluate(episode, in: Self.extent)
    #expect(up.clippedTokens == 2)
    #expect(up.logprobGradients[0].map { $0 == 0 } == [true, false, true, false])
    var negative = episode
    negative.advantages = [-1]
    let down = PolicyObjective().evaluate(negative, in: Self.extent)
    #expect(down.logprobGradients[0].map { $0 == 0 } == [false, true, false, true])
  }

  @Test("a sequence ratio is the geometric mean, and every token keeps its turn's advantage")
  func sequenceRatio() {
    let episode = EpisodeLikelihood(
      logprobs: [[-0.9, -1.1], [-0.7]], behaviorLogprobs: [[-1, -1], [-1]], advantages: [2, -1])
    let objective = PolicyObjective(ratioLevel: .sequence, clipLow: nil, clipHigh: nil)
    let result = objective.evaluate(episode, in: Self.extent)
    let ratio = 1.1051709180756477  // e^0.1, the mean difference being (0.1 − 0.1 + 0.3)/3
    #expect(abs(Double(result.logprobGradients[0][0]) + ratio * 2 / 14) < 1e-6)
    #expect(abs(Double(result.logprobGradients[1][0]) - ratio * 1 / 14) < 1e-6)
  }

  @Test(
    "token weights add up to one over a batch, whatever the aggregation",
    arguments: [Aggregation.token, .turn, .sequence])
  func weights(aggregation: Aggregation) {
    let objective = PolicyObjective(clipLow: nil, clipHigh: nil, aggregation: aggregation)
    func total(_ counts: [Int]) -> Double {
      let logprobs = counts.map { [Float](repeating: -1, count: $0) }
      let episode = EpisodeLikelihood(
        logprobs: logprobs, behaviorLogprobs: logprobs, advantages: counts.map { _ in 1 })
      return -objective.evaluate(episode, in: Self.extent).loss
    }
    #expect(abs(total([3, 5, 2]) + total([4]) - 1) < 1e-12)
  }

  @Test("ratios beyond any meaning stay finite")
  func extremes() {
    let episode = EpisodeLikelihood(
      logprobs: [[0, -90]], behaviorLogprobs: [[-90, 0]], advantages: [-1])
    let result = PolicyObjective(clipLow: nil, clipHigh: nil).evaluate(episode, in: Self.extent)
    #expect(result.loss.isFinite)
    #expect(result.logprobGradients.joined().allSatisfy { $0.isFinite })
  }

  @Test("an entropy bonus pulls on every policy token")
  func entropy() {
    let episode = Self.episode(seed: 2)
    let entropies = episode.logprobs.map { $0.map { _ in Float(2) } }
    let plain = PolicyObjective().evaluate(episode, entropies: entropies, in: Self.extent)
    let bonus = PolicyObjective(entropyCoefficient: 0.1).evaluate(episode, entropies: entropies, in: Self.extent)
    #expect(plain.entropyGradients == nil)
    #expect(abs(bonus.loss - (plain.loss - 0.1 * 2 * 10 / 14)) < 1e-12)
    #expect(bonus.entropyGradients?.joined().allSatisfy { abs($0 + 0.1 / 14) < 1e-9 } == true)
  }
}
