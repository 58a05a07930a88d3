import AgentCore
import Testing

@Suite("Random streams")
struct RandomStreamTests {
  @Test("the same address gives the same numbers, any other address different ones")
  func addresses() {
    func first(_ seed: Int, _ purpose: String, _ coordinates: [Int]) -> [UInt64] {
      var stream = RandomStream(seed: seed, purpose: purpose, coordinates: coordinates)
      return (0..<4).map { _ in stream.next() }
    }
    let reference = first(1, "sampling", [3, 4])
    #expect(reference == first(1, "sampling", [3, 4]))
    for other in [
      first(2, "sampling", [3, 4]), first(1, "session", [3, 4]), first(1, "sampling", [4, 3]),
      first(1, "sampling", [3, 4, 0]), first(1, "sampling", [3]),
    ] { #expect(other != reference) }
  }

  @Test("the numbers never change between versions, or no recorded run could be repeated")
  func pinned() {
    var stream = RandomStream(seed: 17, purpose: "pinned", 1, 2, 3)
    let expected: [UInt64] = [5_063_177_234_029_676_871, 17_474_930_902_464_599_545, 13_564_599_990_909_759_003]
    #expect((0..<3).map { _ in stream.next() } == expected)
  }

  @Test("uniform numbers lie in [0, 1) with mean one half")
  func uniform() {
    var stream = RandomStream(seed: 5, purpose: "uniform")
    let values = (0..<20_000).map { _ in stream.uniform() }
    #expect(values.allSatisfy { (0..<1).contains($0) })
    // The mean of n uniform numbers has standard deviation sqrt(1/12n) = 0.002; five of those.
    #expect(abs(values.reduce(0, +) / 20_000 - 0.5) < 0.0103)
  }

  @Test("every whole number below a bound comes up about as often")
  func below() {
    var stream = RandomStream(seed: 6, purpose: "below")
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[stream.below(7)] += 1 }
    // Binomial(70000, 1/7) has standard deviation 92.6; six of those.
    #expect(counts.allSatisfy { abs($0 - 10_000) < 556 })
  }

  @Test("shuffling keeps the elements")
  func shuffle() {
    var stream = RandomStream(seed: 7, purpose: "shuffle")
    var values = Array(0..<100)
    stream.shuffle(&values)
    #expect(values != Array(0..<100))
    #expect(values.sorted() == Array(0..<100))
  }
}
