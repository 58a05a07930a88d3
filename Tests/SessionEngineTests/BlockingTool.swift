import AgentCore
import AgentTools
import EnvironmentKit
import Foundation

/// Lets threads wait until it is opened.
final class DispatchGate: Sendable {
  private let condition = NSCondition()
  private nonisolated(unsafe) var isOpen = false  // Guarded by the condition's lock.

  func open() {
    condition.lock()
    isOpen = true
    condition.broadcast()
    condition.unlock()
  }

  func pass() {
    condition.lock()
    while !isOpen { condition.wait() }
    condition.unlock()
  }
}

/// Blocks a thread of its own until the gate opens, as a tool over a blocking library does.
struct BlockingTool: Tool {
  let gate: DispatchGate
  let schema = ToolSchema(
    name: "block", description: "",
    parameters: ["type": "object", "properties": ["wait": ["type": "boolean"]], "required": ["wait"]])

  func call(_ arguments: JSONObject, context: ToolContext) async throws -> ToolOutput {
    guard arguments["wait"]?.boolValue == true else { return .ok("done") }
    return await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        gate.pass()
        continuation.resume(returning: .ok("waited"))
      }
    }
  }
}

func blockingDefinition(_ gate: DispatchGate) throws -> EnvironmentDefinition {
  var limits = EpisodeLimits()
  limits.turnTimeout = .seconds(120)
  let design = ToolEnvironmentDesign(
    name: "blocking", systemPrompt: "", makeTools: { [BlockingTool(gate: gate)] },
    outcomeRewards: [OutcomeComponent(name: "answer", reward: ExactMatch())], limits: limits)
  struct OneQuestion: TaskSource {
    func count(of split: Split) -> Int? { 1 }
    func task(_ split: Split, at index: Int) -> EnvironmentTask {
      EnvironmentTask(id: "q", split: split, category: "", difficulty: 0, payload: ["question": "?", "answer": "!"])
    }
  }
  return EnvironmentDefinition(
    name: "blocking", version: "1", description: "", tasks: OneQuestion(), limits: limits, toolSchemas: [],
    make: { try ToolEnvironment(design) })
}
