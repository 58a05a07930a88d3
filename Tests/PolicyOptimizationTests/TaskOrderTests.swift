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
  @Test("packs keep the order, lose nothing, and are as full as the order allows", arguments: 0..<20)
  func properties(seed: Int) {
    var stream = RandomStream(seed: seed, purpose: "packing")
    let limit = 1 + stream.below(60)
    let sizes = (0..<stream.below(40)).map { _ in 1 + stream.below(40) }
    let packs = packed(sizes, limit: limit, tokens: { $0 })
    #expect(packs.flatMap(\.self) == sizes)
    for (index, pack) in packs.enumerated() {
      let total = pack.reduce(0, +)
      #expect(!pack.isEmpty)
      #expect(total <= limit || pack.count == 1)
      if index + 1 < packs.count { #expect(total + packs[index + 1][0] > limit) }
    }
  }

  @Test("an item that is larger than a pack goes alone, wherever it stands")
  func large() {
    #expect(packed([9, 1, 9, 2, 2], limit: 4, tokens: { $0 }) == [[9], [1], [9], [2, 2]])
    #expect(packed([Int](), limit: 4, tokens: { $0 }).isEmpty)
  }
}
