import AgentCore
import Foundation
import Testing

@testable import AgentTools

@Suite struct SearchRankingTests {
  private func hits(_ index: SearchIndex, _ query: String, _ limit: Int, filter: JSONObject = .empty) async throws
    -> [SearchHit]
  {
    try await index.search(SearchQuery(text: query, limit: limit, filter: filter), deadline: .now + .seconds(60))
  }

  @Test("the ranking is that of scoring every passage", arguments: [1, 2, 3, 4])
  func bruteForce(seed: Int) async throws {
    let folder = try SearchFolder()
    let corpus = RandomCorpus(seed: seed, passages: 300, vocabulary: seed.isMultiple(of: 2) ? 12 : 80)
    let index = try folder.index(corpus.json)
    var random = RandomStream(seed: seed, purpose: "queries")
    for _ in 0..<150 {
      let query = (0..<1 + random.below(5)).map { _ in "w\(random.below(corpus.vocabulary + 3))" }
      let limit = 1 + random.below(12)
      let third = random.below(6)
      let found = try await hits(
        index, query.joined(separator: " "), limit, filter: third < 3 ? ["third": JSONValue(third)] : .empty)
      let expected = corpus.best(query, limit) { third >= 3 || $0 % 3 == third }
      #expect(found.map(\.id) == expected.map(\.id), "seed \(seed), query \(query), limit \(limit), third \(third)")
      for (hit, one) in zip(found, expected) {
        // Sums of at most five terms: a few units in the last place.
        #expect(abs((hit.score ?? 0) - one.score) <= 1e-12 * max(1, one.score), "seed \(seed), query \(query)")
      }
    }
  }

  @Test("scores are those of SQLite's bm25()", arguments: [WordTokenizerKind.porter, .unicode])
  func fullText(kind: WordTokenizerKind) async throws {
    let folder = try SearchFolder()
    let corpus = RandomCorpus(seed: 9, passages: 400, vocabulary: 60)
    let index = try folder.index(corpus.json, builder: IndexBuilder(tokenizer: kind))
    var random = RandomStream(seed: 9, purpose: "queries")
    for _ in 0..<100 {
      let numbers = (0..<60).map { $0 }.shuffled(using: &random).prefix(1 + random.below(4))
      let query = numbers.map { "w\($0)" }.joined(separator: " ")
      for combination in [FullTextQuery.Combination.all, .any] {
        let (ours, theirs) = try await index.read { reader, db in
          let ranking = try reader.ranking(query, in: db)
          let match = try FullTextQuery.expression(query, combination, tokenizer: WordTokenizer(kind, in: db)) ?? ""
          let ours = combination == .all ? ranking.intersection(10) : ranking.union(ranking.words, 10, excluding: [])
          return (ours, try FullTextQuery.best(match, 10, in: db))
        }
        #expect(ours.count == theirs.count, "\(query) \(combination)")
        for (a, b) in zip(ours, theirs) { #expect(abs(a.score - b.score) < 1e-12, "\(query) \(combination)") }
      }
    }
  }

  @Test("a reference in Python gives the same passages and scores")
  func reference() async throws {
    let url = try #require(Bundle.module.url(forResource: "search", withExtension: "json", subdirectory: "Fixtures"))
    let fixture = try JSONValue(parsing: Array(try Data(contentsOf: url)))
    let folder = try SearchFolder()
    let index = try folder.index(try #require(fixture["passages"]?.arrayValue))
    let queries = try #require(fixture["queries"]?.arrayValue)
    #expect(queries.count >= 50)
    for query in queries {
      let text = try #require(query["query"]?.stringValue)
      let expected = try #require(query["results"]?.arrayValue)
      let found = try await hits(index, text, query["top_k"]?.intValue ?? 0)
      #expect(found.map(\.id) == expected.compactMap { $0["id"]?.stringValue }, "\(text)")
      for (hit, one) in zip(found, expected) {
        #expect(abs((hit.score ?? 0) - (one["score"]?.doubleValue ?? -1)) < 1e-9, "\(text)")
      }
    }
  }

  @Test("an index that was written in many runs answers as one that was written in one")
  func runs() async throws {
    let corpus = RandomCorpus(seed: 5, passages: 200, vocabulary: 40)
    let (one, many) = (try SearchFolder(), try SearchFolder())
    let whole = try one.index(corpus.json)
    let pieces = try many.index(corpus.json, builder: IndexBuilder(tokenizer: .unicode, memoryBytes: 2000))
    #expect(whole.description == pieces.description)
    for word in 0..<40 {
      let query = "w\(word) w\((word * 3) % 40)"
      let filter: JSONObject = ["third": 1]
      #expect(try await hits(whole, query, 10) == hits(pieces, query, 10))
      #expect(try await hits(whole, query, 10, filter: filter) == hits(pieces, query, 10, filter: filter))
    }
  }

  @Test("passages with equal scores come in the order of their ids")
  func ties() async throws {
    let folder = try SearchFolder()
    let ids = ["b", "ä", "a", "Z", "10", "9", "aa"]
    let index = try folder.index(
      ids.map { ["id": .string($0), "text": "same words"] }
        + (0..<20).map { ["id": .string("x\($0)"), "text": "others"] })
    #expect(try await hits(index, "same", 4).map(\.id) == ["10", "9", "Z", "a"])
    #expect(try await hits(index, "same words", 10).map(\.id) == ["10", "9", "Z", "a", "aa", "b", "ä"])
  }

  @Test("posting lists read back as they were written")
  func roundTrip() {
    var random = RandomStream(seed: 3, purpose: "postings")
    for _ in 0..<200 {
      var encoder = PostingEncoder()
      var documents: [UInt32] = []
      var frequencies: [UInt32] = []
      var document = -1
      for _ in 0..<random.below(50) {
        document += 1 + random.below(random.below(4) == 0 ? 1_000_000 : 3)
        let frequency = 1 + random.below(random.below(3) == 0 ? 500 : 1)
        for _ in 0..<frequency { encoder.add(document) }
        documents.append(UInt32(document))
        frequencies.append(UInt32(frequency))
      }
      var decoder = PostingDecoder(documentCount: document + 1)
      #expect(encoder.finished().withUnsafeBytes { decoder.append($0) })
      #expect(decoder.documents == documents && decoder.frequencies == frequencies)
      #expect(encoder.documentCount == documents.count)
    }
  }

  @Test("any bytes are a posting list of the corpus or are refused")
  func fuzz() {
    var random = RandomStream(seed: 4, purpose: "postings")
    for _ in 0..<5000 {
      let bytes = (0..<random.below(30)).map { _ in UInt8(random.below(random.below(2) == 0 ? 256 : 8)) }
      var decoder = PostingDecoder(documentCount: 1 + random.below(40))
      guard bytes.withUnsafeBytes({ decoder.append($0) }) else { continue }
      #expect(decoder.documents.allSatisfy { $0 < decoder.documentCount })
      #expect(zip(decoder.documents, decoder.documents.dropFirst()).allSatisfy { $0 < $1 })
      #expect(decoder.frequencies.allSatisfy { $0 > 0 })
    }
  }
}
