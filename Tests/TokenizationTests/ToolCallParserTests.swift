import AgentCore
import Testing

@testable import Tokenization

@Suite struct ToolCallParserTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var text: String
    var content = ""
    var calls: [String] = []
    var malformed: [String] = []
    var testDescription: String { text }
  }

  private static let sum = #"{"name":"calculator","arguments":{"expression":"2+2"}}"#

  @Test(
    "tagged calls, prose and malformed calls are told apart",
    arguments: [
      Case(text: "", content: ""),
      Case(text: " Just text. ", content: "Just text."),
      Case(text: "<tool_call>\(sum)</tool_call>", calls: [sum]),
      Case(text: "Let me see.\n<tool_call>\n\(sum)\n</tool_call>\n", content: "Let me see.", calls: [sum]),
      Case(text: "<tool_call>[\(sum), \(sum)]</tool_call>", calls: [sum, sum]),
      Case(text: "<tool_call>\(sum)</tool_call><tool_call>\(sum)</tool_call>ok", content: "ok", calls: [sum, sum]),
      Case(
        text: #"<tool_call>{"name":"f","arguments":{"x":"</tool_call><tool_call>"}}</tool_call>"#,
        calls: [#"{"name":"f","arguments":{"x":"</tool_call><tool_call>"}}"#]),
      Case(
        text: #"<tool_call>{"name":"f","arguments":"{\"x\":1}"}</tool_call>"#,
        calls: [#"{"name":"f","arguments":{"x":1}}"#]),
      Case(
        text: #"<tool_call>{"name":"f","parameters":{"x":1}}</tool_call>"#,
        calls: [#"{"name":"f","arguments":{"x":1}}"#]),
      Case(
        text: #"<tool_call>{"type":"function","function":{"name":"f","arguments":{}}}</tool_call>"#,
        calls: [#"{"name":"f","arguments":{}}"#]),
      Case(text: #"<tool_call>{"name":"f"}</tool_call>"#, calls: [#"{"name":"f","arguments":{}}"#]),
      Case(text: #"<tool_call>{"name":"f","arguments":[1]}</tool_call>"#, calls: [#"{"name":"f","arguments":[1]}"#]),
      Case(text: "a <tool_call>\(sum)", content: "a", malformed: ["<tool_call>\(sum)"]),
      Case(text: "<tool_call>\(sum)<tool_call>\(sum)</tool_call>", calls: [sum], malformed: ["<tool_call>\(sum)"]),
      Case(text: "<tool_call>{broken}</tool_call> b", content: "b", malformed: ["<tool_call>{broken}</tool_call>"]),
      Case(text: "<tool_call>calculator(2)</tool_call>", malformed: ["<tool_call>calculator(2)</tool_call>"]),
      Case(text: "<tool_call></tool_call>", malformed: ["<tool_call></tool_call>"]),
      Case(text: "<tool_call>[]</tool_call>", malformed: ["<tool_call>[]</tool_call>"]),
      Case(text: "<tool_call>[1, \(sum)]</tool_call>", calls: [sum], malformed: ["1"]),
      Case(text: #"<tool_call>{"arguments":{}}</tool_call>"#, malformed: [#"<tool_call>{"arguments":{}}</tool_call>"#]),
      Case(
        text: #"<tool_call>{"name":"f","arguments":"2+2"}</tool_call>"#,
        malformed: [#"<tool_call>{"name":"f","arguments":"2+2"}</tool_call>"#]),
      Case(text: "x</tool_call>y", content: "xy", malformed: ["</tool_call>"]),
      Case(text: "<tool_call", content: "<tool_call"),
      Case(text: "<tool_call>", malformed: ["<tool_call>"]),
    ])
  func hermes(one: Case) throws { try check(one, .hermes) }

  @Test(
    "bare JSON is a call if it has a name, else an answer",
    arguments: [
      Case(text: sum, calls: [sum]),
      Case(text: " [\(sum),\(sum)]\n", calls: [sum, sum]),
      Case(text: #"{"answer":4}"#, content: #"{"answer":4}"#),
      Case(text: "[1, 2]", content: "[1, 2]"),
      Case(text: "The answer is 4.", content: "The answer is 4."),
      Case(text: #"{"name":"f","#, malformed: [#"{"name":"f","#]),
      Case(text: #"{"name":4}"#, malformed: [#"{"name":4}"#]),
    ])
  func bare(one: Case) throws { try check(one, .json) }

  private func check(_ one: Case, _ parser: ToolCallParser) throws {
    let parsed = parser.parse(one.text, firstID: 3)
    #expect(parsed.content == one.content)
    let calls = try one.calls.enumerated().map { index, text in
      let json = try JSONValue(parsing: text)
      return ToolCall(
        id: "call_\(3 + index)", name: try #require(json["name"]?.stringValue),
        arguments: try #require(json["arguments"]))
    }
    #expect(parsed.toolCalls == calls)
    #expect(parsed.malformedCalls.map(\.text) == one.malformed)
    #expect(parsed.malformedCalls.allSatisfy { !$0.reason.isEmpty })
  }

  @Test("calls that are written are read back", arguments: ToolCallParser.allCases)
  func roundTrip(parser: ToolCallParser) {
    var random = TestStream(state: 3)
    for round in 0..<500 {
      let calls = (0..<Int.random(in: 1...3, using: &random)).map { index in
        ToolCall(id: "call_\(index)", name: text(&random, "n"), arguments: .object(fields(&random, depth: 0)))
      }
      let written = parser.text(content: "Well.", calls: calls)
      let parsed = parser.parse(written)
      #expect(parsed.toolCalls == calls, "round \(round): \(written)")
      #expect(parsed.malformedCalls.isEmpty)
      #expect(parsed.content == (parser == .hermes ? "Well." : ""))
    }
  }

  private func text(_ random: inout TestStream, _ start: String) -> String {
    let parts = [
      "a", "\"", "\\", "}", "{", "]", "<tool_call>", "</tool_call>", "\n", "é", "👍", " ", ",", "</", "\u{1}",
    ]
    return start
      + (0..<Int.random(in: 0...5, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }.joined()
  }

  private func fields(_ random: inout TestStream, depth: Int) -> JSONObject {
    var fields = JSONObject()
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      let value: JSONValue =
        switch Int.random(in: 0...(depth < 3 ? 6 : 4), using: &random) {
        case 0: .null
        case 1: .bool(.random(using: &random))
        case 2: .int(.random(in: -1000...1000, using: &random))
        case 3: .double(0.5)
        case 4: .string(text(&random, ""))
        case 5: .array([.object(self.fields(&random, depth: depth + 1)), "x"])
        default: .object(self.fields(&random, depth: depth + 1))
        }
      fields[text(&random, "k")] = value
    }
    return fields
  }

  @Test("any text is parsed, and whatever looked like a call is accounted for", arguments: ToolCallParser.allCases)
  func fuzz(parser: ToolCallParser) {
    let parts = [
      "<tool_call>", "</tool_call>", "{", "}", "[", "]", "\"", "\\", "name", "\"name\":\"f\"", ",", ":",
      "\"arguments\":{}", "<", "text", " ", "\n", "é", "\0", Self.sum,
    ]
    var random = TestStream(state: 17)
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
        .joined()
      let parsed = parser.parse(text)
      if parser == .hermes, PythonText.contains(text, "<tool_call>") {
        #expect(!parsed.toolCalls.isEmpty || !parsed.malformedCalls.isEmpty, "\(text.debugDescription)")
        #expect(!PythonText.contains(parsed.content, "<tool_call>{"), "\(text.debugDescription)")
      }
    }
  }

  @Test("a long text of nothing but openings is read in good time")
  func adversarial() {
    let parsed = ToolCallParser.hermes.parse(String(repeating: "<tool_call>{\"", count: 5000))
    #expect(parsed.malformedCalls.count == 5000)
    let nested = ToolCallParser.hermes.parse("<tool_call>" + String(repeating: "[", count: 100_000) + "</tool_call>")
    #expect(nested.malformedCalls.count == 1)
  }
}
