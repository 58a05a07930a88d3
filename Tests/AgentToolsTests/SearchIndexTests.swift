import AgentCore
import Foundation
import GRDB
import Testing

@testable import AgentTools

@Suite struct SearchIndexTests {
  private func build(_ lines: [String], in folder: SearchFolder, skipsBadLines: Bool = false) throws -> IndexReport {
    let corpus = try folder.write(lines.joined(separator: "\n"), to: "corpus.jsonl")
    return try IndexBuilder(skipsBadLines: skipsBadLines).build(corpus: corpus, output: folder.file("index.sqlite"))
  }

  private func buildError(_ lines: [String]) throws -> SearchIndexError? {
    let folder = try SearchFolder()
    do {
      _ = try build(lines, in: folder)
      return nil
    } catch let error as SearchIndexError {
      // Whatever went wrong, nothing is left behind.
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["corpus.jsonl"])
      return error
    }
  }

  private func openError(_ path: String) -> SearchIndexError? {
    do throws(SearchIndexError) {
      _ = try SearchIndex(path: path)
      return nil
    } catch {
      return error
    }
  }

  @Test("an index says what it was made of, and progress goes from start to end")
  func description() throws {
    let folder = try SearchFolder()
    let text = SmallCorpus.passages.map { $0.serialized() }.joined(separator: "\n\n") + "\r\n"
    let corpus = try folder.write("\u{FEFF}" + text, to: "corpus.jsonl")
    var fractions: [Double] = []
    let report = try IndexBuilder().build(corpus: corpus, output: folder.file("i.sqlite")) {
      fractions.append($0.fraction)
    }
    #expect(!fractions.isEmpty && fractions == fractions.sorted() && fractions.allSatisfy { (0...1).contains($0) })
    let description = try SearchIndex(path: folder.file("i.sqlite")).description
    #expect(description == report.description)
    #expect(description.passages == 5)
    #expect(description.tokenizer == .porter)
    #expect(description.corpusDigest == ContentDigest.of(Array(try Data(contentsOf: URL(fileURLWithPath: corpus)))))
    #expect(description.filterFields.map(\.name) == ["exact", "tags", "topic", "year"])
    #expect(description.filterFields[2].values == ["biology", "geography"])
    #expect(try IndexDescription(json: description.json) == description)
  }

  @Test(
    "a line that is no passage is named",
    arguments: [
      ("{\"id\":\"b\",\"text\":\"x\"", "invalid JSON at column 21: expected `,` or `}` in an object"),
      ("[1]", "expected an object, found an array"),
      ("{\"text\":\"x\"}", "id: missing"),
      ("{\"id\":\"\",\"text\":\"x\"}", "id: an id has at least one character, and none of them is U+0000"),
      ("{\"id\":\"a\\u0000\",\"text\":\"x\"}", "id: an id has at least one character, and none of them is U+0000"),
      ("{\"id\":1.5,\"text\":\"x\"}", "id: expected a string or a whole number, found a number"),
      ("{\"id\":\"b\"}", "text: missing"),
      ("{\"id\":\"b\",\"text\":7}", "text: expected a string, found an integer"),
      ("{\"id\":\"b\",\"text\":\"\\ud800\"}", "invalid JSON at column 19: a lone surrogate"),
    ])
  func badLines(line: String, reason: String) throws {
    guard case .badLine(_, let number, let found)? = try buildError(["{\"id\":\"a\",\"text\":\"x\"}", "", line]) else {
      Issue.record("\(line) was read")
      return
    }
    #expect(number == 3)
    if line.contains("ud800") { #expect(found.hasPrefix("invalid JSON")) } else { #expect(found == reason) }
  }

  @Test("an id that comes twice is named with both lines")
  func duplicates() throws {
    let lines = ["{\"id\":\"a\",\"text\":\"x\"}", "{\"id\":7,\"text\":\"x\"}", "{\"id\":\"7\",\"text\":\"y\"}"]
    guard case .duplicateID(_, 3, "7", 2)? = try buildError(lines) else {
      Issue.record("the id was read twice")
      return
    }
  }

  @Test("bad lines can be left out and are counted")
  func skipping() throws {
    let folder = try SearchFolder()
    let bad = ["nonsense", "{\"id\":\"a\",\"text\":\"again\"}"]
    let report = try build(["{\"id\":\"a\",\"text\":\"first\"}"] + bad, in: folder, skipsBadLines: true)
    #expect(report.description.skippedLines == 2)
    #expect(report.skipped.map(\.line) == [2, 3])
    #expect(report.description.passages == 1)
  }

  @Test("an index is replaced, another file is not")
  func replacing() throws {
    let folder = try SearchFolder()
    let line = "{\"id\":\"a\",\"text\":\"x\"}"
    let corpus = try folder.write(line, to: "corpus.jsonl")
    _ = try build([line], in: folder)
    _ = try build([line, "{\"id\":\"b\",\"text\":\"x\"}"], in: folder)
    #expect(try SearchIndex(path: folder.file("index.sqlite")).description.passages == 2)
    try DatabaseQueue(path: folder.file("mine.sqlite")).write { try $0.execute(sql: "CREATE TABLE t (x)") }
    for path in [corpus, folder.file("mine.sqlite"), folder.path] {
      #expect(throws: SearchIndexError.wouldReplace(path: path)) {
        try IndexBuilder().build(corpus: corpus, output: path)
      }
    }
    #expect(try String(contentsOfFile: corpus, encoding: .utf8).contains("\"id\":\"b\""))
  }

  @Test("what a process that died left unfinished is removed, what another still writes is not")
  func abandoned() throws {
    let folder = try SearchFolder()
    // No process has the number of the largest one plus one; process 1 is always there.
    for name in [
      "index.sqlite.partial-4194305", "index.sqlite.partial-1", "index.sqlite.partial-x", "other.partial-4194305",
    ] {
      _ = try folder.write("", to: name)
    }
    _ = try build(["{\"id\":\"a\",\"text\":\"first\"}"], in: folder)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
        "corpus.jsonl", "index.sqlite", "index.sqlite.partial-1", "index.sqlite.partial-x", "other.partial-4194305",
      ])
  }

  @Test("corpora that are missing, empty or too bad are errors")
  func noCorpus() throws {
    let folder = try SearchFolder()
    #expect(throws: SearchIndexError.emptyCorpus(path: folder.file("corpus.jsonl"))) {
      try build(["", " "], in: folder)
    }
    #expect(throws: SearchIndexError.self) {
      try IndexBuilder().build(corpus: folder.file("none"), output: folder.file("x"))
    }
    #expect(throws: SearchIndexError.self) { try IndexBuilder().build(corpus: folder.path, output: folder.file("x")) }
    let corpus = try folder.write("{\"id\":\"a\",\"text\":\"x\"}", to: "c.jsonl")
    do {
      _ = try IndexBuilder().build(corpus: corpus, output: folder.file("no/folder/x.sqlite"))
      Issue.record("it was written")
    } catch {
      guard case .cannotWrite = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test("files that are no index say so")
  func notAnIndex() throws {
    let folder = try SearchFolder()
    #expect(openError(folder.file("none")) == .notFound(path: folder.file("none")))
    let text = try folder.write("not a database, " + String(repeating: "x", count: 5000), to: "text.sqlite")
    #expect(openError(text) == .notAnIndex(path: text))
    #expect(openError(try folder.write("", to: "empty.sqlite")) == .notAnIndex(path: folder.file("empty.sqlite")))
    try DatabaseQueue(path: folder.file("other.sqlite")).write { try $0.execute(sql: "CREATE TABLE t (x)") }
    #expect(openError(folder.file("other.sqlite")) == .notAnIndex(path: folder.file("other.sqlite")))
    #expect(openError(folder.path) != nil)
  }

  @Test("an index of another format says what to do")
  func otherFormat() throws {
    let folder = try SearchFolder()
    _ = try build(["{\"id\":\"a\",\"text\":\"x\"}"], in: folder)
    let path = folder.file("index.sqlite")
    for version in [0, 99] {
      try DatabaseQueue(path: path).writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = \(version)") }
      #expect(openError(path) == .otherFormat(path: path, found: version, known: IndexFormat.version))
      #expect(openError(path)?.description.contains("agentenv index build") == true)
    }
  }

  @Test("missing tables and arrays of the wrong size are damage")
  func damagedTables() async throws {
    for sql in [
      "DROP TABLE postings", "DROP TABLE passages", "UPDATE arrays SET data = x'00'", "DELETE FROM arrays",
      "UPDATE description SET json = '{}'", "DELETE FROM description", "UPDATE postings SET list = x'ffffffffff'",
      "UPDATE postings SET list = 'text'", "DELETE FROM passages", "UPDATE description SET json = x'00'",
    ] {
      let folder = try SearchFolder()
      _ = try build(SmallCorpus.passages.map { $0.serialized() }, in: folder)
      let path = folder.file("index.sqlite")
      try await DatabaseQueue(path: path).writeWithoutTransaction { try $0.execute(sql: sql) }
      do {
        _ = try await SearchIndex(path: path).search(SearchQuery(text: "capital"), deadline: .now + .seconds(60))
        Issue.record("\(sql) went unnoticed")
      } catch let error as SearchIndexError {
        guard case .corrupt = error else {
          Issue.record("\(sql): \(error)")
          return
        }
      }
    }
  }

  @Test("a file with any bytes changed or cut off gives answers or an error")
  func fuzz() async throws {
    let folder = try SearchFolder()
    _ = try build(RandomCorpus(seed: 1, passages: 60, vocabulary: 30).json.map { $0.serialized() }, in: folder)
    let good = Array(try Data(contentsOf: URL(fileURLWithPath: folder.file("index.sqlite"))))
    var random = RandomStream(seed: 2, purpose: "damage")
    for round in 0..<150 {
      var bytes = good
      if round.isMultiple(of: 10) {
        bytes.removeLast(random.below(bytes.count))
      } else {
        for _ in 0..<1 + random.below(40) { bytes[100 + random.below(bytes.count - 100)] = UInt8(random.below(256)) }
      }
      let path = folder.file("damaged.sqlite")
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      guard let index = try? SearchIndex(path: path, readers: 1) else { continue }
      for query in ["w1 w2", "w7", "w3 w9 w20"] {
        _ = try? await index.search(
          SearchQuery(text: query, limit: 5, filter: ["third": 1]), deadline: .now + .seconds(60))
      }
    }
  }

  @Test("paths with characters of addresses are paths")
  func oddPaths() async throws {
    let folder = try SearchFolder()
    let corpus = try folder.write("{\"id\":\"a\",\"text\":\"word\"}", to: "c.jsonl")
    for name in ["a?mode=memory.sqlite", "50%41.sqlite", "a b#c.sqlite", "ü.sqlite"] {
      _ = try IndexBuilder().build(corpus: corpus, output: folder.file(name))
      let index = try SearchIndex(path: folder.file(name))
      #expect(try await index.search(SearchQuery(text: "words"), deadline: .now + .seconds(60)).map(\.id) == ["a"])
    }
  }

  @Test("a corpus in the format of Search-R1 is read")
  func contents() async throws {
    let folder = try SearchFolder()
    let index = try folder.index([
      ["id": 3, "contents": "\"The \"big\" cat\"\nIt sleeps."], ["id": 4, "contents": "plain"],
    ])
    let hits = try await index.search(SearchQuery(text: "cat sleeps"), deadline: .now + .seconds(60))
    #expect(hits.map(\.id) == ["3"] && hits[0].title == "The \"big\" cat" && hits[0].text == "It sleeps.")
  }

  @Test("many sessions share an index, and cancelled queries end")
  func concurrency() async throws {
    let folder = try SearchFolder()
    let corpus = RandomCorpus(seed: 6, passages: 200, vocabulary: 50)
    let index = try folder.index(corpus.json)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<200 {
        group.addTask {
          let query = ["w\(number % 50)", "w\(number % 7)"]
          let hits = try await index.search(
            SearchQuery(text: query.joined(separator: " "), limit: 5), deadline: .now + .seconds(60))
          #expect(hits.map(\.id) == corpus.best(query, 5).map(\.id))
        }
      }
      try await group.waitForAll()
    }
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await index.search(SearchQuery(text: "w1"), deadline: .now + .seconds(60))
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    await #expect(throws: DeadlineExceeded.self) { try await index.search(SearchQuery(text: "w1"), deadline: .now) }
  }

  @Test("a cache that is too small for the lists gives the same answers")
  func smallCache() async throws {
    let folder = try SearchFolder()
    let corpus = RandomCorpus(seed: 8, passages: 200, vocabulary: 50)
    _ = try folder.index(corpus.json)
    let index = try SearchIndex(path: folder.file("index.sqlite"), cacheBytes: 3000)
    for number in 0..<100 {
      let query = ["w\(number % 50)", "w\(number % 11)"]
      let hits = try await index.search(
        SearchQuery(text: query.joined(separator: " "), limit: 5), deadline: .now + .seconds(60))
      #expect(hits.map(\.id) == corpus.best(query, 5).map(\.id))
    }
  }
}

