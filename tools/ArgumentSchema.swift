import AgentCore

/// A tool's parameter schema, read once, against which the arguments of each call are checked.
///
/// The part of JSON Schema that function schemas use: `type` (one or several), `properties`, `required`,
/// `additionalProperties`, `items`, `enum`, `const`, `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`,
/// `minLength`, `maxLength` (Unicode scalars), `minItems`, `maxItems`; `description`, `title`, `default`, `examples` and
/// `format` are notes. A keyword outside this list is an error when the tool is offered: a rule that cannot be checked
/// must not look as if it were.
struct ArgumentSchema: Sendable {
  private let root: SchemaNode

  init(_ schema: ToolSchema) throws(ToolError) {
    do {
      root = try SchemaNode(schema.parameters, path: "")
    } catch {
      switch error {
      case .value(let reason, let path): throw .badSchema(tool: schema.name, path: path, reason: reason)
      case .syntax(let reason, _, _): throw .badSchema(tool: schema.name, path: "", reason: reason)
      }
    }
    guard root.kinds == [.object] else {
      throw .badSchema(tool: schema.name, path: "type", reason: "arguments are an object: expected type `object`")
    }
  }

  /// What is wrong with a call's arguments, at most four problems, each naming its argument; empty if they fit.
  func problems(with arguments: JSONValue) -> [String] {
    var problems: [String] = []
    root.check(arguments, path: "", &problems)
    return problems
  }
}

/// The types of JSON Schema.
private enum SchemaKind: String, CaseIterable {
  case object, array, string, number, integer, boolean, null

  func includes(_ value: JSONValue) -> Bool {
    switch (self, value) {
    case (.object, .object), (.array, .array), (.string, .string), (.boolean, .bool), (.null, .null): true
    case (.number, .int), (.number, .double), (.integer, .int): true
    case (.integer, .double(let number)): number == number.rounded()
    default: false
    }
  }

  /// As messages name it: "expected an integer".
  var phrase: String {
    switch self {
    case .null: "null"
    case .object, .array, .integer: "an \(rawValue)"
    default: "a \(rawValue)"
    }
  }
}

private struct SchemaNode: Sendable {
  /// Empty: any.
  let kinds: [SchemaKind]
  let allowed: [JSONValue]?
  let properties: [(name: String, node: SchemaNode)]
  let required: [String]
  let allowsOthers: Bool
  /// At most one each (arrays, because a struct cannot hold itself).
  let others: [SchemaNode]
  let items: [SchemaNode]
  let minimum: Double?, maximum: Double?, above: Double?, below: Double?
  let length: (least: Int?, most: Int?)
  let count: (least: Int?, most: Int?)

  init(_ json: JSONValue, path: String) throws(JSONError) {
    var fields = try JSONFields(json, path: path)
    kinds = try Self.kinds(&fields)
    var allowed = fields.optional("enum")?.arrayValue
    if let only = fields.optional("const") { allowed = [only] }
    self.allowed = allowed
    var properties: [(String, SchemaNode)] = []
    for (name, child) in try fields.object("properties") {
      properties.append((name, try SchemaNode(child, path: "\(fields.path(of: "properties")).\(name)")))
    }
    self.properties = properties
    required = try fields.array("required") { value, path throws(JSONError) in
      guard let name = value.stringValue else { throw .value(reason: "expected a string", path: path) }
      return name
    }
    let additional = fields.optional("additionalProperties")
    allowsOthers = additional != .bool(false)
    others = additional?.objectValue == nil ? [] : try Self.child(additional, fields.path(of: "additionalProperties"))
    items = try Self.child(fields.optional("items"), fields.path(of: "items"))
    minimum = try fields.optionalDouble("minimum")
    maximum = try fields.optionalDouble("maximum")
    above = try fields.optionalDouble("exclusiveMinimum")
    below = try fields.optionalDouble("exclusiveMaximum")
    length = (try fields.optionalInt("minLength"), try fields.optionalInt("maxLength"))
    count = (try fields.optionalInt("minItems"), try fields.optionalInt("maxItems"))
    for note in ["description", "title", "default", "examples", "format"] { _ = fields.optional(note) }
    try fields.finish()
  }

