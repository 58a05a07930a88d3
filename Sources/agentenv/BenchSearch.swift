import AgentCore
import AgentTools
import ArgumentParser
import Foundation
import TerminalOutput

/// `agentenv bench search`
struct BenchSearch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Time the search tool on a synthetic corpus, beside SQLite FTS5 and, if they are installed, others.",
    discussion: """
      100,000 passages of 30 to 90 words, words as uneven as in natural text (Zipf, s = 1.07, over 50,000 words); \
      queries of 2 to 4 words from one passage, the 30 most frequent words left out; one thread. `bag` is what the \
      tool does. --peer names a Python that has bm25s (benchmarks/search_requirements.txt) and the script to run.
      """)

  @Option(help: "Passages of the corpus.")
  var passages = 100_000
  @Option(help: "Queries, each asked once; after a round that is not counted.")
  var queries = 2000
  @Option(help: "Passages wanted.")
  var topK = 5
  @Option(help: "Of the corpus.")
  var seed = 1234
  @Option(help: ArgumentHelp("Python for benchmarks/search_peer.py; none: no peers.", valueName: "python"))
  var peer: String?

  @OptionGroup var output: JSONOption

  /// FTS5 takes milliseconds each.
  private static let fullTextQueries = 500

  func validate() throws {
    guard passages >= 100, passages <= 10_000_000 else { throw ValidationError("--passages must be 100 to 10000000") }
    guard queries >= 1, queries <= passages else { throw ValidationError("--queries must be 1 to --passages") }
    guard topK >= 1, topK <= 1000 else { throw ValidationError("--top-k must be 1 to 1000") }
  }

  func run() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("agentenv-bench-search-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let corpus = folder.appendingPathComponent("corpus.jsonl").path
    let asked = try ZipfCorpus(passages: passages, seed: seed).write(to: corpus, queries: queries)
    let path = folder.appendingPathComponent("index.sqlite").path
    let report = try IndexBuilder(tokenizer: .unicode).build(corpus: corpus, output: path)
    let opening = ContinuousClock.now
    let index = try SearchIndex(path: path, readers: 1)
    let opened = ContinuousClock.now - opening
    let benchmark = SearchBenchmark(index, topK: topK)
    var rows: [SearchBenchmark.Timing] = []
    for mode in SearchBenchmark.Mode.allCases {
      // Of FTS5 there is nothing to warm but the file cache.
      let isOurs = mode != .fullTextAny && mode != .fullTextAll
      if isOurs { _ = try await benchmark.run(mode, asked) }
      rows.append(try await benchmark.run(mode, isOurs ? asked : Array(asked.prefix(Self.fullTextQueries))))
    }
    let checked = Array(asked.prefix(Self.fullTextQueries))
    let agreements = (try await benchmark.agreements(checked), checked.count)
    let build = BuildFigures(
      passages: report.description.passages, words: report.description.words,
      buildSeconds: report.duration / .seconds(1), openMilliseconds: opened / .milliseconds(1),
      corpusBytes: report.description.corpusBytes, indexBytes: report.bytes)
    show(build, rows, agreements)
    try runPeer(corpus: corpus, asked, in: folder)
  }

  private struct BuildFigures {
    var passages: Int, words: Int
    var buildSeconds: Double, openMilliseconds: Double
    var corpusBytes: Int, indexBytes: Int
  }

  private func show(_ build: BuildFigures, _ rows: [SearchBenchmark.Timing], _ agreements: (count: Int, of: Int)) {
    if output.json {
      let queries = rows.map { row -> JSONValue in
        [
          "mode": .string(row.mode.rawValue), "queries": JSONValue(row.queries),
          "queries_per_second": .double(row.queriesPerSecond), "p50_ms": .double(row.medianMilliseconds),
          "p99_ms": .double(row.p99Milliseconds),
        ]
      }
      let json: JSONValue = [
        "passages": JSONValue(build.passages), "words": JSONValue(build.words),
        "build_seconds": .double(build.buildSeconds), "open_ms": .double(build.openMilliseconds),
        "corpus_bytes": JSONValue(build.corpusBytes), "index_bytes": JSONValue(build.indexBytes),
        "modes": .array(queries), "same_as_fts5": JSONValue(agreements.count), "compared": JSONValue(agreements.of),
      ]
      return Terminal.standardOutput.writeLine(json.serialized())
    }
    Terminal.standardOutput.writeLine(
      """
      \(build.passages) passages, \(NumberText.abbreviated(Double(build.words))) words, \
      \(NumberText.abbreviated(Double(build.corpusBytes)))B of JSON lines: \
      built in \(NumberText.short(build.buildSeconds)) s, \(NumberText.abbreviated(Double(build.indexBytes)))B; \
      opened in \(NumberText.short(build.openMilliseconds)) ms

      """)
    var table = TextTable([.left("mode"), .right("queries/s"), .right("p50 ms"), .right("p99 ms")])
    for row in rows {
      table.add([
        row.mode.rawValue, NumberText.short(row.queriesPerSecond), NumberText.short(row.medianMilliseconds),
        NumberText.short(row.p99Milliseconds),
      ])
    }
    Terminal.standardOutput.writeLine(table.rendered(for: .standardOutput))
    Terminal.standardOutput.writeLine(
      "or gives the scores of fts5-or for \(agreements.count) of \(agreements.of) queries")
  }

  /// The same corpus and queries in Python; it prints its own lines.
  private func runPeer(corpus: String, _ asked: [String], in folder: URL) throws {
    guard let peer else { return }
    let script = "benchmarks/search_peer.py"
    guard FileManager.default.fileExists(atPath: script) else {
      throw UsageError(description: "--peer: there is no \(script) here; run it in the repository")
    }
    let list = folder.appendingPathComponent("queries.txt")
    try asked.joined(separator: "\n").write(to: list, atomically: false, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [peer, script, corpus, list.path, "--top-k", "\(topK)"] + (output.json ? ["--json"] : [])
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw UsageError(description: "\(peer) \(script) ended with \(process.terminationStatus)")
    }
  }
}
