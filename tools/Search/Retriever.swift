import AgentCore

/// What finds passages for the search tool: an index on disk, a server, or a file of recorded answers.
public protocol Retriever: Sendable {
  /// The metadata that queries can be restricted by; empty if there is none.
  var filterFields: [FilterField] { get }

  /// What decides the answers besides the query, as a digest; nil if that cannot be known (a server may change).
  var digest: String? { get }

  /// The best passages, best first, at most `query.limit`.
  ///
  /// - Throws: `RetrievalError`, whose text the policy reads; `CancellationError`.
  func search(_ query: SearchQuery, deadline: ContinuousClock.Instant) async throws -> [SearchHit]
}

extension Retriever {
  public var filterFields: [FilterField] { [] }
  public var digest: String? { nil }
}

/// What is looked for.
public struct SearchQuery: Sendable, Hashable {
  /// Words, as the policy wrote them. Never read as query syntax.
  public var text: String
  /// Most passages wanted, from 1.
  public let limit: Int
  /// Metadata that a passage must have: each key with the value that it equals, or that its list contains.
  public var filter: JSONObject

  public init(text: String, limit: Int = 3, filter: JSONObject = .empty) {
    self.text = text
    self.limit = max(1, limit)
    self.filter = filter
  }
}

/// A passage that was found.
public struct SearchHit: Sendable, Hashable {
  public var id: String
  public var title: String?
  /// The passage, or the part of it around the words that were found.
  public var text: String
  /// Higher is better; nil if the retriever gives none.
  public var score: Double?

  public init(id: String, title: String? = nil, text: String, score: Double? = nil) {
    self.id = id
    self.title = title
    self.text = text
    self.score = score
  }
}

/// A metadata key that queries can be restricted by.
public struct FilterField: Sendable, Hashable {
  public var name: String
  /// JSON Schema types of its values: `string`, `number`, `boolean`. Empty: not known.
  public var types: [String]
  /// Every value, if there are few; else empty.
  public var values: [JSONValue]

  public init(name: String, types: [String] = [], values: [JSONValue] = []) {
    self.name = name
    self.types = types
    self.values = values
  }
}

/// Why a query has no answer. The policy reads the text.
public enum RetrievalError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Nothing in the query can be looked up.
  case noWords
  case unknownFilter(name: String, known: [String])
  /// A list, an object or null is no value to filter by.
  case badFilter(name: String)
  /// No answer to this query was recorded.
  case notRecorded(query: String, path: String)
  /// An answer could not be added to the recording.
  case cannotRecord(path: String, reason: String)
  /// The server could not be reached.
  case unreachable(url: String, reason: String)
  case timeout(url: String)
  /// The server answered with an HTTP status other than 200.
  case status(url: String, status: Int, body: String)
  /// The server's answer is not of the shape that it should have.
  case badAnswer(url: String, reason: String)

  public var description: String {
    switch self {
    case .noWords: "the query has no word to search for"
    case .unknownFilter(let name, let known):
      known.isEmpty
        ? "these passages cannot be filtered" : "cannot filter by `\(name)` (known: \(known.joined(separator: ", ")))"
    case .badFilter(let name): "the value of the filter `\(name)` must be a string, a number, true or false"
    case .notRecorded(let query, let path): "no recorded result for `\(query.prefix(200))` in \(path)"
    case .cannotRecord(let path, let reason): "cannot record the answer in \(path): \(reason)"
    case .unreachable(let url, let reason): "cannot reach the search server \(url): \(reason)"
    case .timeout(let url): "the search server \(url) did not answer in time"
    case .status(let url, let status, let body):
      "the search server \(url) answered with status \(status)\(body.isEmpty ? "" : ": \(body)")"
    case .badAnswer(let url, let reason): "the search server \(url) gave an answer that cannot be read: \(reason)"
    }
  }
}
