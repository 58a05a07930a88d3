import AgentCore
import WebTransfer

/// Reads the answer to one request from the bytes of its responses, or a stream that belongs to no request. Used by one
/// task at a time.
// @unchecked: the closures of one transfer run one after the other in the task that waits for it.
final class HTTPAnswer: @unchecked Sendable {
  private let request: RPCRequest?
  private let transport: HTTPTransport
  private var events: EventStream
  private(set) var answer: Result<JSONValue, MCPError>?
  private(set) var isStream = false
  private(set) var body: [UInt8] = []

  init(request: RPCRequest?, transport: HTTPTransport) {
    self.request = request
    self.transport = transport
    events = EventStream(limit: transport.limits.maxFrameBytes)
  }

  /// Whether the answer is that the server has no such method, which is a 404, too.
  var isUnknownMethod: Bool {
    guard case .failure(.refused(_, let fault)) = answer else { return false }
    return fault.code == RPCFault.methodNotFound
  }

  var lastEventID: String? { events.lastEventID }
  var retryMilliseconds: Int? { events.retryMilliseconds }

  func begin(_ head: WebResponse) async -> Bool {
    isStream = head.isSuccess && head.mediaType == "text/event-stream"
    if let id = head.headers["mcp-session-id"], request?.method == "initialize", head.isSuccess {
      transport.adoptSession(id)
    }
    // What an earlier response left unfinished does not belong to this one.
    events.restart()
    body = []
    return true
  }

  /// Returns false once the answer is there.
  func receive(_ bytes: [UInt8]) async throws(MCPError) -> Bool {
    guard isStream else {
      body += bytes
      return true
    }
    for event in try events.append(bytes) where event.name == "message" {
      let messages: [RPCMessage]
      do {
        messages = try RPCMessage.parse(frame: event.data)
      } catch {
        transport.countStray()
        throw .malformed(reason: "\(error)")
      }
      for message in messages where !take(message) { try await transport.receive(message) }
      if answer != nil { return false }
    }
    return true
  }

  /// Reads a body that is JSON, whatever the status: refusals are answers too.
  func readBody() throws(MCPError) {
    let messages: [RPCMessage]
    do {
      messages = try RPCMessage.parse(frame: body)
    } catch {
      // Not every error page is JSON-RPC; an answer must be.
      let start = body.first { !" \t\r\n".utf8.contains($0) }
      guard start == UInt8(ascii: "{") || start == UInt8(ascii: "["), !looksLikePlainError else { return }
      throw .malformed(reason: "\(error)")
    }
    for message in messages { _ = take(message) }
  }

  /// A JSON object such as `{"detail": "…"}` from something that speaks no JSON-RPC.
  private var looksLikePlainError: Bool {
    guard let json = try? JSONValue(parsing: body) else { return false }
    return json["jsonrpc"] == nil
  }

  /// Whether the message is the answer. An answer without an id on this response can belong to no other request.
  private func take(_ message: RPCMessage) -> Bool {
    guard let request else { return false }
    switch message {
    case .result(request.id, let result): answer = .success(result)
    case .failure(request.id, let fault), .failure(nil, let fault):
      answer = .failure(.refused(method: request.method, fault))
    default: return false
    }
    transport.countAnswer()
    return true
  }
}
