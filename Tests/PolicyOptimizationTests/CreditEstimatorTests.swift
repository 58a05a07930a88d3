import AgentCore
import Foundation
import PolicyOptimization
import Testing

/// A group written as numbers: turn rewards and outcome of each episode.
private func group(_ episodes: [([Double], Double)], keys: [[String?]]? = nil) -> [CreditRecord] {
  episodes.enumerated().map { index, episode in
    CreditRecord(turnRewards: episode.0, outcomeReward: episode.1, stateKeys: keys?[index])
  }
}

private func isClose(_ a: [[Double]], _ b: [[Double]], tolerance: Double = 1e-9) -> Bool {
  a.map(\.count) == b.map(\.count) && zip(a.joined(), b.joined()).allSatisfy { abs($0 - $1) <= tolerance }
}

@Suite("Credit estimators, by hand")
struct HandComputedCreditTests {
  @Test("grpo divides by the sample standard deviation")
  func grpo() {
    // Returns 1 and 0: mean 0.5, sample deviation sqrt(0.5).
    let expected = 0.5 / (0.5.squareRoot() + 1e-6)
    #expect(isClose(GRPO().advantages(for: group([([0, 0], 1), ([0], 0)])), [[expected, expected], [-expected]]))
  }

  @Test("dr_grpo only subtracts the mean")
  func drGRPO() {
    #expect(isClose(DrGRPO().advantages(for: group([([0.5], 1), ([0], 0), ([0], 0)])), [[1], [-0.5], [-0.5]]))
  }

  @Test("rloo compares with the mean of the others")
  func rloo() {
    #expect(isClose(RLOO().advantages(for: group([([0], 1), ([0], 0), ([0], 0.5)])), [[0.75], [-0.75], [0]]))
  }

  @Test("turn_return discounts to the turn and compares with the same turn")
  func turnReturn() {
    // γ = 0.5. g: [0.5·1, 1] = [0.5, 1]; [0.5·0.2, 0.2] = [0.1, 0.2]; [0] alone at turn 0.
    let result = TurnReturn(discount: 0.5).advantages(for: group([([0, 0], 1), ([0, 0], 0.2), ([0], 0)]))
    // Turn 0: 0.5, 0.1, 0: mean 0.2, deviation sqrt((0.09 + 0.01 + 0.04)/2). Turn 1: 1, 0.2: mean 0.6, sqrt(0.32).
    let first = 0.07.squareRoot() + 1e-6
    let second = 0.32.squareRoot() + 1e-6
    #expect(isClose(result, [[0.3 / first, 0.4 / second], [-0.1 / first, -0.4 / second], [-0.2 / first]]))
  }

  @Test("gigpo adds a comparison between turns that started from the same state")
  func gigpo() {
    let records = group([([0, 0], 1), ([0, 0], 0)], keys: [["s", "a"], ["s", "b"]])
    // γ = 0.5: g = [0.5, 1] and [0, 0]. Episode part ±0.5; state s: 0.5 and 0, mean 0.25; a and b were met once.
    #expect(isClose(GiGPO(discount: 0.5).advantages(for: records), [[0.75, 0.5], [-0.75, -0.5]]))
  }

  @Test("gigpo can weight the mean return by turns, as the released code does")
  func gigpoWeighting() {
    let records = group([([0, 0, 0], 1), ([0], 0)])
    let result = GiGPO(episodeWeighting: .turns).advantages(for: records)
    #expect(isClose(result, [[0.25, 0.25, 0.25], [-0.75]]))
  }

  @Test("mt_grpo with one tool call is the published formula")
  func mtGRPO() {
    // Call rewards 0.2 and 0; outcomes 1 and 0. Both normalise to ±0.5/sqrt(0.5) and ±0.1/sqrt(0.02).
    let outcome = 0.5 / (0.5.squareRoot() + 1e-6)
    let call = 0.1 / (0.02.squareRoot() + 1e-6)
    let result = MTGRPO().advantages(for: group([([0.2, 0], 1), ([0, 0], 0)]))
    #expect(isClose(result, [[outcome + call, outcome], [-outcome - call, -outcome]]))
  }
}

@Suite("Credit estimators, all of them")
struct CreditPropertyTests {
  static let names = CreditMethods.all.map(\.name)

  private static func random(_ seed: Int, size: Int? = nil) -> [CreditRecord] {
    var stream = RandomStream(seed: seed, purpose: "credit")
    return (0..<(size ?? 1 + stream.below(6))).map { _ in
      let turns = 1 + stream.below(4)
      return CreditRecord(
        turnRewards: (0..<turns).map { _ in stream.uniform() - 0.5 }, outcomeReward: stream.uniform(),
        stateKeys: (0..<turns).map { _ in ["a", "b", nil][stream.below(3)] })
    }
  }

