import AgentCore
import Synchronization

/// Carries requests to one server and brings back their answers; several may be under way at the same time.
protocol MessageTransport: Sendable {
  /// Sends a request and waits for its result. At the deadline, and when the task is cancelled, the server is told that
  /// nobody waits any more.
  func exchange(
    _ request: RPCRequest, headers: [HeaderField], deadline: ContinuousClock.Instant
  ) async throws(MCPError) -> JSONValue

  func notify(_ method: String, _ params: JSONObject) async throws(MCPError)

  /// Says which revision was agreed on.
  func adopt(_ version: ProtocolVersion)

  /// Ends the connection; what is still under way fails. Returns when nothing is left of it.
  func close() async

  var counts: MessageCounts { get }
}

/// A header of an HTTP request. Transports without headers ignore it.
struct HeaderField: Sendable, Hashable {
  var name: String
  var value: String
}

/// What a server sent besides answers.
public struct MessageCounts: Sendable, Hashable {
  public var notifications = 0
  /// Among the notifications: reports of progress. They extend no deadline.
  public var progress = 0
  /// Requests to the client, such as `ping`; all but that are refused.
  public var requests = 0
  /// Answers to nothing that was asked, e.g. late ones.
  public var unknownAnswers = 0
  /// Lines on standard output that are no JSON at all, and JSON that is no message.
  public var strayFrames = 0

  public init() {}
}

extension MessageCounts {
  mutating func count(notification method: String) {
    notifications += 1
    if method == "notifications/progress" { progress += 1 }
  }
}

/// Bounds of one connection.
public struct ConnectionLimits: Sendable, Hashable {
  /// For connecting, the handshake and listing tools, each.
  public var startTimeout: Duration
  /// One message, or one HTTP body.
  public var maxFrameBytes: Int
  /// Messages and stray lines that nobody asked for, between two answers.
  public var maxUnaskedFrames: Int
  /// How long a process may take to end after its input was closed, before it is killed.
  public var closeGrace: Duration

  public init(
    startTimeout: Duration = .seconds(30), maxFrameBytes: Int = 16 << 20, maxUnaskedFrames: Int = 10_000,
    closeGrace: Duration = .seconds(1)
  ) {
    self.startTimeout = startTimeout
    self.maxFrameBytes = maxFrameBytes
    self.maxUnaskedFrames = maxUnaskedFrames
    self.closeGrace = closeGrace
  }
}

/// How this client answers what servers ask of it: it is alive, and it has no model, no user and no files to offer.
enum ServerRequests {
  static func answer(to request: RPCRequest) -> RPCMessage {
    if request.method == "ping" { return .result(id: request.id, .object(.empty)) }
    return .failure(
      id: request.id,
      RPCFault(code: RPCFault.methodNotFound, message: "this client does not offer `\(request.method)`"))
  }
}
