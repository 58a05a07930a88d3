import AgentCore
import Testing

@testable import AgentTools

/// Alternatives and references, as the schemas of other programs (pydantic's, for one) use them.
@Suite struct ArgumentSchemaCompositionTests {
  private func schema(_ parameters: JSONValue, _ checking: ArgumentChecking = .strict) throws -> ArgumentSchema {
    try ArgumentSchema(ToolSchema(name: "t", description: "", parameters: parameters), checking: checking)
  }

  static let point: JSONValue = [
    "type": "object",
    "$defs": [
      "Point": ["type": "object", "properties": ["x": ["type": "number"]], "required": ["x"]],
      "Tree": [
        "type": "object",
        "properties": [
          "name": ["type": "string"], "children": ["type": "array", "items": ["$ref": "#/$defs/Tree"]],
        ], "required": ["name"], "additionalProperties": false,
      ],
      "a/b~c": ["const": 3],
    ],
    "properties": [
      "label": ["anyOf": [["type": "string"], ["type": "null"]]],
      "start": ["$ref": "#/$defs/Point"],
      "near": ["anyOf": [["$ref": "#/$defs/Point"], ["type": "string", "maxLength": 3]]],
      "tree": ["allOf": [["$ref": "#/$defs/Tree"]]],
      "size": ["oneOf": [["type": "integer", "minimum": 10], ["type": "integer", "multipleOf": 5]]],
      "odd": ["$ref": "#/$defs/a~1b~0c"],
      "pair": ["prefixItems": [["type": "string"], ["type": "integer"]], "items": false],
      "set": ["type": "array", "uniqueItems": true],
      "step": ["multipleOf": 0.1],
      "few": ["type": "object", "minProperties": 1, "maxProperties": 2],
      "other": ["$ref": "#/properties/label"],
    ],
  ]

