import AgentCore
import EnvironmentKit

/// The scripted expert: calls the calculator with the task's expression, then answers with the number alone.
///
/// It can take over in any state: where no call has returned the answer yet, it makes the call.
public struct CalculatorOracle: Oracle {
  public init() {}

  public func action(in episode: Episode) throws -> Action {
    guard let expression = episode.task.payload["expression"], let answer = episode.task.payload["answer"]?.stringValue
    else {
      throw EnvironmentError.badTask(id: episode.task.id, reason: "its payload needs `expression` and `answer`")
    }
    if AnswerSeen().progress(of: episode) == 1 { return Action(text: answer) }
    let call = ToolCall(
      id: "call_\(episode.turns.count)", name: "calculator", arguments: ["expression": expression])
    return Action(text: "", toolCalls: [call])
  }
}
