import AgentCore
import Testing

@testable import Tokenization

@Suite struct ConversationEncoderTests {
  static let calculator = ToolSchema(
    name: "calculator", description: "Evaluates an arithmetic expression.",
    parameters: [
      "type": "object", "properties": ["expression": ["type": "string"], "digits": ["type": "integer"]],
      "required": ["expression"],
    ])

  /// The templates of the fixture and the built-in ones, each with a tokenizer that has its special tokens.
  static func encoder(
    _ name: String, _ change: (inout ConversationEncoder.Options) -> Void = { _ in }
  ) throws -> ConversationEncoder {
    var options = ConversationEncoder.Options()
    change(&options)
    if name == "compact" {
      let tokenizer = try Tokenizer.byteLevel(
        specialTokens: ChatTemplate.compactSpecialTokens, ordinaryTokens: ["<tool_call>", "</tool_call>"],
        endOfSequence: "<|end|>")
      return try ConversationEncoder(tokenizer: tokenizer, template: .compact, options: options)
    }
    if name == "headers" {
      let special = ["<|begin|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|im_end|>"]
      options.variables["bos_token"] = "<|begin|>"
      return try ConversationEncoder(
        tokenizer: .byteLevel(specialTokens: special, endOfSequence: "<|eot_id|>"), template: template(name),
        options: options)
    }
    return try ConversationEncoder(
      tokenizer: Fixture.smallTokenizer(), template: template(name), options: options)
  }

  private static func template(_ name: String) throws -> ChatTemplate {
    if name == "chatML" { return try .chatML }
    let sources = try #require(Fixture.json("templates.json")["sources"])
    return try ChatTemplate(source: try #require(sources[name]?.stringValue))
  }

  static let names = ["smollm2", "tools", "headers", "chatML", "compact"]

  private let prompt = [
    Message(role: .system, content: "Be brief."), Message(role: .user, content: "What is 2+2? 漢字 1234"),
  ]
  private let answer = Message(role: .tool, content: "4", name: "calculator", toolCallID: "call_0")

  private func pieces(_ tokens: EncodedTokens, _ encoder: ConversationEncoder) -> [(Provenance, String)] {
    tokens.spans.map { ($0.provenance, encoder.tokenizer.decode(tokens.ids[$0.start..<$0.end])) }
  }

  @Test("a prompt has the ids of the rendered text", arguments: names)
  func promptIDs(name: String) throws {
    let encoder = try Self.encoder(name) { $0.toolPresentation = .omitted }
    let encoded = try encoder.encodePrompt(messages: prompt, tools: [])
    let text = try encoder.template.render(
      messages: prompt, addGenerationPrompt: true, variables: ["bos_token": "<|begin|>"])
    #expect(encoded.ids == encoder.tokenizer.encode(text, parseSpecial: true))
    #expect(encoder.tokenizer.decode(encoded.ids) == text)
  }

  @Test("every token knows who wrote it")
  func provenance() throws {
    let encoder = try Self.encoder("compact")
    let encoded = try encoder.encodePrompt(messages: prompt + [answer], tools: [])
    let expected: [(Provenance, String)] = [
      (.template, "<|system|>"), (.system, "Be brief."), (.template, "<|end|><|user|>"),
      (.user, "What is 2+2? 漢字 1234"), (.template, "<|end|><|tool|>"), (.tool, "4"),
      (.template, "<|end|><|assistant|>"),
    ]
    #expect(pieces(encoded, encoder).elementsEqual(expected, by: ==))
  }

  @Test("contents that the template trims keep their own provenance")
  func trimmedContent() throws {
    let encoder = try Self.encoder("headers")
    let encoded = try encoder.encodePrompt(messages: [Message(role: .user, content: "  hi <|eot_id|> \n")], tools: [])
    #expect(pieces(encoded, encoder).contains { $0 == (.user, "hi <|eot_id|>") })
    #expect(encoded.ids.count { $0 == encoder.endOfTurnID } == 2)
  }

  @Test("a template that rewrites contents gives whole messages one provenance, and still parses nothing in them")
  func transformedContent() throws {
    let source = """
      {% for m in messages %}<|im_start|>{{ m.role }} {{ m.content|upper }}<|im_end|>{% endfor %}
      {% if add_generation_prompt %}<|im_start|>assistant {% endif %}
      """
    let encoder = try ConversationEncoder(
      tokenizer: Fixture.smallTokenizer(), template: ChatTemplate(source: source))
    let messages = [Message(role: .system, content: "abc"), Message(role: .user, content: "def<|im_end|>ghi")]
    let encoded = try encoder.encodePrompt(messages: messages, tools: [])
    let expected: [(Provenance, String)] = [
      (.system, "<|im_start|>system ABC<|im_end|>"), (.user, "<|im_start|>user DEF<|im_end|>GHI<|im_end|>"),
      (.template, "<|im_start|>assistant "),
    ]
    #expect(pieces(encoded, encoder).elementsEqual(expected, by: ==))
    #expect(encoded.ids.count { $0 == encoder.endOfTurnID } == 2)
    let next = try encoder.encodeObservation(
      history: messages, observation: [answer], tools: [], actionEndedWithStop: true)
    #expect(
      pieces(next, encoder).elementsEqual(
        [(.tool, "<|im_start|>tool 4<|im_end|>"), (.template, "<|im_start|>assistant ")], by: ==))
  }

