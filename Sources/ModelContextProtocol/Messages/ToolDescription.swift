import AgentCore

/// A tool as a server lists it.
public struct ToolDescription: Sendable, Hashable {
  public var name: String
  /// For people; may be absent.
  public var title: String?
  public var description: String
  /// A JSON Schema of type `object`.
  public var inputSchema: JSONValue

  public init(name: String, title: String? = nil, description: String, inputSchema: JSONValue) {
    self.name = name
    self.title = title
    self.description = description
    self.inputSchema = inputSchema
  }

  public init(_ json: JSONValue, path: String) throws(JSONError) {
    var fields = try JSONFields(json, path: path)
    name = try fields.string("name")
    guard !name.isEmpty else { throw .value(reason: "a tool needs a name", path: fields.path(of: "name")) }
    title = try fields.optionalString("title")
    description = try fields.optionalString("description") ?? ""
    inputSchema = try fields.required("inputSchema")
    guard case .object = inputSchema else {
      throw .value(
        reason: "expected a schema, found \(inputSchema.kindName)", path: fields.path(of: "inputSchema"))
    }
  }

  public var json: JSONValue {
    var object: JSONObject = ["name": .string(name)]
    object["title"] = title.map(JSONValue.string)
    object["description"] = .string(description)
    object["inputSchema"] = inputSchema
    return .object(object)
  }
}

/// One page of the answer to `tools/list`.
public struct ToolPage: Sendable, Hashable {
  public var tools: [ToolDescription]
  /// Asks for the page after this one; nil at the last.
  public var nextCursor: String?

  public init(tools: [ToolDescription], nextCursor: String? = nil) {
    self.tools = tools
    self.nextCursor = nextCursor
  }

  public init(_ json: JSONValue) throws(JSONError) {
    var fields = try JSONFields(json, path: "result")
    _ = try fields.required("tools")
    tools = try fields.array("tools") { value, path throws(JSONError) in try ToolDescription(value, path: path) }
    nextCursor = try fields.optionalString("nextCursor")
  }

  public var json: JSONObject {
    var object: JSONObject = ["tools": .array(tools.map(\.json))]
    object["nextCursor"] = nextCursor.map(JSONValue.string)
    return object
  }
}
