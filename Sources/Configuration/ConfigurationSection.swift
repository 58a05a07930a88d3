import AgentCore
import Yams

/// One mapping of a configuration, read key by key; ``finish()`` then refuses keys that nobody asked for.
public struct ConfigurationSection {
  /// The key path of this mapping, empty at the top.
  public let path: String
  /// The file's name, for messages.
  public let source: String
  private let node: Node?
  private let entries: [String: Node]
  private var known: Set<String> = []

  init(node: Node?, path: String, source: String) {
    self.path = path
    self.source = source
    self.node = node
    var entries: [String: Node] = [:]
    if case .mapping(let mapping) = node {
      for (key, value) in mapping { entries[key.string ?? "\(key)"] = value }
    }
    self.entries = entries
  }

  /// Whether the key is present and not null.
  public func contains(_ key: String) -> Bool { entries[key].map { !Self.isNull($0) } ?? false }

  /// The keys in alphabetical order.
  public var keys: [String] { entries.keys.sorted() }

  /// Refuses unknown keys, with the nearest known one.
  public func finish() throws(ConfigurationError) {
    guard let unknown = entries.keys.filter({ !known.contains($0) }).sorted().first else { return }
    let suggestion = nearestWord(to: unknown, among: known).map { "; did you mean `\($0)`?" }
    let all = known.isEmpty ? "" : " (known here: \(known.sorted().joined(separator: ", ")))"
    throw error(unknown, "unknown key\(suggestion ?? all)")
  }

  /// An error about one key of this mapping, with its place.
  public func error(_ key: String, _ reason: String) -> ConfigurationError {
    let mark = entries[key]?.mark ?? node?.mark
    return ConfigurationError(
      source: source, line: mark?.line, column: mark?.column, path: path.isEmpty ? key : "\(path).\(key)",
      reason: reason)
  }

  /// Whether the value is absent: `~`, `null` or nothing at all. In quotes each of them is a text.
  static func isNull(_ node: Node) -> Bool { node.null != nil && !isQuoted(node) }

  private static func isQuoted(_ node: Node) -> Bool {
    node.scalar.map { $0.style == .singleQuoted || $0.style == .doubleQuoted } ?? false
  }

  private mutating func value(_ key: String) -> Node? {
    known.insert(key)
    guard let value = entries[key], !Self.isNull(value) else { return nil }
    return value
  }

  /// Declares a key as known without reading it.
  public mutating func declare(_ keys: String...) { known.formUnion(keys) }

  // MARK: Scalars

  /// A text; nil if absent.
  public mutating func optionalString(_ key: String) throws(ConfigurationError) -> String? {
    guard let value = value(key) else { return nil }
    guard let scalar = value.scalar else { throw error(key, "expected a text") }
    return scalar.string
  }

  /// A required text.
  public mutating func string(_ key: String) throws(ConfigurationError) -> String {
    guard let text = try optionalString(key) else { throw error(key, "missing") }
    return text
  }

  /// A whole number; nil if absent.
  public mutating func optionalInt(
    _ key: String, in range: ClosedRange<Int> = Int.min...Int.max
  ) throws(ConfigurationError) -> Int? {
    guard let value = value(key) else { return nil }
    guard let number = value.int else { throw error(key, "expected a whole number, found \(Self.describe(value))") }
    guard range.contains(number) else { throw error(key, "\(number) is outside \(Self.describe(range))") }
    return number
  }

  /// A whole number with a default.
  public mutating func int(
    _ key: String, default fallback: Int, in range: ClosedRange<Int> = Int.min...Int.max
  ) throws(ConfigurationError) -> Int {
    try optionalInt(key, in: range) ?? fallback
  }

