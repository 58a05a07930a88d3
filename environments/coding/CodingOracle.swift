import AgentCore
import EnvironmentKit

/// The scripted expert: tries the task's solution once in the sandbox, then answers with it.
public struct CodingOracle: Oracle {
  public init() {}

  public func action(in episode: Episode) throws -> Action {
    guard let solution = episode.task.payload["solution"]?.stringValue else {
      throw EnvironmentError.badTask(id: episode.task.id, reason: "its payload needs `solution`")
    }
    let hasTried = episode.turns.contains { turn in turn.toolResults.contains { $0.status == .ok } }
    if hasTried { return Action(text: "```python\n\(solution)```") }
    let call = ToolCall(
      id: "call_\(episode.turns.count)", name: "python",
      arguments: ["code": .string("\(solution)\nprint(solve([3, -4, 10, 7, 0, -9]))")])
    return Action(text: "", toolCalls: [call])
  }
}