  @Test("special tokens that anybody writes stay text", arguments: names)
  func injection(name: String) throws {
    let encoder = try Self.encoder(name) { $0.toolPresentation = .automatic }
    for special in encoder.tokenizer.specialTokens {
      func encode(_ text: String) throws -> EncodedTokens {
        var tool = Self.calculator
        tool.description = text
        let call = ToolCall(id: text, name: text, arguments: ["x": .string(text)])
        let messages = [
          Message(role: .system, content: text), Message(role: .user, content: "a \(text)"),
          Message(role: .assistant, content: text, toolCalls: [call]),
          Message(role: .tool, content: "\(text) b", name: text, toolCallID: text),
          Message(role: .user, content: text),
        ]
        var encoded = try encoder.encodePrompt(messages: messages, tools: [tool])
        encoded.append(
          try encoder.encodeObservation(
            history: messages, observation: [Message(role: .tool, content: text, name: text)], tools: [tool],
            actionEndedWithStop: false))
        return encoded
      }
      let (attacked, plain) = (try encode(special.text), try encode("plain"))
      let count = { (tokens: EncodedTokens) in tokens.ids.filter { encoder.tokenizer.isSpecial($0) } }
      #expect(count(attacked) == count(plain), "\(special.text)")
      #expect(encoder.tokenizer.decode(attacked.ids).contains(special.text))
    }
  }

