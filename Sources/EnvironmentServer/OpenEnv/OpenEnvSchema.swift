import AgentCore

/// JSON schemas of what `/ws` and the HTTP endpoints exchange.
enum OpenEnvSchema {
  static let json: JSONValue = [
    "action": action, "observation": observation, "state": state, "reset_observation": resetObservation,
  ]

  // The title tells clients of tool environments to send `list_tools` first.
  static let action: JSONValue = [
    "title": "CallToolAction", "type": "object",
    "description": "One of: a tool call, a policy's whole turn, or the request for the tools.",
    "anyOf": [
      [
        "title": "CallToolAction", "type": "object", "required": ["tool_name"],
        "properties": [
          "type": ["const": "call_tool"], "tool_name": ["type": "string"], "arguments": ["type": "object"],
          "metadata": ["type": "object"],
        ],
      ],
      [
        "title": "MessageAction", "type": "object", "required": ["message"],
        "properties": [
          "type": ["const": "message"],
          "message": [
            "type": "string", "description": "The policy's text. Without tool_calls, calls are read from the text.",
          ],
          "tool_calls": ["type": "array", "items": toolCall],
          "token_ids": ["type": "array", "items": ["type": "integer"]],
          "logprobs": ["type": "array", "items": ["type": "number"]],
          "finish": ["enum": ["stop", "length"]],
          "metadata": ["type": "object"],
        ],
      ],
      [
        "title": "ListToolsAction", "type": "object", "required": ["type"],
        "properties": ["type": ["const": "list_tools"], "metadata": ["type": "object"]],
      ],
    ],
  ]

  static let observation: JSONValue = [
    "title": "Observation", "type": "object",
    "properties": [
      "turn": ["type": "integer"], "messages": ["type": "array", "items": message],
      "tool_results": ["type": "array", "items": ["type": "object"]],
      "turn_reward": ["type": "number"],
      "reward_components": ["type": "object", "additionalProperties": ["type": "number"]],
      "outcome": ["type": ["object", "null"], "description": "Present when the episode is over."],
      "tool_name": ["type": "string"], "result": ["type": ["object", "null"]],
      "error": ["type": ["object", "null"]], "metadata": ["type": "object"],
    ],
  ]

  static let resetObservation: JSONValue = [
    "title": "ResetObservation", "type": "object",
    "required": ["messages", "available_tools", "task", "trajectory_id"],
    "properties": [
      "messages": ["type": "array", "items": message],
      "available_tools": ["type": "array", "items": ["type": "object"], "description": "OpenAI's function format."],
      "task": ["type": "object"], "environment": ["type": "string"], "trajectory_id": ["type": "string"],
      "max_turns": ["type": "integer"], "metadata": ["type": "object"],
    ],
  ]

  static let state: JSONValue = [
    "title": "State", "type": "object", "required": ["step_count"],
    "properties": [
      "episode_id": ["type": ["string", "null"]], "step_count": ["type": "integer", "minimum": 0],
      "environment": ["type": "string"], "trajectory_id": ["type": "string"], "task": ["type": "object"],
      "seed": ["type": "integer"], "return": ["type": "number"], "done": ["type": "boolean"],
      "outcome": ["type": ["object", "null"]],
    ],
  ]

  private static let message: JSONValue = [
    "type": "object", "required": ["role", "content"],
    "properties": [
      "role": ["enum": ["system", "user", "assistant", "tool"]], "content": ["type": "string"],
      "name": ["type": "string"], "tool_call_id": ["type": "string"],
      "tool_calls": ["type": "array", "items": ["type": "object"]],
    ],
  ]

  private static let toolCall: JSONValue = [
    "type": "object",
    "properties": [
      "id": ["type": "string"], "name": ["type": "string"], "arguments": ["type": ["object", "string"]],
      "function": [
        "type": "object", "properties": ["name": ["type": "string"], "arguments": ["type": ["object", "string"]]],
      ],
    ],
  ]
}
