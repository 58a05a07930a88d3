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
  /// An item of so many tokens that begins like no other.
  private func item(_ size: Int, number: Int) -> [Int32] { [Int32](repeating: Int32(number), count: size) }

  @Test("packs keep the order, lose nothing, and are as full as the order allows", arguments: 0..<20)
  func properties(seed: Int) {
    var stream = RandomStream(seed: seed, purpose: "packing")
    let limit = 1 + stream.below(60)
    let items = (0..<stream.below(40)).map { item(1 + stream.below(40), number: $0) }
    let packs = packed(items, limit: limit, tokens: { $0 })
    #expect(packs.flatMap(\.self) == items)
    for (index, pack) in packs.enumerated() {
      let total = pack.reduce(0) { $0 + $1.count }
      #expect(!pack.isEmpty)
      #expect(total <= limit || pack.count == 1)
      if index + 1 < packs.count { #expect(total + packs[index + 1][0].count > limit) }
    }
  }

  @Test("an item that is larger than a pack goes alone, wherever it stands")
  func large() {
    let items = [9, 1, 9, 2, 2].enumerated().map { item($0.element, number: $0.offset) }
    let packs = packed(items, limit: 4, tokens: { $0 })
    #expect(packs.map { $0.map(\.count) } == [[9], [1], [9], [2, 2]])
    #expect(packed([[Int32]](), limit: 4, tokens: { $0 }).isEmpty)
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
