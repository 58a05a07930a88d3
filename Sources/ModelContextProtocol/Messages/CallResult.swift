import AgentCore

/// The answer to `tools/call`.
public struct CallResult: Sendable, Hashable {
  public var content: [ContentItem]
  /// The answer as data, where the tool declares an output schema.
  public var structuredContent: JSONValue?
  /// Whether the tool failed, and `content` says how.
  public var isError: Bool

  public init(content: [ContentItem], structuredContent: JSONValue? = nil, isError: Bool = false) {
    self.content = content
    self.structuredContent = structuredContent
    self.isError = isError
  }

  public init(_ json: JSONValue) throws(JSONError) {
    var fields = try JSONFields(json, path: "result")
    content = try fields.array("content") { value, path throws(JSONError) in try ContentItem(value, path: path) }
    structuredContent = fields.optional("structuredContent")
    isError = try fields.optionalBool("isError") ?? false
  }

  public var json: JSONObject {
    var object: JSONObject = ["content": .array(content.map(\.json))]
    object["structuredContent"] = structuredContent
    object["isError"] = .bool(isError)
    return object
  }
}

/// One piece of a tool's answer.
public enum ContentItem: Sendable, Hashable {
  case text(String)
  /// An image or a sound, in base64.
  case media(type: String, mimeType: String, base64: String)
  /// A resource that the server hands over as text.
  case textResource(uri: String, mimeType: String?, text: String)
  /// A resource that the server hands over as bytes, in base64.
  case binaryResource(uri: String, mimeType: String?, base64: String)
  /// A resource that the server only names.
  case link(uri: String, name: String, mimeType: String?)
  /// A kind that this revision does not know, kept as it is.
  case other(JSONValue)

  public init(_ json: JSONValue, path: String) throws(JSONError) {
    var fields = try JSONFields(json, path: path)
    switch try fields.string("type") {
    case "text": self = .text(try fields.string("text"))
    case let type where type == "image" || type == "audio":
      self = .media(
        type: type, mimeType: try fields.optionalString("mimeType") ?? "", base64: try fields.string("data"))
    case "resource": self = try Self.resource(try fields.required("resource"), path: fields.path(of: "resource"))
    case "resource_link":
      self = .link(
        uri: try fields.string("uri"), name: try fields.optionalString("name") ?? "",
        mimeType: try fields.optionalString("mimeType"))
    default: self = .other(json)
    }
  }

  private static func resource(_ json: JSONValue, path: String) throws(JSONError) -> ContentItem {
    var fields = try JSONFields(json, path: path)
    let uri = try fields.string("uri")
    let mimeType = try fields.optionalString("mimeType")
    if let text = try fields.optionalString("text") {
      return .textResource(uri: uri, mimeType: mimeType, text: text)
    }
    return .binaryResource(uri: uri, mimeType: mimeType, base64: try fields.string("blob"))
  }

  public var json: JSONValue {
    switch self {
    case .text(let text): return ["type": "text", "text": .string(text)]
    case .media(let type, let mimeType, let base64):
      return ["type": .string(type), "data": .string(base64), "mimeType": .string(mimeType)]
    case .textResource(let uri, let mimeType, let text):
      return Self.resource(uri, mimeType, "text", text)
    case .binaryResource(let uri, let mimeType, let base64):
      return Self.resource(uri, mimeType, "blob", base64)
    case .link(let uri, let name, let mimeType):
      var object: JSONObject = ["type": "resource_link", "uri": .string(uri), "name": .string(name)]
      object["mimeType"] = mimeType.map(JSONValue.string)
      return .object(object)
    case .other(let json): return json
    }
  }

  private static func resource(_ uri: String, _ mimeType: String?, _ key: String, _ value: String) -> JSONValue {
    var resource: JSONObject = ["uri": .string(uri)]
    resource["mimeType"] = mimeType.map(JSONValue.string)
    resource[key] = .string(value)
    return ["type": "resource", "resource": .object(resource)]
  }
}
