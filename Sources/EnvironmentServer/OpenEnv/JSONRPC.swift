import AgentCore

/// JSON-RPC 2.0, as OpenEnv's `mcp` messages carry it.
enum JSONRPC {
  /// The answer to a method that this server does not have.
  static func methodNotFound(_ request: JSONValue) -> JSONValue {
    let method = request["method"]?.stringValue ?? ""
    return [
      "jsonrpc": "2.0", "id": request["id"] ?? .null,
      "error": [
        "code": -32601, "message": .string("Method not found: \(method); call tools with a `step` message"),
        "data": .null,
      ],
    ]
  }
}
