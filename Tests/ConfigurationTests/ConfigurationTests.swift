import AgentCore
import Configuration
import Testing

@Suite("Configuration")
struct ConfigurationTests {
  private func section(_ text: String) throws -> ConfigurationSection {
    try ConfigurationDocument(text: text, source: "test.yaml").section
  }

  @Test("values are read with their types, ranges and defaults")
  func values() throws {
    var top = try section(
      """
      name: quickstart
      steps: 12
      rate: 1e-3
      shuffle: true
      wait: 250ms
      names: [a, b]
      nested: {depth: 2, text: '7'}
      """)
    #expect(try top.string("name") == "quickstart")
    #expect(try top.int("steps", default: 0) == 12)
    #expect(try top.double("rate", default: 0) == 0.001)
    #expect(try top.bool("shuffle", default: false))
    #expect(try top.optionalDuration("wait") == .milliseconds(250))
    #expect(try top.optionalStrings("names") == ["a", "b"])
    #expect(try top.jsonObject("nested") == ["depth": 2, "text": "7"])
    #expect(try top.int("absent", default: 5) == 5)
    try top.finish()
  }

  @Test("an unknown key is refused with its place and the nearest known key")
  func unknownKey() throws {
    var top = try section("name: x\nrollout:\n  group_sise: 4\n")
    _ = try top.string("name")
    var rollout = try top.section("rollout")
    _ = try rollout.int("group_size", default: 8)
    _ = try rollout.int("temperature", default: 1)
    #expect {
      try rollout.finish()
    } throws: { error in
      "\(error)" == "test.yaml:3:15: rollout.group_sise: unknown key; did you mean `group_size`?"
    }
    try top.finish()
  }

  @Test(
    "a wrong type or range is refused with the key's path",
    arguments: [
      ("steps: many", "expected a whole number, found `many`"), ("steps: -1", "-1 is outside 0 and more"),
      ("steps: [1]", "expected a whole number, found a list"),
    ])
  func wrongValue(text: String, reason: String) throws {
    var top = try section(text)
    #expect {
      _ = try top.optionalInt("steps", in: 0...Int.max)
    } throws: { ($0 as? ConfigurationError)?.reason == reason && ($0 as? ConfigurationError)?.path == "steps" }
  }

  @Test("broken YAML is refused with line and column")
  func brokenYAML() {
    #expect {
      try ConfigurationDocument(text: "a: [1,\nb: 2", source: "test.yaml")
    } throws: { ($0 as? ConfigurationError)?.line != nil }
  }

  @Test("an assignment replaces or adds a value at its path")
  func assignment() throws {
    var document = try ConfigurationDocument(text: "rollout: {group_size: 4}", source: "test.yaml")
    try document.set("rollout.group_size=16")
    try document.set("optimizer.learning_rate=0.5")
    var top = document.section
    var rollout = try top.section("rollout")
    #expect(try rollout.int("group_size", default: 0) == 16)
    var optimizer = try top.section("optimizer")
    #expect(try optimizer.double("learning_rate", default: 0) == 0.5)
    #expect(throws: ConfigurationError.self) { try document.set("no equals sign") }
    #expect(throws: ConfigurationError.self) { try document.set("rollout.group_size.deeper=1") }
  }

  @Test(
    "JSON written as YAML reads back equal",
    arguments: [
      ["a": 1, "b": [true, nil, "text"], "c": ["d": 0.5]],
      ["number": "12", "word": "true", "empty": "", "nothing": "~"],
      ["lines": "one\ntwo: three\n", "list": [], "map": [:], "colon": "a: b", "hash": "# no comment"],
    ] as [JSONValue])
  func yamlRoundTrip(_ value: JSONValue) throws {
    var top = try section("value:\n" + value.yaml().split(separator: "\n").map { "  \($0)\n" }.joined())
    if value["lines"] == nil { #expect(try top.optionalJSON("value") == value) }
    let direct = try ConfigurationDocument(text: try (["value": value] as JSONValue).yaml(), source: "written")
    var again = direct.section
    #expect(try again.optionalJSON("value") == value)
  }

  @Test("the nearest word is found only when it is near")
  func nearest() {
    #expect(nearestWord(to: "temprature", among: ["temperature", "top_p"]) == "temperature")
    #expect(nearestWord(to: "grop", among: ["grpo", "gigpo"]) == "grpo")
    #expect(nearestWord(to: "banana", among: ["grpo", "gigpo"]) == nil)
  }
}
