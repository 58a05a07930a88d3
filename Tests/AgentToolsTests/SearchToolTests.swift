import AgentCore
import Foundation
import Testing

@testable import AgentTools

@Suite struct SearchToolTests {
  private func call(_ tool: SearchTool, _ arguments: JSONValue) async throws -> ToolResult {
    try await ToolRegistry([tool]).call(
      ToolCall(id: "c", name: "search", arguments: arguments), deadline: .now + .seconds(60))
  }

  private func tool(_ folder: SearchFolder, limits: SearchLimits = SearchLimits(), filters: [String]? = nil) throws
    -> SearchTool
  {
    try SearchTool(
      folder.index(SmallCorpus.passages, builder: IndexBuilder(), snippetLength: limits.snippetLength), limits: limits,
      filters: filters)
  }

  @Test("passages are numbered, with title, id and score")
  func text() async throws {
    let result = try await call(tool(SearchFolder()), ["query": "the capital of France?", "top_k": 2])
    #expect(result.status == .ok)
    let lines = result.content.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 5)
    #expect(lines[0].hasPrefix("[1] France (id: fr, score: "))
    #expect(lines[1] == "Paris is the capital of France.")
    #expect(lines[2] == "")
    #expect(lines[3].hasPrefix("[2] Germany (id: de, score: "))
  }

  @Test("endings, case and diacritics do not matter")
  func stems() async throws {
    let tool = try tool(SearchFolder())
    #expect(try await call(tool, ["query": "BARKING"]).content.contains("(id: dog,"))
    #expect(try await call(tool, ["query": "sleéping cats"]).content.hasPrefix("[1] Cats (id: cat,"))
    #expect(try await call(tool, ["query": "circle"]).content.hasPrefix("[1] (id: pi,"))
  }

  @Test("a query without a hit, and one without a word")
  func nothing() async throws {
    let tool = try tool(SearchFolder())
    #expect(try await call(tool, ["query": "unheard"]).content == "no passages found")
    let empty = try await call(tool, ["query": "?! …"])
    #expect(empty.status == .error && empty.content == "error: the query has no word to search for")
    #expect(try await call(tool, ["query": ""]).status == .error)
  }

  @Test("filters compare by value, and with each element of a list")
  func filters() async throws {
    let tool = try tool(SearchFolder())
    func ids(_ filter: JSONValue) async throws -> [String] {
      let content = try await call(tool, ["query": "capital cat dog a number", "top_k": 10, "filter": filter]).content
      return content.split(separator: "id: ").dropFirst().map { String($0.prefix { $0 != "," }) }.sorted()
    }
    #expect(try await ids(["topic": "geography"]) == ["de", "fr"])
    #expect(try await ids(["topic": "geography", "year": 843.0]) == ["fr"])
    #expect(try await ids(["tags": "pet"]) == ["cat", "dog"])
    #expect(try await ids(["exact": true]) == ["pi"])
    #expect(try await ids(["topic": "biology", "exact": true]) == [])
    let unknown = try await call(tool, ["query": "x", "filter": ["colour": "red"]])
    #expect(unknown.content.contains("unknown argument `filter.colour` (known: exact, tags, topic, year)"))
    let other = try await call(tool, ["query": "x", "filter": ["topic": "art"]])
    #expect(other.content.contains("expected one of \"biology\", \"geography\""))
  }

  @Test("a filter that is no scalar is refused, also where the registry does not look")
  func oddFilters() async throws {
    let index = try SearchFolder().index(SmallCorpus.passages)
    for value in [["geography"], ["a": 1], nil] as [JSONValue] {
      await #expect(throws: RetrievalError.badFilter(name: "topic")) {
        try await index.search(SearchQuery(text: "cat", filter: ["topic": value]), deadline: .now + .seconds(60))
      }
    }
    await #expect(throws: RetrievalError.unknownFilter(name: "x", known: ["exact", "tags", "topic", "year"])) {
      try await index.search(SearchQuery(text: "cat", filter: ["x": 1]), deadline: .now + .seconds(60))
    }
  }

  @Test("the schema offers a filter only for metadata, and only for the keys that the settings name")
  func schema() throws {
    let folder = try SearchFolder()
    func fields(_ tool: SearchTool) -> [String]? {
      tool.schema.parameters["properties"]?["filter"]?["properties"]?.objectValue.map { Array($0.keys) }
    }
    #expect(fields(try tool(folder)) == ["exact", "tags", "topic", "year"])
    #expect(fields(try tool(folder, filters: ["year"])) == ["year"])
    #expect(fields(try tool(folder, filters: [])) == nil)
    #expect(throws: SearchToolError.unknownFilter("colour", known: ["exact", "tags", "topic", "year"])) {
      try tool(folder, filters: ["colour"])
    }
    #expect(fields(try SearchTool(folder.index([["id": "a", "text": "b"]]))) == nil)
  }

  @Test("top_k is bounded by the settings")
  func bounds() async throws {
    let tool = try tool(SearchFolder(), limits: SearchLimits(topK: 1, maxTopK: 2))
    #expect(try await call(tool, ["query": "capital"]).content.contains("[2]") == false)
    #expect(try await call(tool, ["query": "capital", "top_k": 2]).content.contains("[2]"))
    #expect(try await call(tool, ["query": "capital", "top_k": 3]).status == .error)
    #expect(throws: SearchToolError.self) { try self.tool(SearchFolder(), limits: SearchLimits(topK: 3, maxTopK: 2)) }
    #expect(throws: SearchToolError.self) { try self.tool(SearchFolder(), limits: SearchLimits(topK: 0)) }
    #expect(throws: SearchToolError.self) { try self.tool(SearchFolder(), limits: SearchLimits(snippetLength: 3)) }
  }

  @Test("what the answers depend on is known: corpus, tokenizer and limits")
  func digest() throws {
    let folder = try SearchFolder()
    let one = try tool(folder).pureOver
    #expect(one != nil)
    #expect(try tool(folder).pureOver == one)
    #expect(try tool(folder, limits: SearchLimits(snippetLength: 100)).pureOver != one)
    #expect(try SearchTool(folder.index(SmallCorpus.passages)).pureOver != one)
    #expect(try SearchTool(folder.index(Array(SmallCorpus.passages.dropLast()))).pureOver != one)
  }

  @Test("the sessions of an environment share one index")
  func factory() async throws {
    let folder = try SearchFolder()
    let lines = SmallCorpus.passages.map { $0.serialized() }.joined(separator: "\n")
    let corpus = try folder.write(lines, to: "c.jsonl")
    let make = SearchTool.factory(SearchSettings(source: .corpus(path: corpus, tokenizer: .porter)))
    let first = try make()
    try FileManager.default.removeItem(atPath: CorpusIndex.path(of: corpus))
    let second = try make()
    #expect(first.schema == second.schema)
    #expect(!FileManager.default.fileExists(atPath: CorpusIndex.path(of: corpus)))
    let missing = SearchTool.factory(SearchSettings(source: .index(path: folder.file("none"))))
    #expect(throws: SearchIndexError.self) { try missing() }
  }
}