@Suite struct CorpusIndexTests {
  @Test("the index of a corpus is built once, and again when the corpus changes or the index is damaged")
  func upToDate() async throws {
    let folder = try SearchFolder()
    let corpus = try folder.write("{\"id\":\"a\",\"text\":\"one\"}\n", to: "c.jsonl")
    let path = CorpusIndex.path(of: corpus)
    func inode() throws -> Int {
      try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int ?? 0
    }
    let first = try CorpusIndex.open(corpus: corpus)
    let built = try inode()
    _ = try CorpusIndex.open(corpus: corpus)
    #expect(try inode() == built)
    _ = try folder.write("{\"id\":\"b\",\"text\":\"one\"}\n", to: "c.jsonl")
    let second = try CorpusIndex.open(corpus: corpus)
    #expect(try await second.search(SearchQuery(text: "one"), deadline: .now + .seconds(60)).map(\.id) == ["b"])
    // Who had the old one open keeps it.
    #expect(try await first.search(SearchQuery(text: "one"), deadline: .now + .seconds(60)).map(\.id) == ["a"])
    _ = try folder.write("damaged", to: "c.jsonl.index.sqlite")
    #expect(try CorpusIndex.open(corpus: corpus).description.passages == 1)
    #expect(
      try CorpusIndex.open(corpus: corpus, builder: IndexBuilder(tokenizer: .unicode)).description.tokenizer == .unicode
    )
    #expect(throws: SearchIndexError.self) { try CorpusIndex.open(corpus: folder.file("none.jsonl")) }
  }

  @Test("several that want the same index at once build one")
  func locked() async throws {
    let folder = try SearchFolder()
    let lines = RandomCorpus(seed: 2, passages: 300, vocabulary: 50).json.map { $0.serialized() }
    let corpus = try folder.write(lines.joined(separator: "\n"), to: "c.jsonl")
    let builds = try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<4 {
        group.addTask {
          var built = false
          _ = try CorpusIndex.open(corpus: corpus) { _ in built = true }
          return built
        }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(builds == 1)
  }
}
