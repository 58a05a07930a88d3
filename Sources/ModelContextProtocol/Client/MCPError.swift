/// Why a server could not be used.
public enum MCPError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The server's program could not be started.
  case cannotStart(command: String, reason: String)
  /// The server's process ended, or closed its output. `lastWords` is the end of what it wrote to standard error.
  case serverEnded(how: String, lastWords: String)
  /// The server could not be reached, or the transfer broke.
  case transfer(url: String, reason: String)
  /// An HTTP status that carries no JSON-RPC answer.
  case status(Int, url: String, body: String)
  /// The server no longer knows the session; what it held is gone.
  case sessionLost(url: String)
  /// The server answered with an error.
  case refused(method: String, RPCFault)
  /// Client and server have no revision of the protocol in common.
  case noCommonVersion(server: String)
  /// The server sent something that is no JSON-RPC, or no answer to what was asked.
  case malformed(reason: String)
  case frameTooLarge(limitBytes: Int)
  /// The server sent more that nobody asked for than the limit allows.
  case flooded(reason: String)
  /// The server does not read what it is sent.
  case notReading
  case timeout(method: String)
  case cancelled
  /// The connection was closed on this side.
  case closed
  /// The tool asks its caller for something that a call from a policy cannot give (an elicitation, a model's answer).
  case needsInput(tool: String)
  case offersNoTools(server: String)

  /// Whether the connection is of no use any more.
  public var endsConnection: Bool {
    switch self {
    case .cannotStart, .serverEnded, .sessionLost, .noCommonVersion, .frameTooLarge, .flooded, .closed,
      .offersNoTools:
      true
    case .transfer, .status, .refused, .malformed, .notReading, .timeout, .cancelled, .needsInput: false
    }
  }

  public var description: String {
    switch self {
    case .cannotStart(let command, let reason): "the server `\(command)` cannot be started: \(reason)"
    case .serverEnded(let how, let lastWords):
      "the server ended (\(how))\(lastWords.isEmpty ? "" : "; it said: \(lastWords)")"
    case .transfer(let url, let reason): "\(url): \(reason)"
    case .status(let status, let url, let body):
      "\(url) answered with HTTP status \(status)\(Self.hint(status))\(body.isEmpty ? "" : ": \(body)")"
    case .sessionLost(let url): "\(url) no longer knows this session: what it held is gone"
    case .refused(let method, let fault): "the server refused `\(method)`: \(fault)"
    case .noCommonVersion(let server):
      "the server speaks protocol \(server); this client speaks \(ProtocolVersion.names)"
    case .malformed(let reason): "the server's answer cannot be read: \(reason)"
    case .frameTooLarge(let limit): "the server sent a message of more than \(limit) bytes; the connection is closed"
    case .flooded(let reason): "the server floods its connection (\(reason)); the connection is closed"
    case .notReading: "the server does not read what it is sent"
    case .timeout(let method): "the server did not answer `\(method)` in time"
    case .cancelled: "the call was cancelled"
    case .closed: "the connection is closed"
    case .needsInput(let tool): "`\(tool)` asks its caller for input, which a tool call cannot give"
    case .offersNoTools(let server): "the server \(server) offers no tools"
    }
  }

  private static func hint(_ status: Int) -> String {
    switch status {
    case 401, 403: " (is a header such as `Authorization` missing?)"
    case 404, 405: " (is this the address of its MCP endpoint, often `…/mcp`?)"
    default: ""
    }
  }
}
