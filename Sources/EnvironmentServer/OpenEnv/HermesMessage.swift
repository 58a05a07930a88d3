import AgentCore

/// Tool calls in a policy's text, in the form of Hermes and Qwen: `<tool_call>{"name":…,"arguments":{…}}</tool_call>`.
public enum HermesMessage {
  /// The text without its calls, the calls (without ids), and what looks like a call and cannot be read.
  @Sendable public static func read(_ message: String) -> Action {
    var action = Action(text: "")
    var rest = message[...]
    while let start = rest.firstRange(of: opening) {
      action.text += rest[..<start.lowerBound]
      rest = rest[start.upperBound...]
      guard let end = rest.firstRange(of: closing) else {
        action.malformedCalls.append(MalformedCall(text: String(rest), reason: "`\(closing)` is missing"))
        return trimmed(action)
      }
      add(String(rest[..<end.lowerBound]), to: &action)
      rest = rest[end.upperBound...]
    }
    action.text += rest
    return trimmed(action)
  }

  private static let opening = "<tool_call>"
  private static let closing = "</tool_call>"

  private static func add(_ text: String, to action: inout Action) {
    do {
      var fields = try JSONFields(JSONValue(parsing: text))
      let name = try fields.string("name")
      let arguments = fields.optional("arguments") ?? [:]
      try fields.finish()
      action.toolCalls.append(ToolCall(id: "", name: name, arguments: arguments))
    } catch {
      action.malformedCalls.append(MalformedCall(text: text, reason: "\(error)"))
    }
  }

  private static func trimmed(_ action: Action) -> Action {
    var action = action
    let isSpace: (Character) -> Bool = { $0.isWhitespace }
    action.text = String(action.text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    return action
  }
}
