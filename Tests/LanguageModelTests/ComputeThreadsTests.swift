import LanguageModel
import Testing

@Suite struct ComputeThreadsTests {
  @Test("two models that share threads and run at the same time compute what they compute alone")
  func concurrentCallers() async throws {
    let threads = ComputeThreads(count: 3)
    let tokens = (0..<50).map { Int32($0) }
    @Sendable func digest(seed: Int) throws -> [Float] {
      let model = Transformer.randomlyInitialized(.awkward, seed: seed, threads: threads)
      var last: [Float] = []
      for _ in 0..<5 {
        let logits = try model.forward([ForwardSegment(cache: model.makeCache(), tokens: tokens)])
        last = logits.withRow(0) { Array($0) }
      }
      return last
    }
    let alone = try (0..<4).map { try digest(seed: $0) }
    let together = try await withThrowingTaskGroup(of: (Int, [Float]).self) { group in
      for seed in 0..<4 { group.addTask { (seed, try digest(seed: seed)) } }
      return try await group.reduce(into: [Int: [Float]]()) { $0[$1.0] = $1.1 }
    }
    for seed in 0..<4 { #expect(together[seed] == alone[seed]) }
  }

  @Test("threads come and go many times without one being lost")
  func lifetimes() throws {
    for count in [1, 2, 7, 1, 4, 2] {
      let threads = ComputeThreads(count: count)
      #expect(threads.count == count)
      let model = Transformer.randomlyInitialized(.awkward, seed: 1, threads: threads)
      #expect(try model.forward([ForwardSegment(cache: model.makeCache(), tokens: [1])]).rowCount == 1)
    }
    #expect(ComputeThreads.availableCores >= 1)
  }

  @Test("random weights depend on the seed alone")
  func initialization() {
    let digests = [(1, 1), (1, 2), (2, 2)].map { seed, count in
      Transformer.randomlyInitialized(.awkward, seed: seed, threads: ComputeThreads(count: count)).parameters.digest
    }
    #expect(digests[0] == digests[1])
    #expect(digests[1] != digests[2])
  }
}