  /// A finite number; nil if absent.
  public mutating func optionalDouble(
    _ key: String, in range: ClosedRange<Double> = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
  ) throws(ConfigurationError) -> Double? {
    guard let value = value(key) else { return nil }
    guard let number = value.float, number.isFinite else {
      throw error(key, "expected a number, found \(Self.describe(value))")
    }
    guard range.contains(number) else {
      throw error(key, "\(number) is outside \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A finite number with a default.
  public mutating func double(
    _ key: String, default fallback: Double,
    in range: ClosedRange<Double> = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
  ) throws(ConfigurationError) -> Double {
    try optionalDouble(key, in: range) ?? fallback
  }

  /// A truth value with a default.
  public mutating func bool(_ key: String, default fallback: Bool) throws(ConfigurationError) -> Bool {
    guard let value = value(key) else { return fallback }
    guard let flag = value.bool else { throw error(key, "expected true or false, found \(Self.describe(value))") }
    return flag
  }

  /// One of an enumeration's names, with a default.
  public mutating func choice<Value: RawRepresentable & CaseIterable>(
    _ key: String, default fallback: Value
  ) throws(ConfigurationError) -> Value where Value.RawValue == String {
    guard let text = try optionalString(key) else { return fallback }
    guard let value = Value(rawValue: text) else {
      let names = Value.allCases.map(\.rawValue)
      let suggestion = nearestWord(to: text, among: names).map { "; did you mean `\($0)`?" } ?? ""
      throw error(key, "`\(text)` is none of \(names.joined(separator: ", "))\(suggestion)")
    }
    return value
  }

  /// A duration such as `10s`, `250ms` or `2m`; nil if absent.
  public mutating func optionalDuration(_ key: String) throws(ConfigurationError) -> Duration? {
    guard let text = try optionalString(key) else { return nil }
    let units: [(suffix: String, milliseconds: Double)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
    for unit in units where text.hasSuffix(unit.suffix) {
      guard let number = Double(text.dropLast(unit.suffix.count)), number >= 0, number < 1e9 else { continue }
      return .microseconds(Int64((number * unit.milliseconds * 1000).rounded()))
    }
    throw error(key, "expected a duration such as 10s, 250ms or 2m, found `\(text)`")
  }

  // MARK: Collections

  /// A nested mapping; an absent one reads as empty.
  public mutating func section(_ key: String) throws(ConfigurationError) -> ConfigurationSection {
    let child = value(key)
    if let child, child.mapping == nil { throw error(key, "expected `key: value` lines") }
    return ConfigurationSection(
      node: child, path: path.isEmpty ? key : "\(path).\(key)", source: source)
  }

  /// A nested mapping; nil if absent.
  public mutating func optionalSection(_ key: String) throws(ConfigurationError) -> ConfigurationSection? {
    guard value(key) != nil else { return nil }
    return try section(key)
  }

  /// A list of texts; a single text counts as a list of one; nil if absent.
  public mutating func optionalStrings(_ key: String) throws(ConfigurationError) -> [String]? {
    guard let value = value(key) else { return nil }
    if let scalar = value.scalar { return [scalar.string] }
    guard let sequence = value.sequence else { throw error(key, "expected a list of texts") }
    var texts: [String] = []
    for element in sequence {
      guard let scalar = element.scalar else { throw error(key, "expected a list of texts") }
      texts.append(scalar.string)
    }
    return texts
  }

  /// A list whose elements are mappings or texts: a text `x` stands for `{name: x}`. Empty if absent.
  public mutating func namedSections(_ key: String) throws(ConfigurationError) -> [ConfigurationSection] {
    guard let value = value(key) else { return [] }
    guard let sequence = value.sequence else { throw error(key, "expected a list") }
    var sections: [ConfigurationSection] = []
    for (index, element) in sequence.enumerated() {
      let elementPath = "\(path.isEmpty ? key : "\(path).\(key)")[\(index)]"
      if element.mapping != nil {
        sections.append(ConfigurationSection(node: element, path: elementPath, source: source))
      } else if element.scalar != nil {
        let named = Node.mapping(Node.Mapping([(Node("name"), element)], Tag(.map), .any, element.mark))
        sections.append(ConfigurationSection(node: named, path: elementPath, source: source))
      } else {
        throw error(key, "expected names or `key: value` lines")
      }
    }
    return sections
  }

  /// The value as JSON; nil if absent.
  public mutating func optionalJSON(_ key: String) throws(ConfigurationError) -> JSONValue? {
    guard let value = value(key) else { return nil }
    guard let json = Self.json(value) else { throw error(key, "holds a value that has no meaning here") }
    return json
  }

  /// The mapping as JSON, empty if absent.
  public mutating func jsonObject(_ key: String) throws(ConfigurationError) -> JSONObject {
    guard let value = try optionalJSON(key) else { return [:] }
    guard case .object(let object) = value else { throw error(key, "expected `key: value` lines") }
    return object
  }

  // MARK: Describing

  private static func json(_ node: Node) -> JSONValue? {
    if isNull(node) { return .null }
    switch node {
    case .mapping(let mapping):
      var object = JSONObject()
      for (key, value) in mapping {
        guard let name = key.string, let element = json(value) else { return nil }
        object[name] = element
      }
      return .object(object)
    case .sequence(let sequence):
      var elements: [JSONValue] = []
      for element in sequence {
        guard let value = json(element) else { return nil }
        elements.append(value)
      }
      return .array(elements)
    case .scalar(let scalar):
      if isQuoted(node) { return .string(scalar.string) }
      if let flag = node.bool { return .bool(flag) }
      if let number = node.int { return .int(Int64(number)) }
      if let number = node.float { return number.isFinite ? .double(number) : nil }
      return .string(scalar.string)
    case .alias: return nil
    }
  }

  private static func describe(_ node: Node) -> String {
    node.scalar.map { "`\($0.string)`" } ?? (node.sequence != nil ? "a list" : "a mapping")
  }

  private static func describe(_ range: ClosedRange<Int>) -> String {
    range.upperBound == Int.max ? "\(range.lowerBound) and more" : "\(range.lowerBound) to \(range.upperBound)"
  }
}
