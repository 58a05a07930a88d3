import AgentCore
import Foundation

@testable import AgentTools

/// A folder of a test's own, removed with it.
final class SearchFolder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/search-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  /// Writes a corpus and builds its index.
  func index(
    _ passages: [JSONValue], builder: IndexBuilder = IndexBuilder(tokenizer: .unicode), snippetLength: Int = 800
  ) throws -> SearchIndex {
    let corpus = try write(passages.map { $0.serialized() }.joined(separator: "\n"), to: "corpus.jsonl")
    _ = try builder.build(corpus: corpus, output: file("index.sqlite"))
    return try SearchIndex(path: file("index.sqlite"), snippetLength: snippetLength)
  }
}

/// Five passages to read.
enum SmallCorpus {
  static let passages: [JSONValue] = [
    ["id": "fr", "title": "France", "text": "Paris is the capital of France.", "topic": "geography", "year": 843],
    ["id": "de", "title": "Germany", "text": "Berlin is the capital of Germany.", "topic": "geography", "year": 1871],
    [
      "id": "cat", "title": "Cats", "text": "A cat sleeps for most of the day.", "topic": "biology",
      "tags": ["pet", "cat"],
    ],
    ["id": "dog", "title": "Dogs", "text": "Dogs bark, and a dog is a friend.", "topic": "biology", "tags": ["pet"]],
    ["id": "pi", "text": "Circles and their circumference: a number.", "exact": true],
  ]
}

/// Random passages over a few words, so that scores tie and words are common.
struct RandomCorpus {
  var passages: [[String]] = []
  let vocabulary: Int

  init(seed: Int, passages count: Int, vocabulary: Int) {
    self.vocabulary = vocabulary
    var random = RandomStream(seed: seed, purpose: "random corpus")
    for _ in 0..<count {
      passages.append((0..<1 + random.below(12)).map { _ in Self.word(random.below(vocabulary), &random) })
    }
  }

  /// Low numbers come up more often.
  private static func word(_ bound: Int, _ random: inout RandomStream) -> String { "w\(random.below(bound + 1))" }

  /// Ids whose order is not that of the corpus.
  static func id(_ number: Int) -> String { "p\((number * 7919) % 10_007)" }

  var json: [JSONValue] {
    passages.enumerated().map { number, words in
      ["id": .string(Self.id(number)), "text": .string(words.joined(separator: " ")), "third": JSONValue(number % 3)]
    }
  }

  /// The ranking as it is defined, computed for every passage.
  func best(_ query: [String], _ limit: Int, where isAllowed: (Int) -> Bool = { _ in true }) -> [(
    id: String, score: Double
  )] {
    let average = Double(passages.reduce(0) { $0 + $1.count }) / Double(passages.count)
    var distinct: [(word: String, count: Int)] = []
    for word in query {
      if let index = distinct.firstIndex(where: { $0.word == word }) {
        distinct[index].count += 1
      } else {
        distinct.append((word, 1))
      }
    }
    let idf = distinct.map { entry -> Double in
      let n = Double(passages.count { $0.contains(entry.word) })
      let value = Foundation.log((Double(passages.count) - n + 0.5) / (n + 0.5))
      return value <= 0 ? 1e-6 : value
    }
    var all: [(id: String, score: Double, hasAll: Bool)] = []
    for (number, passage) in passages.enumerated() where isAllowed(number) {
      var score = 0.0
      var found = 0
      for (index, entry) in distinct.enumerated() {
        let f = Double(passage.count { $0 == entry.word })
        guard f > 0 else { continue }
        found += 1
        let norm = 1.2 * (1 - 0.75 + 0.75 * Double(passage.count) / average)
        score += idf[index] * Double(entry.count) * ((f * 2.2) / (f + norm))
      }
      if found > 0 { all.append((Self.id(number), score, found == distinct.count)) }
    }
    all.sort { a, b in
      if a.hasAll != b.hasAll { return a.hasAll }
      if a.score != b.score { return a.score > b.score }
      return a.id.utf8.lexicographicallyPrecedes(b.id.utf8)
    }
    return all.prefix(limit).map { ($0.id, $0.score) }
  }
}
