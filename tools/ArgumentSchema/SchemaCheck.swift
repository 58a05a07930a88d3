import AgentCore

/// One check of a value against a schema, and what it found.
struct SchemaCheck {
  private static let maxProblems = 4
  /// Alternatives within alternatives multiply; past this many steps a check gives up.
  private static let maxSteps = 200_000
  /// Deeper than any value can be nested: only references in a circle get here.
  private static let maxDepth = 1000

  let schema: ArgumentSchema
  private(set) var problems: [String] = []
  private var steps = 0

  init(schema: ArgumentSchema) { self.schema = schema }

  private mutating func report(_ problem: String, _ path: String) {
    guard problems.count < Self.maxProblems else { return }
    problems.append(path.isEmpty ? problem : "`\(path)`: \(problem)")
  }

  mutating func check(_ value: JSONValue, node place: Int, path: String, depth: Int) {
    guard problems.count < Self.maxProblems else { return }
    steps += 1
    guard steps <= Self.maxSteps, depth <= Self.maxDepth else {
      // A server checks for itself; our own tools rely on this check.
      if schema.checking == .strict { report("cannot be checked against this schema: too many alternatives", path) }
      return
    }
    let node = schema.nodes[place]
    guard !node.fitsNothing else { return report("is not allowed", path) }
    guard node.kinds.isEmpty || node.kinds.contains(where: { $0.includes(value) }) else {
      return report("expected \(Self.phrase(node.kinds)), found \(value.kindName)", path)
    }
    if let allowed = node.allowed, !allowed.contains(where: { Self.areEqual($0, value) }) {
      report("expected one of \(allowed.prefix(20).map { $0.serialized() }.joined(separator: ", "))", path)
    }
    switch value {
    case .object(let fields): checkFields(fields, node, path, depth)
    case .array(let elements): checkElements(elements, node, path, depth)
    case .string(let text):
      if let problem = Self.problem(text.unicodeScalars.count, node.length, "characters") { report(problem, path) }
    case .int, .double: if let problem = Self.problem(value, node) { report(problem, path) }
    case .bool, .null: break
    }
    for part in node.all { check(value, node: part, path: path, depth: depth + 1) }
    if !node.any.isEmpty { checkAlternatives(value, node.any, path, depth, exactlyOne: false) }
    if !node.one.isEmpty { checkAlternatives(value, node.one, path, depth, exactlyOne: true) }
  }

  private mutating func checkFields(_ fields: JSONObject, _ node: SchemaNode, _ path: String, _ depth: Int) {
    func inner(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
    for name in node.required where fields[name] == nil { report("`\(inner(name))` is missing", "") }
    if let problem = Self.problem(fields.count, node.fieldCount, "fields") { report(problem, path) }
    for (name, child) in node.properties {
      if let value = fields[name] { check(value, node: child, path: inner(name), depth: depth + 1) }
    }
    guard !node.allowsOthers || node.others != nil else { return }
    let known = node.properties.map(\.name)
    for (name, value) in fields where !known.contains(name) {
      guard problems.count < Self.maxProblems else { return }
      if !node.allowsOthers {
        report("unknown argument `\(inner(name))` (known: \(known.joined(separator: ", ")))", "")
      }
      if let others = node.others { check(value, node: others, path: inner(name), depth: depth + 1) }
    }
  }

  private mutating func checkElements(_ elements: [JSONValue], _ node: SchemaNode, _ path: String, _ depth: Int) {
    if let problem = Self.problem(elements.count, node.count, "elements") { report(problem, path) }
    if node.isUnique, Set(elements.map(Self.comparable)).count < elements.count {
      report("has an element twice", path)
    }
    for (index, element) in elements.enumerated() {
      guard problems.count < Self.maxProblems else { return }
      let child = index < node.firstItems.count ? node.firstItems[index] : node.items
      if let child { check(element, node: child, path: "\(path)[\(index)]", depth: depth + 1) }
    }
  }

  // MARK: Alternatives

  private mutating func checkAlternatives(
    _ value: JSONValue, _ places: [Int], _ path: String, _ depth: Int, exactlyOne: Bool
  ) {
    var fitting = 0
    var nearest: [String]?
    for place in places {
      var attempt = SchemaCheck(schema: schema)
      attempt.steps = steps
      attempt.check(value, node: place, path: path, depth: depth + 1)
      steps = attempt.steps
      if attempt.problems.isEmpty {
        fitting += 1
        if !exactlyOne { return }
      } else if kinds(of: place).contains(where: { $0.includes(value) }),
        attempt.problems.count < nearest?.count ?? .max
      {
        nearest = attempt.problems
      }
    }
    if fitting > 1 { return report("fits more than one of \(places.count) alternatives", path) }
    if fitting == 1 { return }
    let kinds = places.map { self.kinds(of: $0) }
    if let nearest {
      problems += nearest.prefix(Self.maxProblems - problems.count)
    } else if kinds.allSatisfy({ !$0.isEmpty }) {
      var phrases: [SchemaKind] = []
      for kind in kinds.joined() where !phrases.contains(kind) { phrases.append(kind) }
      report("expected \(Self.phrase(phrases)), found \(value.kindName)", path)
    } else {
      report("fits none of \(places.count) alternatives", path)
    }
  }

  /// The types that a schema asks for, by itself or through one reference.
  private func kinds(of place: Int) -> [SchemaKind] {
    let node = schema.nodes[place]
    if node.kinds.isEmpty, node.all.count == 1 { return schema.nodes[node.all[0]].kinds }
    return node.kinds
  }
}

// MARK: - Values

extension SchemaCheck {
  private static func phrase(_ kinds: [SchemaKind]) -> String { kinds.map(\.phrase).joined(separator: " or ") }

  private static func problem(_ value: JSONValue, _ node: SchemaNode) -> String? {
    let number = value.doubleValue ?? 0
    if let minimum = node.minimum, number < minimum { return "must be at least \(text(minimum))" }
    if let maximum = node.maximum, number > maximum { return "must be at most \(text(maximum))" }
    if let above = node.above, number <= above { return "must be above \(text(above))" }
    if let below = node.below, number >= below { return "must be below \(text(below))" }
    if let step = node.multipleOf, !isMultiple(value, of: step) { return "must be a multiple of \(text(step))" }
    return nil
  }

  /// Exact for whole numbers; 0.3 is a multiple of 0.1, though no binary fraction says so.
  private static func isMultiple(_ value: JSONValue, of step: Double) -> Bool {
    if case .int(let number) = value, let whole = Int64(exactly: step) { return number % whole == 0 }
    let ratio = (value.doubleValue ?? 0) / step
    return abs(ratio - ratio.rounded()) <= 1e-9 * max(1, abs(ratio))
  }

  private static func problem(_ count: Int, _ range: SchemaNode.Range, _ unit: String) -> String? {
    if let least = range.least, count < least { return "needs at least \(least) \(unit), found \(count)" }
    if let most = range.most, count > most { return "may have at most \(most) \(unit), found \(count)" }
    return nil
  }

  private static func text(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? number.description
  }

  /// JSON Schema compares numbers by value: 1 and 1.0 are equal.
  private static func areEqual(_ a: JSONValue, _ b: JSONValue) -> Bool { comparable(a) == comparable(b) }

  private static func comparable(_ value: JSONValue) -> JSONValue {
    guard case .double(let number) = value, let whole = Int64(exactly: number) else { return value }
    return .int(whole)
  }
}
