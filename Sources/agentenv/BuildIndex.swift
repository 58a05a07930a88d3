import AgentCore
import AgentTools
import ArgumentParser
import Foundation
import TerminalOutput

/// `agentenv index`
struct SearchIndexes: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index", abstract: "Make and query indexes for the search tool.",
    subcommands: [BuildIndex.self, QueryIndex.self])
}

/// `agentenv index build CORPUS.jsonl --out INDEX.sqlite`
struct BuildIndex: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Make a search index from JSON lines: id, text, optionally title; any other key is metadata.")

  @Argument(help: ArgumentHelp("The corpus, one JSON object a line.", valueName: "corpus.jsonl"))
  var corpus: String

  @Option(help: ArgumentHelp("The index, a SQLite file; replaced if it is there.", valueName: "index.sqlite"))
  var out: String

  @Option(help: "porter (English endings do not matter) or unicode (words as they are written).")
  var tokenizer = "porter"

  @Flag(help: "Leave out lines that cannot be used, and say how many.")
  var skipBad = false

  @OptionGroup var output: JSONOption

  func run() async throws {
    guard let kind = WordTokenizerKind(rawValue: tokenizer) else {
      let known = WordTokenizerKind.allCases.map(\.rawValue).joined(separator: ", ")
      throw UsageError(description: "there is no tokenizer `\(tokenizer)` (known: \(known))")
    }
    let line = IndexProgressLine(.standardError)
    defer { line.clear() }
    let report = try IndexBuilder(tokenizer: kind, skipsBadLines: skipBad).build(corpus: corpus, output: out) {
      line.show($0)
    }
    line.clear()
    for skipped in report.skipped {
      Terminal.standardError.writeLine(TerminalText.onOneLine("\(corpus):\(skipped.line): \(skipped.reason); left out"))
    }
    if output.json {
      var json = report.description.json.objectValue ?? .empty
      json["path"] = .string(report.path)
      json["index_bytes"] = JSONValue(report.bytes)
      json["seconds"] = .double(report.duration / .seconds(1))
      return Terminal.standardOutput.writeLine(JSONValue.object(json).serialized())
    }
    let description = report.description
    let skipped = description.skippedLines == 0 ? "" : ", \(description.skippedLines) lines left out"
    Terminal.standardOutput.writeLine(
      """
      \(report.path): \(description.passages) passages, \(description.words) words (\(description.distinctWords) \
      different)\(skipped); \(NumberText.abbreviated(Double(report.bytes)))B in \
      \(NumberText.duration(seconds: report.duration / .seconds(1)))
      """)
  }
}

/// How far an index is, on a terminal; nothing elsewhere.
private struct IndexProgressLine {
  private let terminal: Terminal

  init(_ terminal: Terminal) { self.terminal = terminal }

  func show(_ progress: IndexProgress) {
    guard terminal.isTerminal else { return }
    let width = 30
    let filled = Int(progress.fraction * Double(width))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    let percent = NumberText.percent(progress.fraction, 0)
    let line = "\(bar) \(percent)  \(progress.phase.rawValue), \(progress.passages) passages"
    terminal.write(Terminal.clearLine + TerminalText.truncated(line, to: max(10, (terminal.columns ?? 80) - 1)))
  }

  func clear() { if terminal.isTerminal { terminal.write(Terminal.clearLine) } }
}

/// `agentenv index search INDEX QUERY…`
struct QueryIndex: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search", abstract: "Query an index as the search tool does, and print what a policy would read.")

  @Argument(help: ArgumentHelp("The index.", valueName: "index.sqlite"))
  var index: String

  @Argument(help: "The words to look for.")
  var query: [String]

  @Option(help: "Passages wanted.")
  var topK = 3

  @Option(help: "Most characters of text of each passage.")
  var snippetChars = SearchLimits().snippetLength

  @Option(
    parsing: .singleValue, help: ArgumentHelp("Only passages with this metadata; repeatable.", valueName: "key=value"))
  var filter: [String] = []

  @OptionGroup var output: JSONOption

  func validate() throws {
    guard topK >= 1, topK <= 1000 else { throw ValidationError("--top-k must be 1 to 1000") }
    guard snippetChars >= 20 else { throw ValidationError("--snippet-chars must be at least 20") }
    guard !query.isEmpty else { throw ValidationError("give the words to look for") }
  }

  func run() async throws {
    let index = try SearchIndex(path: index, snippetLength: snippetChars, readers: 1)
    let limits = SearchLimits(topK: topK, maxTopK: max(topK, 10), snippetLength: snippetChars)
    let text = query.joined(separator: " ")
    let filter = try filters()
    if output.json {
      let hits = try await index.search(
        SearchQuery(text: text, limit: topK, filter: filter), deadline: .now + .seconds(60))
      return Terminal.standardOutput.writeLine(JSONValue.array(hits.map(\.json)).serialized())
    }
    var arguments: JSONObject = ["query": .string(text)]
    if !filter.isEmpty { arguments["filter"] = .object(filter) }
    let tool = try SearchTool(index, limits: limits)
    let result = try await ToolRegistry([tool]).call(
      ToolCall(id: "call_0", name: tool.schema.name, arguments: .object(arguments)), deadline: .now + .seconds(60))
    Terminal.standardOutput.writeLine(TerminalText.harmless(result.content))
    if result.status != .ok { throw ExitCode(1) }
  }

  /// `key=value`; a value that reads as JSON (a number, true, a quoted text) is that, any other is text.
  private func filters() throws -> JSONObject {
    var object = JSONObject.empty
    for one in filter {
      guard let equals = one.firstIndex(of: "=") else {
        throw UsageError(description: "--filter \(one): expected key=value")
      }
      let text = String(one[one.index(after: equals)...])
      let value = (try? JSONValue(parsing: text)) ?? .string(text)
      object[String(one[..<equals])] = value
    }
    return object
  }
}
