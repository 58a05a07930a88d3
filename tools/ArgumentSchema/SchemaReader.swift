import AgentCore

/// Reads a JSON Schema into nodes, following references within the document.
struct SchemaReader {
  let document: JSONValue
  let checking: ArgumentChecking
  private(set) var nodes: [SchemaNode] = []
  /// Where a referenced place was read to, or is being read to: a schema may refer to itself.
  private var references: [String: Int] = [:]

  init(document: JSONValue, checking: ArgumentChecking) {
    self.document = document
    self.checking = checking
  }

  /// Reads one schema and gives its place among the nodes. In the lenient mode a schema that cannot be read fits
  /// everything.
  mutating func read(_ json: JSONValue, path: String) throws(JSONError) -> Int {
    let place = nodes.count
    nodes.append(SchemaNode())
    try fill(place, json, path)
    return place
  }

  private mutating func fill(_ place: Int, _ json: JSONValue, _ path: String) throws(JSONError) {
    do {
      nodes[place] = try node(json, path)
    } catch {
      guard checking == .lenient else { throw error }
    }
  }

  private mutating func node(_ json: JSONValue, _ path: String) throws(JSONError) -> SchemaNode {
    var node = SchemaNode()
    if case .bool(let fits) = json {
      node.fitsNothing = !fits
      return node
    }
    var fields = try JSONFields(json, path: path)
    node.kinds = try Self.kinds(&fields)
    node.allowed = fields.optional("enum")?.arrayValue
    if let only = fields.optional("const") { node.allowed = [only] }
    try readObjectRules(&fields, &node)
    try readArrayRules(&fields, &node)
    node.minimum = try fields.optionalDouble("minimum")
    node.maximum = try fields.optionalDouble("maximum")
    node.above = try fields.optionalDouble("exclusiveMinimum")
    node.below = try fields.optionalDouble("exclusiveMaximum")
    node.multipleOf = try fields.optionalDouble("multipleOf")
    if let step = node.multipleOf, step <= 0 {
      throw .value(reason: "must be above 0", path: fields.path(of: "multipleOf"))
    }
    node.length = (try fields.optionalInt("minLength"), try fields.optionalInt("maxLength"))
    node.all = try schemas(&fields, "allOf")
    node.any = try schemas(&fields, "anyOf")
    node.one = try schemas(&fields, "oneOf")
    if let reference = try fields.optionalString("$ref") {
      node.all.append(try place(of: reference, fields.path(of: "$ref")))
    }
    let notes = [
      "description", "title", "default", "examples", "format", "deprecated", "readOnly", "writeOnly", "$schema",
      "$comment", "$defs", "definitions",
    ]
    for note in notes { _ = fields.optional(note) }
    if checking == .strict { try fields.finish() }
    return node
  }

  private mutating func readObjectRules(_ fields: inout JSONFields, _ node: inout SchemaNode) throws(JSONError) {
    for (name, child) in try fields.object("properties") {
      node.properties.append((name, try read(child, path: "\(fields.path(of: "properties")).\(name)")))
    }
    node.required = try fields.array("required") { value, path throws(JSONError) in
      guard let name = value.stringValue else { throw .value(reason: "expected a string", path: path) }
      return name
    }
    let additional = fields.optional("additionalProperties")
    node.allowsOthers = additional != .bool(false)
    if case .object = additional { node.others = try child(additional, fields.path(of: "additionalProperties")) }
    node.fieldCount = (try fields.optionalInt("minProperties"), try fields.optionalInt("maxProperties"))
  }

  private mutating func readArrayRules(_ fields: inout JSONFields, _ node: inout SchemaNode) throws(JSONError) {
    node.firstItems = try schemas(&fields, "prefixItems")
    node.items = try child(fields.optional("items"), fields.path(of: "items"))
    node.count = (try fields.optionalInt("minItems"), try fields.optionalInt("maxItems"))
    node.isUnique = try fields.optionalBool("uniqueItems") ?? false
  }

  private mutating func child(_ json: JSONValue?, _ path: String) throws(JSONError) -> Int? {
    guard let json else { return nil }
    return try read(json, path: path)
  }

  private mutating func schemas(_ fields: inout JSONFields, _ key: String) throws(JSONError) -> [Int] {
    let list = try fields.array(key) { json, path throws(JSONError) in (json, path) }
    var places: [Int] = []
    for (json, path) in list { places.append(try read(json, path: path)) }
    return places
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

  // MARK: References

  private mutating func place(of reference: String, _ path: String) throws(JSONError) -> Int {
    if let known = references[reference] { return known }
    guard let target = target(of: reference) else {
      throw .value(reason: "`\(reference)` leads nowhere in this schema, such as `#/$defs/Name` would", path: path)
    }
    let place = nodes.count
    nodes.append(SchemaNode())
    references[reference] = place
    try fill(place, target, reference)
    return place
  }

  /// What a JSON pointer (RFC 6901) in a fragment leads to.
  private func target(of reference: String) -> JSONValue? {
    guard reference.hasPrefix("#") else { return nil }
    let steps = reference.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    guard steps.first?.isEmpty ?? true else { return nil }
    var json: JSONValue? = document
    for step in steps.dropFirst() {
      let name = String(step.replacing("~1", with: "/").replacing("~0", with: "~"))
      if let elements = json?.arrayValue {
        json = Int(name).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
      } else {
        json = json?[name]
      }
    }
    return json
  }
}
