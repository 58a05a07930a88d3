import AgentCore

/// One JSON-RPC 2.0 message, as either side of a connection sends it.
public enum RPCMessage: Sendable, Hashable {
  case request(RPCRequest)
  case notification(method: String, params: JSONObject)
  case result(id: RPCID, JSONValue)
  /// A failed request. The id is nil where the peer could not read the request's.
  case failure(id: RPCID?, RPCFault)
}

/// A call that is owed an answer.
public struct RPCRequest: Sendable, Hashable {
  public var id: RPCID
  public var method: String
  public var params: JSONObject

  public init(id: RPCID, method: String, params: JSONObject = .empty) {
    self.id = id
    self.method = method
    self.params = params
  }
}

/// What ties an answer to its request: `1` and `"1"` are two ids.
public enum RPCID: Sendable, Hashable, CustomStringConvertible {
  case number(Int64)
  case text(String)

  public init?(_ json: JSONValue) {
    switch json {
    case .string(let text): self = .text(text)
    case .int(let number): self = .number(number)
    case .double(let number):
      guard let whole = Int64(exactly: number) else { return nil }
      self = .number(whole)
    default: return nil
    }
  }

  public var json: JSONValue {
    switch self {
    case .number(let number): .int(number)
    case .text(let text): .string(text)
    }
  }

  public var description: String { json.serialized() }
}

/// Why a request failed, in the words of the side that refused it.
public struct RPCFault: Error, Sendable, Hashable, CustomStringConvertible {
  public var code: Int
  public var message: String
  public var data: JSONValue?

  public init(code: Int, message: String, data: JSONValue? = nil) {
    self.code = code
    self.message = message
    self.data = data
  }

  public static let parseError = -32700
  public static let invalidRequest = -32600
  public static let methodNotFound = -32601
  public static let invalidParams = -32602
  public static let internalError = -32603
  /// MCP: the server does not speak the version that the request asks for; `data.supported` lists those it does.
  public static let unsupportedVersion = -32022

  public var description: String { "\(message) (\(code))" }
}

// MARK: - Reading

extension RPCMessage {
  /// Reads one frame: a message, or a batch of them (which revision 2025-03-26 allows).
  ///
  /// - Throws: `JSONError` for text that is not JSON and for JSON that is no JSON-RPC message.
  public static func parse(frame: [UInt8]) throws(JSONError) -> [RPCMessage] {
    let json = try JSONValue(parsing: frame)
    guard case .array(let elements) = json else { return [try RPCMessage(json)] }
    guard !elements.isEmpty else { throw .value(reason: "an empty batch", path: "") }
    var messages: [RPCMessage] = []
    for (index, element) in elements.enumerated() { messages.append(try RPCMessage(element, path: "[\(index)]")) }
    return messages
  }

  /// Unknown fields are left alone: later revisions may add some.
  public init(_ json: JSONValue, path: String = "") throws(JSONError) {
    var fields = try JSONFields(json, path: path)
    guard try fields.string("jsonrpc") == "2.0" else {
      throw .value(reason: "expected \"2.0\"", path: fields.path(of: "jsonrpc"))
    }
    let id = try Self.id(&fields)
    if let method = try fields.optionalString("method") {
      let params = try Self.params(&fields)
      self =
        id.map { .request(RPCRequest(id: $0, method: method, params: params)) }
        ?? .notification(method: method, params: params)
    } else if let error = fields.optional("error") {
      self = .failure(id: id, try RPCFault(error, path: fields.path(of: "error")))
    } else {
      guard let id else { throw .value(reason: "neither a request nor an answer", path: path) }
      // `"result": null` is a result.
      guard let result = json["result"] else { throw .value(reason: "missing", path: fields.path(of: "result")) }
      self = .result(id: id, result)
    }
  }

  private static func id(_ fields: inout JSONFields) throws(JSONError) -> RPCID? {
    guard let json = fields.optional("id") else { return nil }
    guard let id = RPCID(json) else {
      throw .value(reason: "expected a text or a whole number, found \(json.kindName)", path: fields.path(of: "id"))
    }
    return id
  }

  private static func params(_ fields: inout JSONFields) throws(JSONError) -> JSONObject {
    guard let json = fields.optional("params") else { return .empty }
    guard let params = json.objectValue else {
      throw .value(reason: "expected an object, found \(json.kindName)", path: fields.path(of: "params"))
    }
    return params
  }
}

extension RPCFault {
  init(_ json: JSONValue, path: String) throws(JSONError) {
    var fields = try JSONFields(json, path: path)
    code = try fields.int("code")
    message = try fields.optionalString("message") ?? ""
    data = fields.optional("data")
  }
}

// MARK: - Writing

extension RPCMessage {
  public var json: JSONValue {
    var object: JSONObject = ["jsonrpc": "2.0"]
    switch self {
    case .request(let request):
      object["id"] = request.id.json
      object["method"] = .string(request.method)
      if !request.params.isEmpty { object["params"] = .object(request.params) }
    case .notification(let method, let params):
      object["method"] = .string(method)
      if !params.isEmpty { object["params"] = .object(params) }
    case .result(let id, let result):
      object["id"] = id.json
      object["result"] = result
    case .failure(let id, let fault):
      object["id"] = id?.json ?? .null
      var error: JSONObject = ["code": JSONValue(fault.code), "message": .string(fault.message)]
      error["data"] = fault.data
      object["error"] = .object(error)
    }
    return .object(object)
  }
}
