import AgentCore
final class HTTPTransport: MessageTransport {
  init(url: String, headers: [String: String], limits: ConnectionLimits) {}
  func exchange(_ request: RPCRequest, headers: [HeaderField], deadline: ContinuousClock.Instant) async throws(MCPError) -> JSONValue { throw .closed }
  func notify(_ method: String, _ params: JSONObject) async throws(MCPError) {}
  func adopt(_ version: ProtocolVersion) {}
  func close() async {}
  var counts: MessageCounts { MessageCounts() }
}