@Suite struct HostileQueryTests {
  static let pieces = [
    "\"", "'", "*", "^", ":", "-", "(", ")", "{", "}", "+", "NEAR(a b, 2)", "NEAR", "AND", "OR", "NOT", "title:",
    "text :",
    "\u{0}", "\u{1}", "\u{FFFD}", "\u{202E}", "🙂", "👩‍👩‍👧", "e\u{301}", "漢字", "a*", "\"a b\"", ";", "--", "/*", "%", "_",
    "words MATCH", "\\", "\n", "cat", "capital", "ﬁ", "İ", "\u{10FFFF}",
  ]

  @Test("no text is query syntax, for our ranking or for SQLite")
  func hostile() async throws {
    let folder = try SearchFolder()
    let index = try folder.index(SmallCorpus.passages, builder: IndexBuilder())
    var random = RandomStream(seed: 11, purpose: "hostile")
    for round in 0..<400 {
      let separator = random.below(2) == 0 ? " " : ""
      let text = (0..<1 + random.below(8)).map { _ in Self.pieces[random.below(Self.pieces.count)] }
        .joined(separator: separator)
      do {
        let hits = try await index.search(SearchQuery(text: text, limit: 5), deadline: .now + .seconds(60))
        let plain = text.unicodeScalars.allSatisfy { !$0.properties.isAlphabetic && $0.properties.numericType == nil }
        #expect(!plain || hits.isEmpty, "round \(round): \(text.debugDescription)")
      } catch RetrievalError.noWords {}
      // SQLite takes the quoted words as words, too: an error would be syntax that got through.
      let ids = try await index.read { _, db -> Int in
        let tokenizer = try WordTokenizer(.porter, in: db)
        guard let match = try FullTextQuery.expression(text, .any, tokenizer: tokenizer) else { return 0 }
        return try FullTextQuery.best(match, 5, in: db).count
      }
      #expect(ids <= 5)
    }
  }

