import AgentCore
import Foundation
import Testing

@testable import AgentTools

@Suite struct SearchBenchmarkTests {
  @Test("the synthetic corpus depends on its seed alone, and each query's words stand in one passage")
  func corpus() throws {
    let folder = try SearchFolder()
    let zipf = ZipfCorpus(passages: 300, vocabulary: 500, seed: 3)
    let queries = try zipf.write(to: folder.file("a"), queries: 50)
    #expect(try zipf.write(to: folder.file("b"), queries: 50) == queries)
    let text = try String(contentsOfFile: folder.file("a"), encoding: .utf8)
    #expect(try String(contentsOfFile: folder.file("b"), encoding: .utf8) == text)
    let passages = try text.split(separator: "\n").map { line in
      Set(try #require(JSONValue(parsing: String(line))["text"]?.stringValue).split(separator: " "))
    }
    #expect(passages.count == 300 && queries.count == 50)
    for query in queries {
      let words = query.split(separator: " ")
      #expect((2...4).contains(words.count))
      #expect(passages.contains { $0.isSuperset(of: words) }, "\(query)")
    }
    #expect(Set(passages.joined()).count > 100)
  }

  @Test("on it our ranking has the scores of FTS5, and every mode answers")
  func agreement() async throws {
    let folder = try SearchFolder()
    let queries = try ZipfCorpus(passages: 1500, vocabulary: 2000, seed: 4).write(to: folder.file("c"), queries: 100)
    _ = try IndexBuilder(tokenizer: .unicode).build(corpus: folder.file("c"), output: folder.file("i"))
    let benchmark = SearchBenchmark(try SearchIndex(path: folder.file("i")))
    #expect(try await benchmark.agreements(queries) == queries.count)
    for mode in SearchBenchmark.Mode.allCases {
      let timing = try await benchmark.run(mode, queries)
      #expect(timing.queries == queries.count && timing.medianMilliseconds <= timing.p99Milliseconds)
    }
  }
}
