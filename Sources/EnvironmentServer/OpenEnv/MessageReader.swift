import AgentCore
import Tokenization

/// Reads a policy's raw text: which part is prose, which are tool calls, and which look like calls and cannot be read.
struct MessageReader: Sendable {
  let format: ToolCallParser

  /// The calls have no ids yet: they are numbered when it is known which turn they belong to.
  func read(_ text: String) -> Action {
    let parsed = format.parse(text)
    let calls = parsed.toolCalls.map { ToolCall(id: "", name: $0.name, arguments: $0.arguments) }
    return Action(text: parsed.content, toolCalls: calls, malformedCalls: parsed.malformedCalls)
  }
}
