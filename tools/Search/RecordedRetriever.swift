import AgentCore
import Foundation

/// Answers from a file of recorded results, for tests and runs without a server.
///
/// One JSON object a line: `{"query": "…", "results": [{"id": "…", "title": "…", "text": "…", "score": 1.5}]}`, with
/// `filter` if the query had one and `top_k` if the results are the best of more. A query that is not there has no
/// answer; of two lines with one query, the later counts.
public struct RecordedRetriever: Retriever {
  private let path: String
  private let answers: [RecordedKey: RecordedAnswer]
  public let digest: String?
  public let filterFields: [FilterField]

  /// Reads the file.
  public init(path: String) throws(SearchToolError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .noRecording(path: path, reason: "check that it exists and is readable")
    }
    let bytes = Array(data)
    var answers: [RecordedKey: RecordedAnswer] = [:]
    var names: Set<String> = []
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      guard line.contains(where: { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }) else { continue }
      do {
        let answer = try RecordedAnswer(json: JSONValue(parsing: Array(line)))
        answers[RecordedKey(answer.query)] = answer
        names.formUnion(answer.query.filter.keys)
      } catch {
        throw .badRecording(path: path, line: index + 1, reason: error.description)
      }
    }
    self.path = path
    self.answers = answers
    digest = ContentDigest.of(bytes)
    filterFields = names.sorted().map { FilterField(name: $0) }
  }

  public func search(_ query: SearchQuery, deadline: ContinuousClock.Instant) async throws -> [SearchHit] {
    guard let answer = answers[RecordedKey(query)], answer.covers(query.limit) else {
      throw RetrievalError.notRecorded(query: query.text, path: path)
    }
    return Array(answer.hits.prefix(query.limit))
  }
}

/// Asks another retriever and appends each query with its answer to a file that `RecordedRetriever` reads.
public struct RecordingRetriever: Retriever {
  private let retriever: any Retriever
  private let path: String
  /// Writing to a file may wait for a disk; also keeps lines whole.
  private let queue = DispatchQueue(label: "search-recording")

  public init(_ retriever: any Retriever, path: String) {
    self.retriever = retriever
    self.path = path
  }

  public var filterFields: [FilterField] { retriever.filterFields }

  public func search(_ query: SearchQuery, deadline: ContinuousClock.Instant) async throws -> [SearchHit] {
    let hits = try await retriever.search(query, deadline: deadline)
    let line = RecordedAnswer(query: query, limit: query.limit, hits: hits).json.serializedBytes() + [0x0A]
    let path = path
    let failure = await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: AppendedLine.write(line, to: path)) }
    }
    if let failure { throw RetrievalError.cannotRecord(path: path, reason: failure) }
    return hits
  }
}

/// A line at the end of a file, written by one call: lines of several processes do not mix.
private enum AppendedLine {
  /// - Returns: why it could not be written.
  static func write(_ line: [UInt8], to path: String) -> String? {
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return String(cString: strerror(errno)) }
    defer { close(descriptor) }
    var written = 0
    repeat { written = Glibc.write(descriptor, line, line.count) } while written < 0 && errno == EINTR
    if written == line.count { return nil }
    return written < 0 ? String(cString: strerror(errno)) : "only \(written) of \(line.count) bytes were written"
  }
}

/// What makes two queries the same: words up to outer white space, and the filter in any order.
private struct RecordedKey: Hashable {
  let text: String
  let filter: [String: JSONValue]

  init(_ query: SearchQuery) {
    text = query.text.trimmingCharacters(in: .whitespacesAndNewlines)
    filter = Dictionary(query.filter.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
  }
}

/// One line of a recording.
private struct RecordedAnswer {
  var query: SearchQuery
  /// How many results were asked for; nil: there are no more than these.
  var limit: Int?
  var hits: [SearchHit]

  init(query: SearchQuery, limit: Int?, hits: [SearchHit]) {
    self.query = query
    self.limit = limit
    self.hits = hits
  }

  /// Whether the answer to a query for that many results is known.
  func covers(_ wanted: Int) -> Bool {
    guard let limit else { return true }
    return wanted <= limit || hits.count < limit
  }

  var json: JSONValue {
    var object: JSONObject = ["query": .string(query.text)]
    if !query.filter.isEmpty { object["filter"] = .object(query.filter) }
    if let limit { object["top_k"] = JSONValue(limit) }
    object["results"] = .array(hits.map(\.json))
    return .object(object)
  }

  init(json: JSONValue) throws(JSONError) {
    var fields = try JSONFields(json)
    var filter: JSONObject = .empty
    if let value = fields.optional("filter") {
      guard let object = value.objectValue else {
        throw .value(reason: "expected an object, found \(value.kindName)", path: "filter")
      }
      filter = object
    }
    query = SearchQuery(text: try fields.string("query"), filter: filter)
    limit = try fields.optionalInt("top_k")
    let results = try fields.required("results")
    guard results.arrayValue != nil else {
      throw .value(reason: "expected an array, found \(results.kindName)", path: "results")
    }
    hits = try fields.array("results") { value, path throws(JSONError) in try SearchHit(json: value, path: path) }
    try fields.finish()
  }
}

extension SearchHit {
  public var json: JSONValue {
    var object: JSONObject = ["id": .string(id)]
    if let title { object["title"] = .string(title) }
    object["text"] = .string(text)
    if let score, score.isFinite { object["score"] = .double(score) }
    return .object(object)
  }

  init(json: JSONValue, path: String) throws(JSONError) {
    var fields = try JSONFields(json, path: path)
    id = try fields.string("id")
    title = try fields.optionalString("title")
    text = try fields.string("text")
    score = try fields.optionalDouble("score")
    try fields.finish()
  }
}
