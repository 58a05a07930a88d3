import AgentCore

/// A trajectory as chat messages in OpenAI's form: arguments of tool calls are JSON in a string.
enum ChatRecord {
  static func json(_ trajectory: Trajectory) -> JSONValue {
    var fields: JSONObject = [
      "id": .string(trajectory.id), "messages": .array(trajectory.conversation.map(message)),
      "return": .double(trajectory.totalReturn),
    ]
    fields["success"] = trajectory.outcome.map { .bool($0.isSuccess) }
    return .object(fields)
  }

  private static func message(_ message: Message) -> JSONValue {
    var fields: JSONObject = ["role": .string(message.role.rawValue), "content": .string(message.content)]
    fields["name"] = message.name.map(JSONValue.string)
    fields["tool_call_id"] = message.toolCallID.map(JSONValue.string)
    if !message.toolCalls.isEmpty {
      fields["tool_calls"] = .array(
        message.toolCalls.map { call in
          [
            "id": .string(call.id), "type": "function",
            "function": ["name": .string(call.name), "arguments": .string(call.arguments.serialized())],
          ]
        })
    }
    return .object(fields)
  }
}
