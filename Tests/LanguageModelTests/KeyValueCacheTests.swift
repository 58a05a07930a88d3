import LanguageModel
import Testing

@Suite struct KeyValueCacheTests {
  let model = Transformer.randomlyInitialized(.awkward, seed: 8, threads: ComputeThreads(count: 2), standardDeviation: 0.2)

  private func tokens(_ count: Int, from first: Int = 0) -> [Int32] {
    (first..<first + count).map { Int32(($0 * 31 + 7) % 83) }
  }

  private func extend(_ cache: KeyValueCache, _ tokens: [Int32]) throws -> [Float] {
    let logits = try model.forward([ForwardSegment(cache: cache, tokens: tokens)])
    return logits.withRow(0) { Array($0) }
  }

  private func fresh(_ tokens: [Int32]) throws -> [Float] { try extend(model.makeCache(), tokens) }

  @Test("forks part without disturbing each other", arguments: [1, 31, 32, 33, 64, 70])
  func forks(length: Int) throws {
    let cache = model.makeCache()
    _ = try extend(cache, tokens(length))
    let forks = (0..<3).map { _ in cache.fork() }
    for (index, fork) in forks.enumerated() {
      let tail = tokens(40, from: 100 * (index + 1))
      #expect(try extend(fork, tail) == fresh(tokens(length) + tail))
    }
    #expect(cache.length == length)
    #expect(try extend(cache, [5]) == fresh(tokens(length) + [5]))
    let again = tokens(3, from: 500)
    #expect(try extend(forks[0], again) == fresh(tokens(length) + tokens(40, from: 100) + again))
  }

  @Test("a fork shares pages until one of the two writes")
  func sharing() throws {
    let cache = model.makeCache()
    _ = try extend(cache, tokens(40))
    #expect(cache.fork().byteCount == cache.byteCount)
    #expect(cache.byteCount > 0)
  }

  @Test("a truncated cache continues as if the rest had never been", arguments: [0, 1, 31, 32, 50])
  func truncation(length: Int) throws {
    let cache = model.makeCache()
    _ = try extend(cache, tokens(70))
    let keeper = cache.fork()
    cache.truncate(to: length)
    #expect(cache.length == length)
    let tail = tokens(30, from: 200)
    #expect(try extend(cache, tail) == fresh(Array(tokens(70).prefix(length)) + tail))
    #expect(try extend(keeper, [9]) == fresh(tokens(70) + [9]))
  }

  @Test("rows of logits come in the order of segments, as many as asked for")
  func logitRows() throws {
    let caches = (0..<3).map { _ in model.makeCache() }
    let logits = try model.forward([
      ForwardSegment(cache: caches[0], tokens: tokens(5), logits: .none),
      ForwardSegment(cache: caches[1], tokens: tokens(4), logits: .all),
      ForwardSegment(cache: caches[2], tokens: tokens(6), logits: .last),
    ])
    #expect(logits.rowCount == 5)
    #expect(logits.withRow(3) { Array($0) } == (try fresh(tokens(4))))
    #expect(logits.withRow(0) { Array($0) } == (try fresh(tokens(1))))
    #expect(caches.map(\.length) == [5, 4, 6])
    #expect(try model.forward([]).rowCount == 0)
    #expect(try model.forward([ForwardSegment(cache: caches[0], tokens: [])]).rowCount == 0)
  }

  @Test("logits that are still held survive the next call")
  func heldLogits() throws {
    let cache = model.makeCache()
    let first = try model.forward([ForwardSegment(cache: cache, tokens: tokens(3))])
    let copy = first.withRow(0) { Array($0) }
    _ = try model.forward([ForwardSegment(cache: cache, tokens: [1])])
    #expect(first.withRow(0) { Array($0) } == copy)
  }

  @Test("bad segments are errors and change nothing")
  func errors() throws {
    let cache = model.makeCache()
    _ = try extend(cache, tokens(3))
    func expect(_ error: TransformerError, _ segments: [ForwardSegment]) {
      #expect(throws: error) { try model.forward(segments) }
      #expect(cache.length == 3)
    }
    for bad in [Int32(83), -1] {
      expect(
        .tokenOutOfRange(token: bad, vocabularySize: 83, sequence: 0, position: 4),
        [ForwardSegment(cache: cache, tokens: [0, bad])])
    }
    expect(
      .contextExceeded(length: 513, contextLength: 512, sequence: 0), [ForwardSegment(cache: cache, tokens: tokens(510))])
    expect(
      .cacheUsedTwice(sequence: 1),
      [ForwardSegment(cache: cache, tokens: [1]), ForwardSegment(cache: cache, tokens: [2])])
    var other = TransformerConfiguration.awkward
    other.layers = 1
    let foreign = Transformer.randomlyInitialized(other, seed: 1, threads: model.threads).makeCache()
    expect(.foreignCache(sequence: 0), [ForwardSegment(cache: foreign, tokens: [1])])
    #expect(throws: TransformerError.invalidScoredPosition(position: 0, sequence: 0, tokens: 2)) {
      try model.score(TrainingBatch(sequences: [TrainingSequence(tokens: [1, 2], scored: [0])]))
    }
    #expect(throws: TransformerError.invalidTemperature(0)) {
      try model.score(TrainingBatch(sequences: [], temperature: 0))
    }
  }
}
