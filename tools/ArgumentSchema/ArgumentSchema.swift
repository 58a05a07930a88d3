import AgentCore

/// How a tool's arguments are held against its schema.
public enum ArgumentChecking: Sendable, Hashable {
  /// Every keyword of the schema must be one that is checked: a rule that cannot be checked must not look as if it were.
  case strict
  /// What is not understood is left to the tool: schemas of other programs may hold anything.
  case lenient
}

/// A tool's parameter schema, read once, against which the arguments of each call are checked.
///
/// The part of JSON Schema that function schemas use: `type` (one or several), `properties`, `required`,
/// `additionalProperties`, `items`, `prefixItems`, `enum`, `const`, `minimum`, `maximum`, `exclusiveMinimum`,
/// `exclusiveMaximum`, `multipleOf`, `minLength`, `maxLength` (Unicode scalars), `minItems`, `maxItems`, `uniqueItems`,
/// `minProperties`, `maxProperties`, `anyOf`, `oneOf`, `allOf`, and `$ref` to a place in the schema itself (`$defs`,
/// `definitions`). `description`, `title`, `default`, `examples`, `format`, `deprecated`, `readOnly`, `writeOnly`,
/// `$schema` and `$comment` are notes. Any other keyword (`pattern`, `not`, `if`, …) is an error when the tool is
/// offered; in the lenient mode it is passed over.
struct ArgumentSchema: Sendable {
  let nodes: [SchemaNode]
  let root: Int
  let checking: ArgumentChecking

  init(_ schema: ToolSchema, checking: ArgumentChecking = .strict) throws(ToolError) {
    var reader = SchemaReader(document: schema.parameters, checking: checking)
    do {
      root = try reader.read(schema.parameters, path: "")
    } catch {
      switch error {
      case .value(let reason, let path): throw .badSchema(tool: schema.name, path: path, reason: reason)
      case .syntax(let reason, _, _): throw .badSchema(tool: schema.name, path: "", reason: reason)
      }
    }
    nodes = reader.nodes
    self.checking = checking
    let kinds = nodes[root].kinds
    guard kinds == [.object] || (checking == .lenient && (kinds.isEmpty || kinds.contains(.object))) else {
      throw .badSchema(tool: schema.name, path: "type", reason: "arguments are an object: expected type `object`")
    }
  }

  /// What is wrong with a call's arguments, at most four problems, each naming its argument; empty if they fit.
  func problems(with arguments: JSONValue) -> [String] {
    guard case .object = arguments else { return ["expected an object, found \(arguments.kindName)"] }
    var check = SchemaCheck(schema: self)
    check.check(arguments, node: root, path: "", depth: 0)
    return check.problems
  }
}

/// The types of JSON Schema.
enum SchemaKind: String, CaseIterable {
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

/// One schema within a schema. Others are named by their place in `ArgumentSchema.nodes`, so that one may hold itself.
struct SchemaNode: Sendable {
  typealias Range = (least: Int?, most: Int?)

  /// The schema `false`, which nothing fits.
  var fitsNothing = false
  /// Empty: any.
  var kinds: [SchemaKind] = []
  var allowed: [JSONValue]?
  var properties: [(name: String, node: Int)] = []
  var required: [String] = []
  var allowsOthers = true
  var others: Int?
  /// The first elements, each with its own schema; `items` is for those after them.
  var firstItems: [Int] = []
  var items: Int?
  var isUnique = false
  var minimum: Double?, maximum: Double?, above: Double?, below: Double?, multipleOf: Double?
  var length: Range = (nil, nil), count: Range = (nil, nil), fieldCount: Range = (nil, nil)
  /// All of them apply, as does what `$ref` names.
  var all: [Int] = []
  var any: [Int] = []
  var one: [Int] = []

  /// Fits everything.
  init() {}
}
