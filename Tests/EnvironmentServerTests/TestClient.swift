import AgentCore
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Testing

/// A WebSocket client that sends any frame, also wrong ones.
struct TestClient: Sendable {
  private let outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
  private let inbound: FrameReader

  /// Reads frames one by one; a test never reads from two tasks.
  private actor FrameReader {
    private var iterator: NIOAsyncChannelInboundStream<WebSocketFrame>.AsyncIterator

    init(_ stream: NIOAsyncChannelInboundStream<WebSocketFrame>) {
      iterator = stream.makeAsyncIterator()
    }

    func next() async throws -> WebSocketFrame? {
      // An actor's property cannot be mutated across an await; the iterator's state is shared by its copies.
      var copy = iterator
      return try await copy.next(isolation: self)
    }
  }

  struct NotUpgraded: Error {}

  /// A server that refuses says so and hangs up at once. On a busy machine that can reach NIO before it has become a
  /// WebSocket client, and it then drops what was said: such a connection is made anew.
  static func connect<Result: Sendable>(
    port: Int, path: String, _ body: @Sendable (TestClient) async throws -> Result
  ) async throws -> Result {
    for _ in 0..<4 {
      do { return try await connectOnce(port: port, path: path, body) } catch ChannelError.eof { continue }
    }
    return try await connectOnce(port: port, path: path, body)
  }

  private static func connectOnce<Result: Sendable>(
    port: Int, path: String, _ body: @Sendable (TestClient) async throws -> Result
  ) async throws -> Result {
    typealias Channel = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>
    let upgrade: EventLoopFuture<Channel?> = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          let upgrader = NIOTypedWebSocketClientUpgrader<Channel?>(maxFrameSize: 1 << 24) { channel, _ in
            channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
          }
          let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: path, headers: ["Host": "127.0.0.1", "Content-Length": "0"])
          return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
            configuration: .init(
              upgradeConfiguration: NIOTypedHTTPClientUpgradeConfiguration(
                upgradeRequestHead: head, upgraders: [upgrader],
                notUpgradingCompletionHandler: { $0.eventLoop.makeSucceededFuture(nil) })))
        }
      }
    guard let channel = try await upgrade.get() else { throw NotUpgraded() }
    return try await channel.executeThenClose { inbound, outbound in
      try await body(TestClient(outbound: outbound, inbound: FrameReader(inbound)))
    }
  }

  // MARK: Frames

  func send(
    _ opcode: WebSocketOpcode, _ bytes: some Sequence<UInt8> & Sendable, fin: Bool = true, isMasked: Bool = true,
    rsv1: Bool = false
  ) async throws {
    var frame = WebSocketFrame(
      fin: fin, opcode: opcode, maskKey: isMasked ? WebSocketMaskingKey([1, 2, 3, 4]) : nil,
      data: ByteBuffer(bytes: bytes))
    frame.rsv1 = rsv1
    try await outbound.write(frame)
  }

  func next() async throws -> WebSocketFrame? { try await inbound.next() }

  /// The code of the close frame that comes now, or nil if the connection ends without one.
  func closeCode() async throws -> UInt16? {
    while let frame = try await next() {
      guard frame.opcode == .connectionClose else { continue }
      var data = frame.unmaskedData
      let code = data.readInteger(as: UInt16.self)
      // Our half of the handshake, which the server may no longer be there for.
      try? await send(.connectionClose, Array(frame.unmaskedData.readableBytesView.prefix(2)))
      return code
    }
    return nil
  }

  // MARK: Messages

  func send(_ text: String) async throws { try await send(.text, Array(text.utf8)) }

  /// The next text message; pings are answered on the way.
  func receive() async throws -> JSONValue {
    while let frame = try await next() {
      switch frame.opcode {
      case .ping: try await send(.pong, Array(frame.unmaskedData.readableBytesView))
      case .text: return try JSONValue(parsing: String(buffer: frame.unmaskedData))
      default: Issue.record("unexpected \(frame.opcode)")
      }
    }
    throw ChannelError.eof
  }

  func ask(_ request: JSONValue) async throws -> JSONValue {
    try await send(request.serialized())
    return try await receive()
  }

  func reset(_ data: JSONObject = [:]) async throws -> JSONValue {
    try await ask(["type": "reset", "data": .object(data)])
  }

  func step(_ action: JSONValue) async throws -> JSONValue { try await ask(["type": "step", "data": action]) }
}

extension JSONValue {
  /// The value at a path of keys.
  func at(_ keys: String...) -> JSONValue? { keys.reduce(self) { $0?[$1] } }

  var errorCode: String? { at("data", "code")?.stringValue }
}
