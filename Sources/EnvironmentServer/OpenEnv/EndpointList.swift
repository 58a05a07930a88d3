import AgentCore
import OrderedCollections

/// The HTTP endpoints in words, for `/openapi.json` and `/docs`.
struct Endpoint: Sendable {
  let method: String
  let path: String
  let summary: String
  var body: JSONValue?
  var answer: JSONValue = ["type": "object"]
}

enum EndpointList {
  static let all: [Endpoint] = [
    Endpoint(method: "get", path: "/health", summary: "Whether the server is well"),
    Endpoint(method: "get", path: "/metadata", summary: "Name, description and version of an environment (?env=NAME)"),
    Endpoint(method: "get", path: "/schema", summary: "JSON schemas of action, observation and state"),
    Endpoint(
      method: "post", path: "/reset", summary: "Start an episode and show its opening; keeps nothing",
      body: resetBody, answer: result),
    Endpoint(
      method: "post", path: "/step", summary: "Start an episode, take one action, show the answer; keeps nothing",
      body: stepBody, answer: result),
    Endpoint(
      method: "get", path: "/state", summary: "The state of a fresh episode", answer: OpenEnvSchema.state),
    Endpoint(method: "get", path: "/list_environments", summary: "Names of the environments", answer: texts),
    Endpoint(
      method: "get", path: "/{env}/splits", summary: "Splits of an environment's tasks",
      answer: ["type": "array", "items": ["type": "object"]]),
    Endpoint(method: "post", path: "/{env}/tasks", summary: "All tasks of a split", body: splitBody([:])),
    Endpoint(method: "post", path: "/{env}/num_tasks", summary: "How many tasks a split has", body: splitBody([:])),
    Endpoint(
      method: "post", path: "/{env}/task", summary: "One task of a split", body: splitBody(["index": natural])),
    Endpoint(
      method: "post", path: "/{env}/task_range", summary: "Tasks start..<stop of a split",
      body: splitBody(["start": natural, "stop": natural])),
  ]

  static let openAPI: JSONValue = {
    var paths: JSONObject = [:]
    for endpoint in all {
      var operation: JSONObject = ["summary": .string(endpoint.summary)]
      if endpoint.path.contains("{env}") {
        operation["parameters"] = [["name": "env", "in": "path", "required": true, "schema": ["type": "string"]]]
      }
      operation["requestBody"] = endpoint.body.map { ["content": ["application/json": ["schema": $0]]] }
      operation["responses"] = [
        "200": ["description": "OK", "content": ["application/json": ["schema": endpoint.answer]]]
      ]
      var item = paths[endpoint.path]?.objectValue ?? [:]
      item[endpoint.method] = .object(operation)
      paths[endpoint.path] = .object(item)
    }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "agentenv", "version": "1.0.0",
        "description": "OpenEnv protocol. Episodes are played over the WebSocket /ws; see /docs.",
      ],
      "paths": .object(paths),
    ]
  }()

  private static let natural: JSONValue = ["type": "integer", "minimum": 0]
  private static let texts: JSONValue = ["type": "array", "items": ["type": "string"]]
  private static let split: JSONValue = ["enum": ["train", "validation", "test"]]

  private static let resetFields: JSONObject = [
    "seed": natural, "episode_id": ["type": "string", "maxLength": 255], "env": ["type": "string"], "split": split,
    "index": natural, "group_id": ["type": "string", "maxLength": 255],
  ]

  private static let resetBody: JSONValue = ["type": "object", "properties": .object(resetFields)]

  private static let stepBody: JSONValue = {
    var fields: JSONObject = [
      "action": OpenEnvSchema.action, "timeout_s": ["type": "number", "exclusiveMinimum": 0],
      "request_id": ["type": "string", "maxLength": 255],
    ]
    fields.merge(resetFields, uniquingKeysWith: { first, _ in first })
    return ["type": "object", "required": ["action"], "properties": .object(fields)]
  }()

  private static func splitBody(_ more: JSONObject) -> JSONValue {
    var fields: JSONObject = ["split": split]
    fields.merge(more, uniquingKeysWith: { first, _ in first })
    return ["type": "object", "required": ["split"], "properties": .object(fields)]
  }

  private static let result: JSONValue = [
    "type": "object", "required": ["observation", "done"],
    "properties": [
      "observation": ["type": "object"], "reward": ["type": ["number", "null"]], "done": ["type": "boolean"],
      "metadata": ["type": ["object", "null"]],
    ],
  ]
}
