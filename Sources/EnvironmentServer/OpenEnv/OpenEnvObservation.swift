import AgentCore
import EnvironmentKit
import SessionEngine

/// What a client is shown after a reset or a step: `{"observation":{…},"reward":…,"done":…}`.
///
/// The reward of a step is the turn's, and with the last step also the outcome's, so that a client that adds rewards up
/// has the return. `reward_components` and `outcome` give the parts.
struct OpenEnvObservation: Sendable {
  let observation: JSONObject
  let reward: Double?
  let isDone: Bool

  var json: JSONValue {
    [
      "observation": .object(observation), "reward": reward.map(JSONValue.double) ?? .null, "done": .bool(isDone),
    ]
  }

  /// The same with `metadata`, as the HTTP endpoints have it.
  var httpJSON: JSONValue {
    guard case .object(var fields) = json else { return json }
    fields["metadata"] = .null
    return .object(fields)
  }

  /// What the policy is given before its first turn. The task's payload is left out: it may hold the answer.
  static func opening(_ session: Session, ignoredFields: [String]) -> OpenEnvObservation {
    var metadata: JSONObject = [:]
    if !ignoredFields.isEmpty { metadata["ignored"] = .array(ignoredFields.map(JSONValue.string)) }
    return OpenEnvObservation(
      observation: [
        "messages": .array(session.initialMessages.map(\.json)),
        "available_tools": .array(session.tools.map(\.functionJSON)),
        "task": session.task.publicJSON,
        "environment": .string(session.environmentReference.name),
        "trajectory_id": .string(session.id),
        "max_turns": JSONValue(session.limits.maxTurns),
        "metadata": .object(metadata),
      ], reward: nil, isDone: false)
  }

  /// The answer to a turn.
  static func turn(_ result: StepResult) -> OpenEnvObservation {
    var observation = fields(of: result)
    observation["metadata"] = [:]
    return OpenEnvObservation(observation: observation, reward: totalReward(result), isDone: result.isDone)
  }

  /// The answer to a turn that was one tool call, in the form of OpenEnv's tool environments. What else happened stands
  /// in `metadata`.
  static func call(_ name: String, _ result: StepResult, tools: [ToolSchema]) -> OpenEnvObservation {
    let answer = result.toolResults.first
    var observation: JSONObject = ["tool_name": .string(name), "result": .null, "error": .null]
    if let answer, answer.status == .ok {
      observation["result"] = success(answer.content)
    } else {
      let text = answer?.content ?? result.observation.messages.last?.content ?? "the call was not run"
      let type = errorType(answer, isKnown: tools.contains { $0.name == name })
      observation["error"] = ["error_type": .string(type), "message": .string(text)]
    }
    observation["metadata"] = .object(fields(of: result))
    return OpenEnvObservation(observation: observation, reward: totalReward(result), isDone: result.isDone)
  }

  static func toolList(_ tools: [ToolSchema]) -> OpenEnvObservation {
    let list = tools.map { tool -> JSONValue in
      [
        "name": .string(tool.name), "description": .string(tool.description), "input_schema": tool.parameters,
      ]
    }
    return OpenEnvObservation(observation: ["metadata": [:], "tools": .array(list)], reward: nil, isDone: false)
  }

  // MARK: Parts

  private static func totalReward(_ result: StepResult) -> Double { result.reward + (result.outcome?.reward ?? 0) }

  private static func fields(of result: StepResult) -> JSONObject {
    [
      "turn": JSONValue(result.turn),
      "messages": .array(result.observation.messages.map(\.json)),
      "tool_results": .array(
        result.toolResults.map {
          ["id": .string($0.id), "status": .string($0.status.rawValue), "content": .string($0.content)]
        }),
      "turn_reward": .double(result.reward),
      "reward_components": .object(result.rewardComponents.mapValues(JSONValue.double)),
      "outcome": result.outcome?.json ?? .null,
    ]
  }

  private static func success(_ text: String) -> JSONValue {
    [
      "content": [["type": "text", "text": .string(text), "annotations": .null, "meta": .null]],
      "structured_content": ["result": .string(text)],
      "meta": .null,
      "data": .string(text),
      "is_error": false,
    ]
  }

  private static func errorType(_ result: ToolResult?, isKnown: Bool) -> String {
    guard isKnown else { return "tool_not_found" }
    if result?.status == .timeout { return "timeout" }
    // ToolRegistry's words for a call that does not fit its schema.
    if result?.content.hasPrefix("error: bad arguments") ?? false { return "invalid_args" }
    return "execution_error"
  }
}

extension EnvironmentTask {
  /// The task without its payload, which may hold the answer.
  var publicJSON: JSONValue {
    [
      "id": .string(id), "split": .string(split.rawValue), "category": .string(category),
      "difficulty": .double(difficulty),
    ]
  }
}

extension Session {
  /// OpenEnv's `state`: episode id and step count, and what else can be told without giving the answer away.
  func stateJSON(episodeID: String?) -> JSONValue {
    let record = trajectory
    return [
      "episode_id": .string(episodeID ?? id),
      "step_count": JSONValue(record.turns.count),
      "environment": .string(environmentReference.name),
      "trajectory_id": .string(id),
      "task": task.publicJSON,
      "seed": JSONValue(record.seed),
      "return": .double(record.totalReturn),
      "done": .bool(record.outcome != nil),
      "outcome": record.outcome?.json ?? .null,
    ]
  }
}
