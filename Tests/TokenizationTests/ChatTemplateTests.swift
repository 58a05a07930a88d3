import AgentCore
import Testing

@testable import Tokenization

@Suite struct ChatTemplateTests {
  @Test("expressions, statements and white space print what jinja2 prints")
  func snippets() throws {
    let fixture = try Fixture.json("templates.json")
    var data: [String: JSONValue] = [:]
    for (name, value) in try #require(fixture["data"]?.objectValue) { data[name] = value }
    let now = Int64(try #require(fixture["now"]?.intValue))
    let snippets = try #require(fixture["snippets"]?.arrayValue)
    #expect(snippets.count > 40)
    for snippet in snippets {
      let source = try #require(snippet["source"]?.stringValue)
      do {
        let output = try ChatTemplate(source: source).render(
          messages: [], addGenerationPrompt: false, variables: data, secondsSince1970: now)
        #expect(Array(output.utf8) == snippet["output"]?.utf8, "\(source) gave \(output.debugDescription)")
      } catch {
        Issue.record("\(source): \(error)")
      }
    }
  }

  @Test("chat templates print what jinja2 prints for them")
  func conversations() throws {
    let fixture = try Fixture.json("templates.json")
    let cases = try #require(fixture["cases"]?.arrayValue)
    let now = try #require(fixture["now"]?.intValue)
    #expect(cases.count == 48)
    for one in cases {
      let name = try #require(one["name"]?.stringValue)
      let template = try ChatTemplate(source: try #require(fixture["sources"]?[name]?.stringValue))
      let output = try template.render(
        messages: try #require(one["messages"]?.arrayValue).map(message),
        tools: (one["tools"]?.arrayValue ?? []).map(tool), addGenerationPrompt: one["prompt"] == true,
        variables: ["bos_token": "<|begin|>"], secondsSince1970: Int64(now))
      #expect(Array(output.utf8) == one["output"]?.utf8, "\(name): \(output.debugDescription)")
    }
  }

  private func message(_ json: JSONValue) throws -> Message {
    let calls = try (json["tool_calls"]?.arrayValue ?? []).map { call in
      ToolCall(
        id: try #require(call["id"]?.stringValue), name: try #require(call["function"]?["name"]?.stringValue),
        arguments: try #require(call["function"]?["arguments"]))
    }
    return Message(
      role: try #require(json["role"]?.stringValue.flatMap(Role.init)),
      content: try #require(json["content"]?.stringValue), name: json["name"]?.stringValue, toolCalls: calls,
      toolCallID: json["tool_call_id"]?.stringValue)
  }

  private func tool(_ json: JSONValue) throws -> ToolSchema {
    let function = try #require(json["function"])
    return ToolSchema(
      name: try #require(function["name"]?.stringValue),
      description: try #require(function["description"]?.stringValue),
      parameters: try #require(function["parameters"]))
  }

  @Test("what jinja2 refuses is an error here, with its line")
  func errors() throws {
    let fixture = try Fixture.json("templates.json")
    for one in try #require(fixture["errors"]?.arrayValue) {
      let source = try #require(one["source"]?.stringValue)
      do {
        let output = try ChatTemplate(source: source).render(
          messages: [], addGenerationPrompt: false, variables: ["x": "x"])
        Issue.record("\(source) gave \(output)")
      } catch {
        let (kind, line) =
          switch error {
          case .syntax(let line, _): ("syntax", line)
          case .rendering(let line, _): ("rendering", line)
          case .refused(let line, _): ("refused", line)
          }
        #expect(one["kind"]?.stringValue == kind, "\(source): \(error)")
        #expect(one["line"]?.intValue == line, "\(source): \(error)")
      }
    }
  }

  @Test(
    "a template that runs away or nests without end is an error",
    arguments: [
      "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
      "{{ range(10000000) }}", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "{{ 9 ** 99 }}",
      "{{ 'x' * 99999999 }}", "{{ 9223372036854775807 + 1 }}", "{{ 1[::0] }}",
      String(repeating: "{{ (", count: 1) + String(repeating: "(", count: 5000),
      "{{ " + String(repeating: "not ", count: 5000) + "x }}", "{{ " + String(repeating: "-", count: 5000) + "1 }}",
      String(repeating: "{% if 1 %}", count: 5000),
    ])
  func bounds(source: String) {
    #expect(throws: TemplateError.self) {
      try ChatTemplate(source: source).render(messages: [], addGenerationPrompt: false)
    }
  }

  @Test("any text is a template or an error")
  func fuzz() throws {
    let parts = [
      "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "if", "for", "in", "set", "else", "endif", "endfor", "macro", "is",
      "not", "x", "messages", "|", "(", ")", "[", "]", "{", "}", ".", ",", ":", "=", "==", "'", "\"", "\\", "1", "2.5",
      " ", "\n", "é", "raw", "endraw", "loop", "tojson", "defined", "namespace", "~", "*", "/", "%", "<",
    ]
    var random = TestStream(state: 11)
    var rendered = 0
    for _ in 0..<20_000 {
      let source = (0..<Int.random(in: 1...14, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
      if (try? ChatTemplate(source: source.joined()).render(messages: [], addGenerationPrompt: true)) != nil {
        rendered += 1
      }
    }
    #expect(rendered > 100)
  }

  @Test("the built-in templates")
  func builtIn() throws {
    let messages = [Message(role: .system, content: "S"), Message(role: .user, content: "U")]
    #expect(
      try ChatTemplate.chatML.render(messages: messages, addGenerationPrompt: true)
        == "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\n")
    #expect(
      try ChatTemplate.compact.render(messages: messages, addGenerationPrompt: true)
        == "<|system|>S<|end|><|user|>U<|end|><|assistant|>")
  }
}
