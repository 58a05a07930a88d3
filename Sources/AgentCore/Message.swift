/// Who wrote a message.
public enum Role: String, Sendable, CaseIterable {
  case system, user, assistant, tool
}

/// One message of a conversation.
public struct Message: Sendable, Hashable {
  public var role: Role
  public var content: String
  /// For `tool` messages: the tool's name.
  public var name: String?
  /// For `assistant` messages: the calls that were parsed from the text.
  public var toolCalls: [ToolCall]
  /// For `tool` messages: the id of the call that this answers.
  public var toolCallID: String?

  public init(
    role: Role, content: String, name: String? = nil, toolCalls: [ToolCall] = [], toolCallID: String? = nil
  ) {
    self.role = role
    self.content = content
    self.name = name
    self.toolCalls = toolCalls
    self.toolCallID = toolCallID
  }
}

/// A tool call as the policy asked for it. The arguments are any JSON: whether they fit the schema is checked by
/// whoever runs the tool.
public struct ToolCall: Sendable, Hashable {
  /// Unique within its trajectory.
  public var id: String
  public var name: String
  public var arguments: JSONValue

  public init(id: String, name: String, arguments: JSONValue) {
    self.id = id
    self.name = name
    self.arguments = arguments
  }
}

/// What a tool is called, what it does, and which arguments it takes (a JSON Schema object, as in OpenAI's function
/// format).
public struct ToolSchema: Sendable, Hashable {
  public var name: String
  public var description: String
  public var parameters: JSONValue

  public init(name: String, description: String, parameters: JSONValue) {
    self.name = name
    self.description = description
    self.parameters = parameters
  }

  /// `{"type":"function","function":{…}}`, the form that chat templates and OpenAI clients expect.
  public var functionJSON: JSONValue {
    [
      "type": "function",
      "function": ["name": .string(name), "description": .string(description), "parameters": parameters],
    ]
  }
}