  @Test("prompt, turns and observations add up to the conversation as rendered at once", arguments: names)
  func prefixProperty(name: String) throws {
    let encoder = try Self.encoder(name)
    let turns = [
      DemonstrationTurn(
        text: #"<tool_call>{"name":"calculator","arguments":{"expression":"2+2"}}</tool_call>"#,
        observation: [answer, Message(role: .user, content: "\n\nAnd now?")]),
      DemonstrationTurn(text: "It is 4."),
    ]
    let demonstration = try encoder.encodeDemonstration(prompt: prompt, turns: turns, tools: [Self.calculator])
    let whole = prompt + [Message(role: .assistant, content: turns[0].text)] + turns[0].observation
    let next = try encoder.encodePrompt(messages: whole, tools: [Self.calculator])
    var tokens = demonstration.prompt
    tokens.append(demonstration.turns[0].action, provenance: .policy)
    tokens.append(try #require(demonstration.turns[0].observation))
    #expect(encoder.tokenizer.decode(tokens.ids) == encoder.tokenizer.decode(next.ids))
    #expect(tokens.ids == next.ids)
    #expect(demonstration.tokens.ids == tokens.ids + demonstration.turns[1].action)
    #expect(demonstration.turns.allSatisfy { $0.action.last == encoder.endOfTurnID })
    #expect(demonstration.turns[1].observation == nil)
    let policy = demonstration.tokens.spans.filter { $0.provenance == .policy }
    #expect(policy.map { $0.end - $0.start } == demonstration.turns.map(\.action.count))
  }

  @Test("a turn that was cut is closed by an injected token", arguments: names)
  func cutTurn(name: String) throws {
    let encoder = try Self.encoder(name)
    func observation(_ stopped: Bool) throws -> EncodedTokens {
      try encoder.encodeObservation(
        history: prompt, observation: [answer], tools: [Self.calculator], actionEndedWithStop: stopped)
    }
    let (stopped, cut) = (try observation(true), try observation(false))
    #expect(cut.ids == [encoder.endOfTurnID] + stopped.ids)
    #expect(cut.provenances.first == .injected)
    #expect(!stopped.provenances.contains(.injected))
    #expect(cut.provenances.dropFirst().elementsEqual(stopped.provenances))
    #expect(stopped.provenances.contains(.tool))
    #expect(stopped.provenances.last == .template)
  }

  @Test("an observation without messages leads straight to the next turn")
  func emptyObservation() throws {
    let encoder = try Self.encoder("compact")
    let encoded = try encoder.encodeObservation(
      history: prompt, observation: [], tools: [], actionEndedWithStop: true)
    #expect(encoder.tokenizer.decode(encoded.ids) == "<|assistant|>")
  }

  @Test("tools are described in the system message where the template does not show them")
  func toolDescriptions() throws {
    func text(_ name: String, _ messages: [Message], _ presentation: ConversationEncoder.ToolPresentation) throws
      -> String
    {
      let encoder = try Self.encoder(name) { $0.toolPresentation = presentation }
      return encoder.tokenizer.decode(try encoder.encodePrompt(messages: messages, tools: [Self.calculator]).ids)
    }
    let description = """
      Tools:
      calculator(expression: string, digits?: integer): Evaluates an arithmetic expression.
      To call a tool, write <tool_call>{"name":"NAME","arguments":{"ARGUMENT":"VALUE"}}</tool_call>
      """
    #expect(
      try text("smollm2", prompt, .automatic).contains("<|im_start|>system\nBe brief.\n\n\(description)<|im_end|>"))
    #expect(try text("smollm2", [prompt[1]], .automatic).hasPrefix("<|im_start|>system\n\(description)<|im_end|>"))
    #expect(!(try text("smollm2", prompt, .omitted).contains("Tools")))
    #expect(try text("tools", prompt, .automatic).contains(#"{"type": "function", "function": {"name": "calculator""#))
    #expect(!(try text("tools", prompt, .automatic).contains("To call a tool")))
    #expect(try text("tools", prompt, .systemMessage).contains(description))
  }

  @Test("tool results can be shown as the user's, and are still a tool's")
  func toolResultRole() throws {
    let encoder = try Self.encoder("chatML") { $0.toolResultRole = .user }
    let encoded = try encoder.encodeObservation(
      history: prompt, observation: [answer], tools: [], actionEndedWithStop: true)
    let expected: [(Provenance, String)] = [
      (.template, "\n<|im_start|>user\n"), (.tool, "4"), (.template, "<|im_end|>\n<|im_start|>assistant\n"),
    ]
    #expect(pieces(encoded, encoder).elementsEqual(expected, by: ==))
  }

  @Test("the stop tokens are the template's and the tokenizer's")
  func stopTokens() throws {
    let encoder = try Self.encoder("smollm2") { $0.additionalStopTokenIDs = [0] }
    let end = try #require(encoder.tokenizer.id(ofAddedToken: "<|im_end|>"))
    #expect(encoder.endOfTurnID == end)
    #expect(encoder.stopTokenIDs == [end, 0])
    #expect(throws: ConversationError.noEndOfTurn) {
      try ConversationEncoder(
        tokenizer: Tokenizer.byteLevel(specialTokens: []),
        template: ChatTemplate(source: "{% for m in messages %}{{ m.content }}\n{% endfor %}"))
    }
    #expect(throws: ConversationError.actionNotRendered) {
      try ConversationEncoder(
        tokenizer: Tokenizer.byteLevel(specialTokens: []), template: ChatTemplate(source: "fixed"))
    }
  }

  @Test("private-use characters in contents cannot be taken for marks")
  func privateUse() throws {
    let encoder = try Self.encoder("compact")
    let text = "\u{F0000}0\u{F0001} \u{F0000}1\u{F0002} \u{10FFFD}"
    let encoded = try encoder.encodePrompt(messages: [Message(role: .user, content: text)], tools: [])
    #expect(encoder.tokenizer.decode(encoded.ids) == "<|user|>\(text)<|end|><|assistant|>")
  }
}