  @Test(
    "arguments that fit",
    arguments: [
      [:], ["label": "a"], ["label": nil], ["start": ["x": 1]], ["near": ["x": 1.5]], ["near": "abc"],
      ["tree": ["name": "a", "children": [["name": "b", "children": []]]]], ["size": 11], ["size": 5], ["odd": 3.0],
      ["pair": ["a", 1]], ["pair": ["a"]], ["set": [1, 2, "1"]], ["step": 0.3], ["few": ["a": 1]], ["other": nil],
    ] as [JSONValue])
  func fits(arguments: JSONValue) throws { #expect(try schema(Self.point).problems(with: arguments) == []) }

  @Test(
    "arguments that do not fit are named",
    arguments: [
      (["label": 3], "`label`: expected a string or null, found an integer"),
      (["start": [:]], "`start.x` is missing"),
      (["start": 1], "`start`: expected an object, found an integer"),
      (["near": 1], "`near`: expected an object or a string, found an integer"),
      (["near": "abcd"], "`near`: may have at most 3 characters, found 4"),
      (["near": ["y": 1]], "`near.x` is missing"),
      (["tree": ["name": "a", "children": [["nome": "b"]]]], "`tree.children[0].name` is missing"),
      (["size": 3], "`size`: must be at least 10"), (["size": 15], "`size`: fits more than one of 2 alternatives"),
      (["odd": 4], "`odd`: expected one of 3"), (["pair": ["a", 1, 2]], "`pair[2]`: is not allowed"),
      (["set": [1, 1.0]], "`set`: has an element twice"), (["step": 0.25], "`step`: must be a multiple of 0.1"),
      (["few": [:]], "`few`: needs at least 1 fields, found 0"),
    ] as [(JSONValue, String)])
  func misfits(arguments: JSONValue, problem: String) throws {
    #expect(try schema(Self.point).problems(with: arguments).first == problem)
  }

  @Test("a reference that leads nowhere is refused, or passed over in the lenient mode")
  func badReference() throws {
    for target in ["#/$defs/None", "other.json", "#none", "#/properties/0"] {
      let parameters: JSONValue = ["type": "object", "properties": ["a": ["$ref": .string(target)]]]
      #expect(throws: ToolError.self) { try schema(parameters) }
      #expect(try schema(parameters, .lenient).problems(with: ["a": 1]) == [])
    }
  }

  @Test("references in a circle end")
  func circle() throws {
    let parameters: JSONValue = [
      "type": "object", "$defs": ["A": ["$ref": "#/$defs/B"], "B": ["$ref": "#/$defs/A"]],
      "properties": ["a": ["$ref": "#/$defs/A"]],
    ]
    let problems = try schema(parameters).problems(with: ["a": 1])
    #expect(problems == ["`a`: cannot be checked against this schema: too many alternatives"])
    #expect(try schema(parameters, .lenient).problems(with: ["a": 1]) == [])
  }

  @Test("alternatives that multiply do not take for ever")
  func explosion() throws {
    let parameters: JSONValue = [
      "type": "object",
      "$defs": [
        "A": ["anyOf": [["$ref": "#/$defs/A"], ["$ref": "#/$defs/A"], ["type": "string"]]]
      ], "properties": ["a": ["$ref": "#/$defs/A"]],
    ]
    #expect(try schema(parameters).problems(with: ["a": 1]).count == 1)
  }

  @Test("the lenient mode passes over what it cannot check and still checks the rest")
  func lenient() throws {
    let parameters: JSONValue = [
      "type": "object", "x-order": 3, "if": ["required": ["a"]],
      "properties": [
        "date": ["type": "string", "pattern": "^2", "format": "date", "contentEncoding": "base64"],
        "colour": ["type": "colour"], "count": ["type": "integer", "minimum": "none"], "mode": ["enum": ["a", "b"]],
      ], "required": ["date"],
    ]
    #expect(throws: ToolError.self) { try schema(parameters) }
    let lenient = try schema(parameters, .lenient)
    #expect(lenient.problems(with: ["date": "x", "colour": 1, "count": "many"]) == [])
    #expect(lenient.problems(with: ["mode": "c"]).count == 2)
    #expect(lenient.problems(with: ["date": 1]) == ["`date`: expected a string, found an integer"])
    #expect(try schema([:], .lenient).problems(with: "words") == ["expected an object, found a string"])
    #expect(throws: ToolError.self) { try schema(["type": "string"], .lenient) }
  }

  @Test("any schema and any arguments give an answer, never a crash", arguments: 0..<20)
  func fuzz(seed: UInt64) {
    var random = Scramble(state: seed)
    let words = [
      "type", "properties", "items", "anyOf", "oneOf", "allOf", "$ref", "$defs", "enum", "required", "minimum",
      "multipleOf", "prefixItems", "uniqueItems", "minLength", "additionalProperties", "const",
    ]
    func json(_ depth: Int) -> JSONValue {
      switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &random) {
      case 0: return .int(Int64.random(in: -2...3, using: &random))
      case 1: return .double(Double.random(in: -1...1, using: &random))
      case 2: return .bool(Bool.random(using: &random))
      case 3: return .null
      case 4:
        return .string(
          ["object", "array", "string", "#", "#/properties/a", "#/$defs/a", "a"].randomElement(using: &random)!)
      case 5: return .string(words.randomElement(using: &random)!)
      case 6: return .array((0..<Int.random(in: 0...3, using: &random)).map { _ in json(depth - 1) })
      default:
        let fields = (0..<Int.random(in: 0...4, using: &random)).map { _ in
          ((words + ["a", "b"]).randomElement(using: &random)!, json(depth - 1))
        }
        return .object(JSONObject(fields) { $1 })
      }
    }
    for _ in 0..<300 {
      let arguments = json(3)
      var parameters = json(5).objectValue ?? [:]
      parameters["type"] = "object"
      for checking in [ArgumentChecking.strict, .lenient] {
        guard let schema = try? schema(.object(parameters), checking) else { continue }
        #expect(schema.problems(with: arguments).count <= 4, "seed \(seed)")
      }
    }
  }
}

/// SplitMix64.
private struct Scramble: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
