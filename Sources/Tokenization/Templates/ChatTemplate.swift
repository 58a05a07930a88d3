import AgentCore

/// Turns a conversation into the text that a model was trained to read: the Jinja template from its tokenizer files.
///
/// The subset of Jinja that published chat templates use, with Python's semantics, rendered as Hugging Face
/// `transformers` does (`trim_blocks`, `lstrip_blocks`, no escaping). Not covered: inheritance, includes, imports,
/// `call` and `filter` blocks, `%` formatting, in-place changes of lists and dictionaries.
public struct ChatTemplate: Sendable {
  public let source: String
  private let nodes: [TemplateNode]
  /// Whether the template reads `tools`. If not, tool schemas have to be put into a message.
  public let readsTools: Bool

  /// - Throws: `TemplateError.syntax` with the line for anything outside the subset.
  public init(source: String) throws(TemplateError) {
    self.source = source
    var parser = try TemplateParser(source: source)
    nodes = try parser.parseTemplate()
    readsTools = parser.names.contains("tools")
  }

  /// Renders a conversation.
  ///
  /// - Parameters:
  ///   - messages: as they stand; tool calls of assistant messages are given in OpenAI's form.
  ///   - tools: given to the template as `tools`, `none` if empty.
  ///   - addGenerationPrompt: whether the text ends where the assistant begins to write.
  ///   - variables: further names for the template, such as `bos_token`.
  ///   - secondsSince1970: what `strftime_now` reads. Without it that function is undefined, which templates check
  ///     for: the same conversation then gives the same text on any day.
  /// - Throws: `TemplateError.refused` if the template does not accept the conversation.
  public func render(
    messages: [Message], tools: [ToolSchema] = [], addGenerationPrompt: Bool,
    variables: [String: JSONValue] = [:], secondsSince1970: Int64? = nil
  ) throws(TemplateError) -> String {
    var values: [String: TemplateValue] = [
      "messages": .list(messages.map { TemplateValue($0.templateJSON) }),
      "tools": tools.isEmpty ? .none : .list(tools.map { TemplateValue($0.functionJSON) }),
      "documents": .none,
      "add_generation_prompt": .bool(addGenerationPrompt),
    ]
    if let secondsSince1970 { values["strftime_now"] = TemplateGlobals.strftimeNow(secondsSince1970: secondsSince1970) }
    for (name, value) in variables { values[name] = TemplateValue(value) }
    return try TemplateInterpreter.render(nodes, variables: values)
  }
}

extension Message {
  /// The message as templates read it.
  fileprivate var templateJSON: JSONValue {
    var fields: JSONObject = ["role": .string(role.rawValue), "content": .string(content)]
    if let name { fields["name"] = .string(name) }
    if !toolCalls.isEmpty { fields["tool_calls"] = .array(toolCalls.map(\.templateJSON)) }
    if let toolCallID { fields["tool_call_id"] = .string(toolCallID) }
    return .object(fields)
  }
}

extension ToolCall {
  fileprivate var templateJSON: JSONValue {
    ["id": .string(id), "type": "function", "function": ["name": .string(name), "arguments": arguments]]
  }
}
