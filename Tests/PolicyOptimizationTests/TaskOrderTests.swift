import AgentCore
import Testing

@testable import PolicyOptimization

@Suite struct TaskOrderTests {
  @Test(
    "a source with an end is walked whole in every pass, each pass in an order of its own", arguments: [1, 2, 7, 50])
  func finite(count: Int) {
    let order = TaskOrder(count: count, seed: 3)
    let passes = (0..<4).map { pass in (0..<count).map { order.index(pass * count + $0) } }
    for pass in passes { #expect(pass.sorted() == Array(0..<count)) }
    if count >= 7 { #expect(Set(passes).count == 4) }
    let other = TaskOrder(count: count, seed: 4)
    if count == 50 { #expect((0..<count).map(other.index) != passes[0]) }
    #expect((0..<count).map(TaskOrder(count: count, seed: 3).index) == passes[0])
  }

  @Test("a source without end is walked from its first task on")
  func endless() {
    let order = TaskOrder(count: nil, seed: 3)
    #expect([0, 1, 5, 1_000_000].map(order.index) == [0, 1, 5, 1_000_000])
  }
}

@Suite struct PackingTests {
  /// Sequences in groups that share a beginning, as rollouts are.
  private func sequences(_ stream: inout RandomStream) -> [[Int32]] {
    (0..<stream.below(12)).flatMap { group -> [[Int32]] in
      let prompt = [Int32](repeating: Int32(group), count: stream.below(15))
      return (0..<(1 + stream.below(5))).map { member in
        prompt + [Int32](repeating: Int32(100 + member), count: 1 + stream.below(20))
      }
    }
  }

  /// Tokens to compute for a pack: a beginning that is shared with the one before counts once.
  private func cost(_ pack: [[Int32]]) -> Int {
    var total = pack.first?.count ?? 0
    for (one, next) in zip(pack, pack.dropFirst()) {
      total += next.count - zip(one, next).prefix { $0.0 == $0.1 }.count
    }
    return total
  }

  @Test("packs keep the order, lose nothing, and are as full as the order allows", arguments: 0..<20)
  func properties(seed: Int) {
    var stream = RandomStream(seed: seed, purpose: "packing")
    let limit = 1 + stream.below(60)
    let sequences = sequences(&stream)
    let packs = packed(sequences, limit: limit, tokens: \.self)
    #expect(packs.flatMap(\.self) == sequences)
    for (index, pack) in packs.enumerated() {
      #expect(!pack.isEmpty)
      #expect(cost(pack) <= limit || pack.count == 1)
      if index + 1 < packs.count { #expect(cost(pack + packs[index + 1].prefix(1)) > limit) }
    }
  }

  @Test("an item that is larger than a pack goes alone, wherever it stands")
  func large() {
    let sizes = [9, 1, 9, 2, 2]
    let items = sizes.enumerated().map { [Int32](repeating: Int32($0.offset), count: $0.element) }
    #expect(packed(items, limit: 4, tokens: \.self).map { $0.map(\.count) } == [[9], [1], [9], [2, 2]])
    #expect(packed([[Int32]](), limit: 4, tokens: \.self).isEmpty)
  }

  @Test("a beginning that an item shares with the one before it in its pack counts once")
  func sharedBeginnings() {
    let prompt: [Int32] = [1, 2, 3, 4, 5, 6]
    let members = (0..<4).map { prompt + [Int32(10 + $0)] }
    // 7 tokens for the first, 1 for each other: three fit into 9, the fourth begins a pack and pays for its prompt.
    #expect(packed(members, limit: 9, tokens: { $0 }).map(\.count) == [3, 1])
    #expect(packed(members, limit: 10, tokens: { $0 }).map(\.count) == [4])
  }
}