  @Test("give one finite number a turn", arguments: names)
  func shape(name: String) throws {
    let estimator = try CreditMethods.make(name)
    for seed in 0..<50 {
      let group = Self.random(seed)
      let advantages = estimator.advantages(for: group)
      #expect(advantages.map(\.count) == group.map(\.turnRewards.count))
      #expect(advantages.joined().allSatisfy { $0.isFinite })
    }
  }

  @Test("do not care about the order of the group", arguments: names)
  func permutation(name: String) throws {
    let estimator = try CreditMethods.make(name)
    for seed in 0..<30 {
      let group = Self.random(seed, size: 5)
      var order = Array(group.indices)
      var stream = RandomStream(seed: seed, purpose: "order")
      stream.shuffle(&order)
      let direct = estimator.advantages(for: group)
      let shuffled = estimator.advantages(for: order.map { group[$0] })
      #expect(isClose(shuffled, order.map { direct[$0] }), "\(name), seed \(seed)")
    }
  }

  @Test("give nothing to a group of one or of equal episodes", arguments: names)
  func noSpread(name: String) throws {
    let estimator = try CreditMethods.make(name)
    let episode = CreditRecord(turnRewards: [0.1, 0.2], outcomeReward: 0.7, stateKeys: ["a", "b"])
    #expect(estimator.advantages(for: [episode]) == [[0, 0]])
    let equal = estimator.advantages(for: Array(repeating: episode, count: 4))
    #expect(equal == Array(repeating: [0, 0], count: 4))
    #expect(estimator.advantages(for: []) == [])
  }

  @Test("do not change when every outcome is shifted", arguments: ["grpo", "dr_grpo", "rloo", "mt_grpo"])
  func shift(name: String) throws {
    let estimator = try CreditMethods.make(name)
    let group = Self.random(4, size: 5)
    let shifted = group.map { record in
      var record = record
      record.outcomeReward += 3
      return record
    }
    #expect(isClose(estimator.advantages(for: group), estimator.advantages(for: shifted), tolerance: 1e-6))
  }

  @Test("grow with the rewards where they are not normalised", arguments: ["dr_grpo", "rloo", "gigpo"])
  func scale(name: String) throws {
    let estimator = try CreditMethods.make(name)
    let group = Self.random(5, size: 5)
    let scaled = group.map { record in
      CreditRecord(
        turnRewards: record.turnRewards.map { $0 * 3 }, outcomeReward: record.outcomeReward * 3,
        stateKeys: record.stateKeys)
    }
    let expected = estimator.advantages(for: group).map { $0.map { $0 * 3 } }
    #expect(isClose(estimator.advantages(for: scaled), expected))
  }

  @Test("agree with an independent NumPy reference")
  func reference() throws {
    let url = try #require(Bundle.module.url(forResource: "credit", withExtension: "json", subdirectory: "Fixtures"))
    let fixture = try JSONValue(parsing: [UInt8](try Data(contentsOf: url)))
    let groups = try #require(fixture["groups"]?.arrayValue).map { group in
      group.arrayValue?.map { record in
        CreditRecord(
          turnRewards: record["turn_rewards"]?.arrayValue?.compactMap(\.doubleValue) ?? [],
          outcomeReward: record["outcome"]?.doubleValue ?? .nan,
          stateKeys: record["state_keys"]?.arrayValue?.map(\.stringValue))
      } ?? []
    }
    let cases = try #require(fixture["cases"]?.arrayValue)
    #expect(Set(cases.compactMap { $0["estimator"]?.stringValue }) == Set(Self.names), "an estimator has no reference")
    for item in cases {
      let name = try #require(item["estimator"]?.stringValue)
      let estimator = try CreditMethods.make(name, options: item["options"]?.objectValue ?? [:])
      let expected = try #require(item["advantages"]?.arrayValue)
      for (group, advantages) in zip(groups, expected) {
        let rows = advantages.arrayValue?.map { $0.arrayValue?.compactMap(\.doubleValue) ?? [] } ?? []
        #expect(isClose(estimator.advantages(for: group), rows), "\(name) \(item["options"]?.serialized() ?? "")")
      }
    }
  }

  @Test("refuse unknown names and options, with a suggestion")
  func unknown() {
    #expect(throws: CreditError.unknownEstimator("gipgo", suggestion: "gigpo")) { try CreditMethods.make("gipgo") }
    #expect(throws: JSONError.self) { try CreditMethods.make("turn_return", options: ["gama": 0.5]) }
    #expect(throws: JSONError.self) { try CreditMethods.make("turn_return", options: ["gamma": 1.5]) }
    #expect(throws: JSONError.self) { try CreditMethods.make("gigpo", options: ["scale": "max"]) }
  }
}
