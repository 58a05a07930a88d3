import AgentCore

/// Passage retrieval as a tool: `{"query": "capital of France"}` → numbered passages.
///
/// A tool holds no state of its own: sessions share one retriever.
public struct SearchTool: Tool {
  public let schema: ToolSchema
  public let pureOver: String?
  private let retriever: any Retriever
  private let limits: SearchLimits

  /// - Parameters:
  ///   - about: what is searched, for the policy; nil: a line that fits any corpus.
  ///   - filters: the metadata keys that the policy may filter by; nil: all that the retriever has, up to 16.
  /// - Throws: `SearchToolError` for a filter that the retriever does not have, or limits that make no sense.
  public init(
    _ retriever: any Retriever, limits: SearchLimits = SearchLimits(), about: String? = nil, filters: [String]? = nil
  ) throws(SearchToolError) {
    try limits.check()
    self.retriever = retriever
    self.limits = limits
    let fields = try Self.fields(filters, of: retriever)
    schema = Self.schema(limits, about: about, fields: fields)
    pureOver = retriever.digest.map { "\($0) snippet_chars=\(limits.snippetLength) top_k=\(limits.topK)" }
  }

  public func call(_ arguments: JSONObject, context: ToolContext) async throws -> ToolOutput {
    guard let text = arguments["query"]?.stringValue else { return .error("`query` is missing") }
    let limit = min(max(1, arguments["top_k"]?.intValue ?? limits.topK), limits.maxTopK)
    let query = SearchQuery(text: text, limit: limit, filter: arguments["filter"]?.objectValue ?? .empty)
    do {
      let hits = try await retriever.search(query, deadline: context.deadline)
      return .ok(SearchResultText.text(of: hits, snippetLength: limits.snippetLength))
    } catch let error as RetrievalError {
      if case .timeout = error { return ToolOutput(status: .timeout, content: "error: \(error)") }
      return .error(error.description)
    } catch let error as SearchIndexError {
      return .error(error.description)
    }
  }
}

/// How much a search gives.
public struct SearchLimits: Sendable, Hashable {
  /// Passages, unless the policy asks for another number.
  public var topK: Int
  /// Most passages that the policy may ask for.
  public var maxTopK: Int
  /// Most Unicode scalars of text of each passage.
  public var snippetLength: Int

  public init(topK: Int = 3, maxTopK: Int = 10, snippetLength: Int = 800) {
    self.topK = topK
    self.maxTopK = maxTopK
    self.snippetLength = snippetLength
  }

  func check() throws(SearchToolError) {
    guard topK >= 1 else { throw .badLimit("top_k", topK, "at least 1") }
    guard maxTopK >= topK, maxTopK <= 1000 else {
      throw .badLimit("max_top_k", maxTopK, "from top_k (\(topK)) to 1000")
    }
    guard snippetLength >= 20 else { throw .badLimit("snippet_chars", snippetLength, "at least 20") }
  }
}

/// Why a search tool cannot be offered.
public enum SearchToolError: Error, Sendable, Equatable, CustomStringConvertible {
  case badLimit(String, Int, String)
  case unknownFilter(String, known: [String])
  /// The recorded results cannot be read.
  case badRecording(path: String, line: Int, reason: String)
  case noRecording(path: String, reason: String)

  public var description: String {
    switch self {
    case .badLimit(let key, let value, let expected): "`\(key)` is \(value): expected \(expected)"
    case .unknownFilter(let name, let known):
      known.isEmpty
        ? "cannot filter by `\(name)`: the passages have no metadata"
        : "cannot filter by `\(name)`: the metadata keys are \(known.joined(separator: ", "))"
    case .badRecording(let path, let line, let reason): "\(path):\(line): \(reason)"
    case .noRecording(let path, let reason): "cannot read the recorded results \(path): \(reason)"
    }
  }
}

// MARK: - Schema

extension SearchTool {
  private static let maxFields = 16

  private static func fields(
    _ names: [String]?, of retriever: any Retriever
  ) throws(SearchToolError) -> [FilterField] {
    let known = retriever.filterFields
    guard let names else { return Array(known.prefix(maxFields)) }
    var fields: [FilterField] = []
    for name in names where !fields.contains(where: { $0.name == name }) {
      guard let field = known.first(where: { $0.name == name }) else {
        throw .unknownFilter(name, known: known.map(\.name))
      }
      fields.append(field)
    }
    return fields
  }

  private static func schema(_ limits: SearchLimits, about: String?, fields: [FilterField]) -> ToolSchema {
    var properties: JSONObject = [
      "query": [
        "type": "string", "minLength": 1, "maxLength": 2000,
        "description": "Words to look for, for example: capital of France",
      ],
      "top_k": [
        "type": "integer", "minimum": 1, "maximum": JSONValue(limits.maxTopK),
        "description": .string("How many passages, \(limits.topK) unless given"),
      ],
    ]
    if !fields.isEmpty {
      properties["filter"] = [
        "type": "object", "description": "Only passages whose metadata has these values",
        "properties": .object(JSONObject(fields.map { ($0.name, $0.schema) }, uniquingKeysWith: { $1 })),
        "additionalProperties": false,
      ]
    }
    return ToolSchema(
      name: "search",
      description: about ?? "Finds the passages of a text collection that match a query best.",
      parameters: [
        "type": "object", "properties": .object(properties), "required": ["query"], "additionalProperties": false,
      ])
  }
}

extension FilterField {
  fileprivate var schema: JSONValue {
    if !values.isEmpty { return ["enum": .array(values)] }
    switch types.count {
    case 0: return ["type": ["string", "number", "boolean"]]
    case 1: return ["type": .string(types[0])]
    default: return ["type": .array(types.map(JSONValue.string))]
    }
  }
}
