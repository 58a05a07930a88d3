import AgentCore

enum TripleFormat: String, CaseIterable {
  case tsv, jsonl, nt

  init?(path: String) {
    guard let format = Self.allCases.first(where: { path.lowercased().hasSuffix(".\($0.rawValue)") }) else {
      return nil
    }
    self = format
  }
}

/// Three numbers of names.
struct Triple: Hashable {
  var subject: Int32
  var relation: Int32
  var object: Int32
}

/// Reads triples line by line and numbers their names in the order in which they come. Empty lines are skipped.
struct TripleReader {
  private let format: TripleFormat
  private let source: String
  private(set) var entities: [String: Int32] = [:]
  private(set) var relations: [String: Int32] = [:]
  private(set) var triples: [Triple] = []

  init(format: TripleFormat, source: String) {
    self.format = format
    self.source = source
  }

  mutating func read(_ bytes: [UInt8]) throws(KnowledgeGraphError) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = bytes.starts(with: mark) ? bytes[3...] : bytes[...]
    var number = 0
    for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      guard let text = String(validating: line, as: UTF8.self) else { throw bad(number, "is not UTF-8 text") }
      guard text.contains(where: { !$0.isWhitespace }) else { continue }
      do {
        try add(try Self.names(in: text, format))
      } catch {
        throw bad(number, error.reason)
      }
    }
  }

  private func bad(_ line: Int, _ reason: String) -> KnowledgeGraphError {
    .badLine(path: source, line: line, reason: reason)
  }

  private mutating func add(_ names: [String]?) throws(LineError) {
    guard let names else { return }
    guard !names.contains("") else { throw LineError("an empty name") }
    triples.append(
      Triple(
        subject: Self.number(names[0], &entities), relation: Self.number(names[1], &relations),
        object: Self.number(names[2], &entities)))
  }

  private static func number(_ name: String, _ numbers: inout [String: Int32]) -> Int32 {
    if let number = numbers[name] { return number }
    let number = Int32(truncatingIfNeeded: numbers.count)
    numbers[name] = number
    return number
  }

  // MARK: Lines

  struct LineError: Error {
    let reason: String

    init(_ reason: String) {
      self.reason = reason
    }
  }

  /// Subject, relation and object of a line; nil for a comment.
  private static func names(in line: String, _ format: TripleFormat) throws(LineError) -> [String]? {
    switch format {
    case .tsv:
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard columns.count == 3 else {
        throw LineError("expected subject, relation and object separated by tabs, found \(columns.count) columns")
      }
      return columns.map { String($0.trimmingSpaces) }
    case .jsonl: return try namesInJSON(line)
    case .nt:
      var parser = NTriplesParser(line)
      return try parser.parse()
    }
  }

  private static func namesInJSON(_ line: String) throws(LineError) -> [String] {
    let value: JSONValue
    do { value = try JSONValue(parsing: line) } catch { throw LineError("\(error)") }
    let keys = ["subject", "relation", "object"]
    let parts: [JSONValue?]
    if let fields = value.objectValue {
      if let unknown = fields.keys.first(where: { !keys.contains($0) }) {
        throw LineError("unknown field `\(unknown)`")
      }
      parts = keys.map { fields[$0] }
    } else {
      guard let elements = value.arrayValue, elements.count == 3 else {
        throw LineError("expected {\"subject\", \"relation\", \"object\"} or an array of three")
      }
      parts = elements
    }
    var names: [String] = []
    for (key, part) in zip(keys, parts) {
      switch part {
      case .string(let name): names.append(name)
      case .int, .double: names.append(part?.serialized() ?? "")
      case nil: throw LineError("`\(key)` is missing")
      default: throw LineError("`\(key)`: expected a text or a number, found \(part?.kindName ?? "nothing")")
      }
    }
    return names
  }
}

extension Substring {
  fileprivate var trimmingSpaces: Substring {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return text
  }
}
