import NIOCore

/// A whole message from a client; fragments are joined and text is checked before it gets here.
enum WebSocketMessage: Sendable, Equatable {
  case text(String)
  /// Binary messages are read, so that the connection lives on, but mean nothing in our protocols.
  case binary(byteCount: Int)
  /// Not from the client: the server is shutting down. Comes after every message that arrived before.
  case serverShutdown
}

/// What is sent to a client.
enum WebSocketReply: Sendable {
  case text([UInt8])
  /// Starts the closing handshake; nothing can be sent after it.
  case close(WebSocketCloseReason)
}

/// Why a connection is closed, with RFC 6455's code.
struct WebSocketCloseReason: Error, Sendable, Equatable, CustomStringConvertible {
  let code: UInt16
  let text: String

  static let normal = WebSocketCloseReason(code: 1000, text: "")
  static let goingAway = WebSocketCloseReason(code: 1001, text: "server is shutting down")
  static let invalidText = WebSocketCloseReason(code: 1007, text: "text is not UTF-8")

  static func protocolError(_ text: String) -> WebSocketCloseReason { WebSocketCloseReason(code: 1002, text: text) }

  static func tooLarge(limit: Int) -> WebSocketCloseReason {
    WebSocketCloseReason(code: 1009, text: "message is larger than \(limit) bytes")
  }

  var description: String { "\(code) \(text)" }
}

/// Bounds of a WebSocket connection.
public struct WebSocketLimits: Sendable, Hashable {
  /// Bytes of one message, all fragments together.
  public var maxMessageBytes = 16 << 20
  /// How often the server asks whether the client is still there.
  public var pingInterval = Duration.seconds(20)
  /// How long it waits for the answer to a ping.
  public var pongTimeout = Duration.seconds(20)
  /// How long it waits for the client's half of the closing handshake.
  public var closeTimeout = Duration.seconds(3)

  public init() {}
}
