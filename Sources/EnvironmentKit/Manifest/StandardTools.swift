import AgentCore
import AgentTools
import Configuration

/// The tools that every environment may name, and the settings of each.
extension ToolPart {
  public static let standard: [String: ToolPart] = [
    "bash": code("bash", "Bash commands"), "calculator": calculator,
    "code": code(nil, "Programs in a language of the sandbox"), "fetch": fetch, "graph": graph, "notes": notes,
    "python": code("python", "Python code"), "search": search, "sql": sql,
  ]

  private static let calculator = ToolPart(summary: "Exact arithmetic.") { _, _ in { CalculatorTool() } }

  /// - Parameter language: the tool's name and language; nil: the tool `code`, whose settings name one.
  private static func code(_ language: String?, _ what: String) -> ToolPart {
    ToolPart(summary: "\(what), run in the sandbox.", needs: language == nil ? "language" : nil) { section, context in
      var settings = CodeExecutionSettings(language: try language ?? section.string("language"))
      if let language { settings.language = try section.optionalString("language") ?? language }
      settings.isStateful = try section.bool("stateful", default: settings.isStateful)
      settings.timeout = try section.positiveDuration("timeout") ?? settings.timeout
      settings.memoryBytes = try section.int("memory_mb", default: settings.memoryBytes >> 20, in: 16...1 << 20) << 20
      settings.outputCharacters = try section.int(
        "output_chars", default: settings.outputCharacters, in: 100...10_000_000)
      let sandbox = try context.sandbox(&section)
      let fixed = settings
      return { try CodeExecutionTool(name: language ?? "code", sandbox: sandbox, settings: fixed) }
    }
  }

  private static let fetch = ToolPart(summary: "Web pages as text, from hosts that are allowed.", needs: "allow") {
    section, _ in
    var settings = FetchSettings(allow: try section.optionalStrings("allow") ?? [])
    settings.allowsPrivate = try section.bool("allow_private", default: settings.allowsPrivate)
    settings.timeout = try section.positiveDuration("timeout") ?? settings.timeout
    settings.maxBytes = try section.int("max_bytes", default: settings.maxBytes, in: 1...1 << 30)
    settings.maxRedirects = try section.int("max_redirects", default: settings.maxRedirects, in: 0...50)
    settings.contentTypes = try section.optionalStrings("content_types") ?? settings.contentTypes
    settings.pageCharacters = try section.int("page_chars", default: settings.pageCharacters, in: 100...1_000_000)
    guard !settings.allow.isEmpty else {
      throw section.error("allow", "name the hosts that may be fetched, e.g. [example.org, \"*.example.org\"]")
    }
    // One connection pool for all sessions.
    let tool = try FetchTool(settings: settings)
    return { tool }
  }

  private static let graph = ToolPart(summary: "Facts of a knowledge graph, and paths in it.", needs: "file") {
    section, context in
    var settings = KnowledgeGraphSettings(file: context.path(try section.string("file")))
    settings.maxResults = try section.int("max_results", default: settings.maxResults, in: 1...10_000)
    settings.maxHops = try section.int("max_hops", default: settings.maxHops, in: 1...20)
    let tool = try KnowledgeGraphTool(settings: settings)
    return { tool }
  }

  private static let notes = ToolPart(summary: "A memory for one session.") { section, _ in
    var settings = NotesSettings()
    settings.maxNotes = try section.int("max_notes", default: settings.maxNotes, in: 1...10_000)
    settings.maxCharacters = try section.int("max_chars", default: settings.maxCharacters, in: 1...1_000_000)
    let fixed = settings
    return { NotesTool(settings: fixed) }
  }

  private static let sql = ToolPart(summary: "Read-only queries over a SQLite database.", needs: "database") {
    section, context in
    var settings = SQLQuerySettings(database: context.path(try section.string("database")))
    settings.maxRows = try section.int("max_rows", default: settings.maxRows, in: 1...100_000)
    settings.maxCharacters = try section.int("max_chars", default: settings.maxCharacters, in: 100...10_000_000)
    settings.timeout = try section.positiveDuration("timeout") ?? settings.timeout
    settings.memoryBytes = try section.int("memory_mb", default: settings.memoryBytes >> 20, in: 1...65_536) << 20
    let tool = try SQLQueryTool(settings: settings)
    return { tool }
  }

  private static let search = ToolPart(
    summary: "Passages of a corpus by BM25, or of a search server.", needs: "index"
  ) { section, context in
    var settings = SearchSettings(source: try source(&section, context))
    settings.limits.topK = try section.int("top_k", default: settings.limits.topK, in: 1...1000)
    settings.limits.maxTopK = try section.int(
      "max_top_k", default: max(settings.limits.maxTopK, settings.limits.topK), in: 1...1000)
    settings.limits.snippetLength = try section.int(
      "snippet_chars", default: settings.limits.snippetLength, in: 20...1_000_000)
    settings.filters = try section.optionalStrings("filters")
    settings.about = try section.optionalString("description")
    settings.timeout = try section.positiveDuration("timeout") ?? settings.timeout
    settings.record = try section.optionalPath("record", context)
    return SearchTool.factory(settings)
  }

  /// One of `index`, `corpus`, `url` and `recorded`.
  private static func source(
    _ section: inout ConfigurationSection, _ context: PartContext
  ) throws -> SearchSettings.Source {
    let keys = ["index", "corpus", "url", "recorded"].filter { section.contains($0) }
    section.declare("index", "corpus", "url", "recorded")
    guard keys.count == 1, let key = keys.first else {
      throw section.error(
        keys.last ?? "index", "give one of `index` (a file), `corpus` (a JSONL file), `url` or `recorded` (a file)")
    }
    switch key {
    case "index": return .index(path: context.path(try section.string(key)))
    case "recorded": return .recorded(path: context.path(try section.string(key)))
    case "url":
      return .server(url: try section.string(key), shape: try section.choice("shape", default: .searchR1))
    default:
      return .corpus(
        path: context.path(try section.string(key)), tokenizer: try section.choice("tokenizer", default: .porter))
    }
  }
}

extension ConfigurationSection {
  /// A duration above 0; nil if absent.
  mutating func positiveDuration(_ key: String) throws(ConfigurationError) -> Duration? {
    guard let duration = try optionalDuration(key) else { return nil }
    guard duration > .zero else { throw error(key, "must be above 0") }
    return duration
  }
}