  private static func child(_ json: JSONValue?, _ path: String) throws(JSONError) -> [SchemaNode] {
    guard let json else { return [] }
    return [try SchemaNode(json, path: path)]
  }

  private static func kinds(_ fields: inout JSONFields) throws(JSONError) -> [SchemaKind] {
    guard let type = fields.optional("type") else { return [] }
    let path = fields.path(of: "type")
    var kinds: [SchemaKind] = []
    for name in type.arrayValue ?? [type] {
      guard let kind = name.stringValue.flatMap(SchemaKind.init(rawValue:)) else {
        let all = SchemaKind.allCases.map(\.rawValue).joined(separator: ", ")
        throw .value(reason: "`\(name.serialized())` is no type; the types are \(all)", path: path)
      }
      kinds.append(kind)
    }
    return kinds
  }
}

// MARK: - Checking

extension SchemaNode {
  private static let maxProblems = 4

  func check(_ value: JSONValue, path: String, _ problems: inout [String]) {
    guard problems.count < Self.maxProblems else { return }
    func report(_ problem: String) {
      guard problems.count < Self.maxProblems else { return }
      problems.append(path.isEmpty ? problem : "`\(path)`: \(problem)")
    }
    guard kinds.isEmpty || kinds.contains(where: { $0.includes(value) }) else {
      return report("expected \(kinds.map(\.phrase).joined(separator: " or ")), found \(value.kindName)")
    }
    if let allowed, !allowed.contains(where: { Self.areEqual($0, value) }) {
      let names = allowed.prefix(20).map { $0.serialized() }.joined(separator: ", ")
      report("expected one of \(names)")
    }
    switch value {
    case .object(let fields): checkFields(fields, path: path, &problems)
    case .array(let elements):
      if let problem = Self.problem(elements.count, count, "elements") { report(problem) }
      guard let items = items.first else { return }
      for (index, element) in elements.enumerated() { items.check(element, path: "\(path)[\(index)]", &problems) }
    case .string(let text):
      if let problem = Self.problem(text.unicodeScalars.count, length, "characters") { report(problem) }
    case .int, .double: if let problem = numberProblem(value.doubleValue ?? 0) { report(problem) }
    case .bool, .null: break
    }
  }

  private func checkFields(_ fields: JSONObject, path: String, _ problems: inout [String]) {
    func inner(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
    for name in required where fields[name] == nil { problems.append("`\(inner(name))` is missing") }
    for (name, node) in properties {
      if let value = fields[name] { node.check(value, path: inner(name), &problems) }
    }
    let known = properties.map(\.name)
    for (name, value) in fields where !known.contains(name) {
      if !allowsOthers {
        problems.append("unknown argument `\(inner(name))` (known: \(known.joined(separator: ", ")))")
      }
      others.first?.check(value, path: inner(name), &problems)
    }
    if problems.count > Self.maxProblems { problems.removeSubrange(Self.maxProblems...) }
  }

  private func numberProblem(_ number: Double) -> String? {
    if let minimum, number < minimum { return "must be at least \(Self.text(minimum))" }
    if let maximum, number > maximum { return "must be at most \(Self.text(maximum))" }
    if let above, number <= above { return "must be above \(Self.text(above))" }
    if let below, number >= below { return "must be below \(Self.text(below))" }
    return nil
  }

  private static func problem(_ count: Int, _ range: (least: Int?, most: Int?), _ unit: String) -> String? {
    if let least = range.least, count < least { return "needs at least \(least) \(unit), found \(count)" }
    if let most = range.most, count > most { return "may have at most \(most) \(unit), found \(count)" }
    return nil
  }

  private static func text(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? number.description
  }

  /// JSON Schema compares numbers by value: 1 and 1.0 are equal.
  private static func areEqual(_ a: JSONValue, _ b: JSONValue) -> Bool {
    if let x = a.doubleValue, let y = b.doubleValue { return x == y }
    return a == b
  }
}