  @Test("syntax around a word does not change what is found")
  func sameWords() async throws {
    let index = try SearchFolder().index(SmallCorpus.passages, builder: IndexBuilder())
    func ids(_ text: String) async throws -> [SearchHit] {
      try await index.search(SearchQuery(text: text, limit: 5), deadline: .now + .seconds(60))
    }
    let plain = try await ids("capital germany")
    for text in [
      "\"capital\" germany", "capital* ^germany", "(capital) -germany", "capital:germany", "capital\u{0}germany",
      "{capital} + germany", "😀capital😀germany😀", "--capital;germany'",
    ] {
      #expect(try await ids(text) == plain, "\(text.debugDescription)")
    }
  }

  @Test("a query of 100 kB is answered", arguments: ["cat ", "\"", "cat* NEAR (", "🙂", "x", "("])
  func long(piece: String) async throws {
    let index = try SearchFolder().index(SmallCorpus.passages, builder: IndexBuilder())
    let text = String(repeating: piece, count: 100_000 / piece.utf8.count) + " capital"
    let hits = try await index.search(SearchQuery(text: text, limit: 5), deadline: .now + .seconds(60))
    #expect(hits.contains { $0.id == "fr" })
  }

  @Test("of very many different words the rarest count")
  func manyWords() async throws {
    let corpus = RandomCorpus(seed: 12, passages: 300, vocabulary: 200)
    let index = try SearchFolder().index(corpus.json)
    let text = (0..<20_000).map { "w\($0)" }.joined(separator: " ")
    let hits = try await index.search(SearchQuery(text: text, limit: 5), deadline: .now + .seconds(60))
    #expect(hits.count == 5)
    let none = (0..<20_000).map { "unheard\($0)" }.joined(separator: " ")
    #expect(try await index.search(SearchQuery(text: none, limit: 5), deadline: .now + .seconds(60)).isEmpty)
  }

  @Test("hostile passages are found and shown as they are")
  func passages() async throws {
    let passages: [JSONValue] = Self.pieces.enumerated().map {
      ["id": JSONValue($0), "title": .string($1), "text": .string("needle \($1) haystack"), "key": .string($1)]
    }
    let index = try SearchFolder().index(passages)
    let hits = try await index.search(SearchQuery(text: "needle", limit: 100), deadline: .now + .seconds(60))
    #expect(hits.count == passages.count)
    for hit in hits {
      let piece = Self.pieces[try #require(Int(hit.id))].replacing("\u{0}", with: "\u{FFFD}")
      #expect(hit.title == piece && hit.text == "needle \(piece) haystack")
    }
    for (number, piece) in Self.pieces.enumerated() {
      let found = try await index.search(
        SearchQuery(text: "needle", limit: 100, filter: ["key": .string(piece)]), deadline: .now + .seconds(60))
      #expect(found.map(\.id) == ["\(number)"], "\(piece.debugDescription)")
    }
  }
}
