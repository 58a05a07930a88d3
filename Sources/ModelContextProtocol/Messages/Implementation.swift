import AgentCore

/// The program at one end of a connection, as it introduces itself.
public struct Implementation: Sendable, Hashable, CustomStringConvertible {
  public var name: String
  public var version: String

  public init(name: String, version: String) {
    self.name = name
    self.version = version
  }

  /// Names and versions are for reading: whatever a peer leaves out is empty.
  init(_ json: JSONValue?) {
    name = json?["name"]?.stringValue ?? ""
    version = json?["version"]?.stringValue ?? ""
  }

  public var json: JSONValue { ["name": .string(name), "version": .string(version)] }

  public var description: String { version.isEmpty ? name : "\(name) \(version)" }
}

/// Parameters of `initialize`, with which a client opens a connection up to revision 2025-11-25.
public struct InitializeParameters: Sendable, Hashable {
  public var version: String
  public var capabilities: JSONObject
  public var client: Implementation

  public init(version: String, capabilities: JSONObject = .empty, client: Implementation) {
    self.version = version
    self.capabilities = capabilities
    self.client = client
  }

  public var json: JSONObject {
    [
      "protocolVersion": .string(version), "capabilities": .object(capabilities), "clientInfo": client.json,
    ]
  }

  public init(_ json: JSONValue) throws(JSONError) {
    var fields = try JSONFields(json, path: "params")
    version = try fields.string("protocolVersion")
    capabilities = fields.optional("capabilities")?.objectValue ?? .empty
    client = Implementation(fields.optional("clientInfo"))
  }
}

/// What a server says of itself: the answer to `initialize`.
public struct InitializeResult: Sendable, Hashable {
  public var version: String
  public var capabilities: JSONObject
  public var server: Implementation
  public var instructions: String?

  public init(version: String, capabilities: JSONObject, server: Implementation, instructions: String? = nil) {
    self.version = version
    self.capabilities = capabilities
    self.server = server
    self.instructions = instructions
  }

  public init(_ json: JSONValue) throws(JSONError) {
    var fields = try JSONFields(json, path: "result")
    version = try fields.string("protocolVersion")
    capabilities = fields.optional("capabilities")?.objectValue ?? .empty
    server = Implementation(fields.optional("serverInfo"))
    instructions = try fields.optionalString("instructions")
  }

  public var json: JSONObject {
    var object: JSONObject = [
      "protocolVersion": .string(version), "capabilities": .object(capabilities), "serverInfo": server.json,
    ]
    object["instructions"] = instructions.map(JSONValue.string)
    return object
  }
}

/// What a server says of itself in the stateless era: the answer to `server/discover`.
public struct DiscoverResult: Sendable, Hashable {
  public var supportedVersions: [String]
  public var capabilities: JSONObject
  public var server: Implementation
  public var instructions: String?

  public init(_ json: JSONValue) throws(JSONError) {
    var fields = try JSONFields(json, path: "result")
    supportedVersions = try fields.array("supportedVersions") { value, path throws(JSONError) in
      guard let name = value.stringValue else { throw .value(reason: "expected a text", path: path) }
      return name
    }
    capabilities = fields.optional("capabilities")?.objectValue ?? .empty
    server = Implementation(fields.optional("_meta")?[RequestEnvelope.serverInfoKey] ?? fields.optional("serverInfo"))
    instructions = try fields.optionalString("instructions")
  }
}

/// What every request of the stateless era carries in `params._meta`.
public struct RequestEnvelope: Sendable, Hashable {
  public static let versionKey = "io.modelcontextprotocol/protocolVersion"
  public static let clientInfoKey = "io.modelcontextprotocol/clientInfo"
  public static let clientCapabilitiesKey = "io.modelcontextprotocol/clientCapabilities"
  public static let serverInfoKey = "io.modelcontextprotocol/serverInfo"

  public var version: String
  public var client: Implementation

  public init(version: String, client: Implementation) {
    self.version = version
    self.client = client
  }

  /// The parameters with the envelope added to what `_meta` they have.
  public func wrapping(_ params: JSONObject) -> JSONObject {
    var meta = params["_meta"]?.objectValue ?? .empty
    meta[Self.versionKey] = .string(version)
    meta[Self.clientInfoKey] = client.json
    meta[Self.clientCapabilitiesKey] = .object(.empty)
    var params = params
    params["_meta"] = .object(meta)
    return params
  }
}
