import AgentCore

/// An error as an OpenEnv client reads it: a frame `{"type":"error","data":{"message","code",…}}`.
struct OpenEnvError: Error, Sendable {
  enum Code: String, Sendable {
    // After these the session goes on.
    case invalidJSON = "INVALID_JSON"
    case unknownType = "UNKNOWN_TYPE"
    case validation = "VALIDATION_ERROR"
    case execution = "EXECUTION_ERROR"
    // These come instead of a session, as the first frame, and the connection is closed.
    case capacityReached = "CAPACITY_REACHED"
    case factory = "FACTORY_ERROR"
    case session = "SESSION_ERROR"
  }

  let code: Code
  let message: String
  /// Fields beside message and code.
  var details: JSONObject = [:]

  var frame: JSONValue {
    var data: JSONObject = ["message": .string(message), "code": .string(code.rawValue)]
    data.merge(details, uniquingKeysWith: { first, _ in first })
    return ["type": "error", "data": .object(data)]
  }

  static func capacity(active: Int, limit: Int) -> OpenEnvError {
    OpenEnvError(
      code: .capacityReached,
      message: "Server at capacity: \(active)/\(limit) sessions active. Cannot accept new connections.",
      details: ["active_sessions": JSONValue(active), "max_sessions": JSONValue(limit)])
  }

  static func execution(_ error: any Error) -> OpenEnvError {
    OpenEnvError(code: .execution, message: "\(error)")
  }
}

/// A request that has JSON's form but not ours, as FastAPI's clients know it.
struct RequestProblem: Error, Sendable, CustomStringConvertible {
  /// Pydantic's name of the problem: `missing`, `string_type`, `extra_forbidden`, …
  let type: String
  /// Where in the request: `["step", "data", "tool_name"]`.
  let location: [String]
  let message: String
  let input: JSONValue

  var description: String { "\(location.joined(separator: ".")): \(message)" }

  var json: JSONValue {
    [
      "type": .string(type), "loc": .array(location.map(JSONValue.string)), "msg": .string(message), "input": input,
    ]
  }

  /// The problem inside a larger request.
  func inside(_ location: String...) -> RequestProblem {
    RequestProblem(type: type, location: location + self.location, message: message, input: input)
  }

  static func missing(_ location: String..., in input: JSONValue) -> RequestProblem {
    RequestProblem(type: "missing", location: location, message: "Field required", input: input)
  }

  static func wrong(_ location: String..., expected: String, type: String, found: JSONValue) -> RequestProblem {
    RequestProblem(
      type: type, location: location, message: "Input should be \(expected), found \(found.kindName)", input: found)
  }

  static func value(_ location: String..., message: String, found: JSONValue) -> RequestProblem {
    RequestProblem(type: "value_error", location: location, message: message, input: found)
  }
}
