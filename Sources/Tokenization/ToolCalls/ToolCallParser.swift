import AgentCore

/// What a policy's text says: prose, tool calls, and what looked like a tool call but could not be read as one.
public struct ParsedAction: Sendable, Hashable {
  /// The text outside calls, without white space at its ends.
  public var content: String
  public var toolCalls: [ToolCall]
  /// In the order of the text. Nothing is dropped: text is in one of the three.
  public var malformedCalls: [MalformedCall]

  public init(content: String, toolCalls: [ToolCall] = [], malformedCalls: [MalformedCall] = []) {
    self.content = content
    self.toolCalls = toolCalls
    self.malformedCalls = malformedCalls
  }
}

/// How a policy writes tool calls, read and written. Any text can be parsed; no text is an error.
public enum ToolCallParser: String, Sendable, CaseIterable {
  /// `<tool_call>{"name":"calculator","arguments":{"expression":"2+2"}}</tool_call>`, any number of them anywhere in
  /// the text; a list of calls between the tags counts as several (SmolLM2 writes them so).
  case hermes
  /// The whole text is one call, or a list of calls, as JSON.
  case json

  /// Reads a text.
  ///
  /// - Parameter firstID: calls are numbered `call_<n>` from here on, so that ids stay unique in a trajectory.
  public func parse(_ text: String, firstID: Int = 0) -> ParsedAction {
    var reader = ToolCallReader(firstID: firstID)
    switch self {
    case .hermes: reader.readTagged(Array(text.utf8))
    case .json: reader.readBare(text)
    }
    return reader.action
  }

  /// The text of a call, as the policy should write it. Parsing it gives the call back (its id aside).
  public func text(of call: ToolCall) -> String {
    let json: JSONValue = ["name": .string(call.name), "arguments": call.arguments]
    switch self {
    case .hermes: return ToolCallReader.openingTag + json.serialized() + ToolCallReader.closingTag
    case .json: return json.serialized()
    }
  }

  /// The text of an assistant turn: prose, then its calls. In `json` format calls leave no room for prose, so it is
  /// written only where there is no call.
  public func text(content: String, calls: [ToolCall]) -> String {
    switch self {
    case .hermes: return ((content.isEmpty ? [] : [content]) + calls.map(text(of:))).joined(separator: "\n")
    case .json:
      guard let first = calls.first else { return content }
      return calls.count == 1 ? text(of: first) : "[" + calls.map(text(of:)).joined(separator: ",") + "]"
    }
  }

  /// One line that tells a policy how to write a call.
  public var instruction: String {
    let example = text(of: ToolCall(id: "", name: "NAME", arguments: ["ARGUMENT": "VALUE"]))
    return "To call a tool, write \(example)"
  }
}
