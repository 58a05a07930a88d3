import AgentCore

/// What a `step` asks for.
///
/// - `{"type":"list_tools"}`: the tools, without taking a turn;
/// - `{"type":"call_tool","tool_name":…,"arguments":{…}}` (`type` may be left out): one tool call as a turn;
/// - `{"message":"…"}`: a whole policy turn, tool calls written in the text; or with `"tool_calls":[…]`, in OpenAI's or
///   our form, already parsed. `token_ids`, `logprobs` and `finish` are recorded where they are given.
enum OpenEnvAction: Sendable {
  case listTools
  case call(name: String, arguments: JSONValue)
  case turn(Action)

  static let names = "`list_tools`, `call_tool` (tool_name, arguments) and `message` (message, tool_calls)"

  /// - Parameter readMessage: finds the tool calls in a policy's text.
  init(_ data: JSONValue, readMessage: MessageReader) throws(RequestProblem) {
    let fields = try RequestFields(data)
    let type = try fields.string("type") ?? Self.impliedType(fields)
    switch type {
    case "list_tools": self = .listTools
    case "call_tool":
      guard let name = try fields.string("tool_name") else { throw .missing("tool_name", in: data) }
      let arguments = fields["arguments"] ?? [:]
      guard arguments.objectValue != nil else {
        throw .wrong("arguments", expected: "an object", type: "dict_type", found: arguments)
      }
      self = .call(name: name, arguments: arguments)
    case "message": self = .turn(try Self.turn(fields, readMessage: readMessage))
    default:
      throw .value("type", message: "the action is none of \(Self.names)", found: .string(type))
    }
  }

  private static func impliedType(_ fields: RequestFields) -> String {
    if fields["tool_name"] != nil { return "call_tool" }
    if fields["message"] != nil || fields["tool_calls"] != nil { return "message" }
    return ""
  }

  private static func turn(_ fields: RequestFields, readMessage: MessageReader) throws(RequestProblem) -> Action {
    let text = try fields.string("message") ?? ""
    var action = fields["tool_calls"] == nil ? readMessage.read(text) : Action(text: text)
    if let calls = fields["tool_calls"] {
      guard case .array(let elements) = calls else {
        throw .wrong("tool_calls", expected: "an array", type: "list_type", found: calls)
      }
      for (index, element) in elements.enumerated() { try add(element, index: index, to: &action) }
    }
    if let finish = try fields.string("finish") {
      guard let reason = FinishReason(rawValue: finish) else {
        throw .value("finish", message: "expected `stop` or `length`", found: .string(finish))
      }
      action.finish = reason
    }
    action.tokens = try tokens(fields)
    return action
  }

  /// Adds a call; arguments that are no JSON are the policy's mistake, which it is told as one.
  private static func add(_ json: JSONValue, index: Int, to action: inout Action) throws(RequestProblem) {
    do throws(RequestProblem) {
      let call = try RequestFields(json)
      let function = try call["function"].map { value throws(RequestProblem) in try RequestFields(value) } ?? call
      guard let name = try function.string("name") else { throw RequestProblem.missing("name", in: json) }
      let id = try call.string("id") ?? ""
      var arguments = function["arguments"] ?? [:]
      if case .string(let text) = arguments {
        do {
          arguments = try JSONValue(parsing: text)
        } catch {
          action.malformedCalls.append(MalformedCall(text: text, reason: "arguments of `\(name)`: \(error)"))
          return
        }
      }
      action.toolCalls.append(ToolCall(id: id, name: name, arguments: arguments))
    } catch {
      throw error.inside("tool_calls", "\(index)")
    }
  }

  private static func tokens(_ fields: RequestFields) throws(RequestProblem) -> PolicyTokens? {
    guard let given = fields["token_ids"] else { return nil }
    let ids = given.arrayValue?.compactMap { $0.intValue.flatMap { Int32(exactly: $0) } } ?? []
    let logprobs = fields["logprobs"]?.arrayValue?.compactMap { $0.doubleValue.map { Float($0) } } ?? []
    guard ids.count == given.arrayValue?.count, logprobs.count == ids.count, ids.allSatisfy({ $0 >= 0 }),
      logprobs.allSatisfy(\.isFinite)
    else {
      throw .value("token_ids", message: "token_ids and logprobs must be arrays of the same length", found: given)
    }
    return PolicyTokens(ids: ids, logprobs: logprobs)
  }
}
