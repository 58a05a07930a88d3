import AgentCore

/// One message of a `/ws` client.
enum OpenEnvRequest: Sendable {
  case reset(EpisodeOptions)
  case step(OpenEnvAction)
  case state
  case mcp(JSONValue)
  case close

  /// - Throws: `OpenEnvError` after which the session goes on. A frame that is no JSON object is one of these.
  init(_ text: String, readMessage: MessageReader) throws(OpenEnvError) {
    let message: JSONValue
    do {
      message = try JSONValue(parsing: text)
    } catch {
      throw OpenEnvError(code: .invalidJSON, message: "Invalid JSON: \(error)")
    }
    guard case .object(let fields) = message else {
      throw OpenEnvError(
        code: .validation, message: "Invalid message: expected a JSON object, found \(message.kindName)")
    }
    let type = fields["type"]?.stringValue ?? ""
    do {
      switch type {
      case "reset": self = try Self.reset(Self.data(fields, default: [:]))
      case "step": self = try Self.step(Self.data(fields, default: nil), readMessage)
      case "state": self = .state
      case "mcp": self = .mcp(.object(try Self.data(fields, default: nil)))
      case "close": self = .close
      default: throw OpenEnvError(code: .unknownType, message: "Unknown message type: \(type)")
      }
      let known: Set = type == "state" || type == "close" ? ["type"] : ["type", "data"]
      if let extra = fields.first(where: { !known.contains($0.key) }) {
        throw RequestProblem(
          type: "extra_forbidden", location: [extra.key], message: "Extra inputs are not permitted",
          input: extra.value)
      }
    } catch let error as OpenEnvError {
      throw error
    } catch {
      let problem = (error as? RequestProblem)?.inside(type)
      throw OpenEnvError(
        code: .validation, message: "Invalid message", details: ["errors": .array([problem?.json].compactMap { $0 })])
    }
  }

  private static func reset(_ data: JSONObject) throws(RequestProblem) -> OpenEnvRequest {
    do { return .reset(try EpisodeOptions(data)) } catch { throw error.inside("data") }
  }

  private static func step(_ data: JSONObject, _ readMessage: MessageReader) throws(RequestProblem) -> OpenEnvRequest {
    do { return .step(try OpenEnvAction(.object(data), readMessage: readMessage)) } catch { throw error.inside("data") }
  }

  private static func data(
    _ fields: JSONObject, default fallback: JSONObject?
  ) throws(RequestProblem) -> JSONObject {
    guard let value = fields["data"] else {
      guard let fallback else { throw .missing("data", in: .object(fields)) }
      return fallback
    }
    guard case .object(let data) = value else {
      throw .wrong("data", expected: "an object", type: "dict_type", found: value)
    }
    return data
  }
}
