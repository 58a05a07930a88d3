import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOWebSocket

/// A connection that speaks HTTP through the router, unless its first request asks for a WebSocket.
///
/// NIO can only upgrade the first request of a connection; later ones reach the router's `/ws` route, which says so.
struct WebSocketUpgradableChannel: ServerChildChannel, HTTPChannelHandler {
  typealias HTTPConnection = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

  /// What the first request made of the connection.
  enum Connection: Sendable {
    case http(HTTPConnection)
    case webSocket(WebSocketConnection)
  }

  /// A connection whose first request may still be on its way.
  struct Value: ServerChildChannelValue {
    let channel: any Channel
    let connection: EventLoopFuture<Connection>
  }

  let responder: HTTPChannelHandler.Responder
  let limits: WebSocketLimits
  /// Whether a request for this path may become a WebSocket.
  let accepts: @Sendable (_ path: String) -> Bool
  /// Serves a WebSocket until it returns.
  let serve: @Sendable (WebSocketConnection, Logger) async -> Void

  private static let idleTimeout = TimeAmount.seconds(75)
  private static let handshakeTimeout = TimeAmount.seconds(15)

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      let deadline = HandshakeDeadline(limit: Self.handshakeTimeout)
      try channel.pipeline.syncOperations.addHandler(deadline)
      var configuration = NIOUpgradableHTTPServerPipelineConfiguration(upgradeConfiguration: upgrade(logger))
      // Hummingbird does these itself.
      configuration.enablePipelining = false
      configuration.enableErrorHandling = false
      configuration.enableResponseHeaderValidation = false
      let connection = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
        configuration: configuration)
      let bound = NIOLoopBound(deadline, eventLoop: channel.eventLoop)
      let settled = connection.map { connection in
        channel.pipeline.syncOperations.removeHandler(bound.value, promise: nil)
        return connection
      }
      return Value(channel: channel, connection: settled)
    }
  }

  func handle(value: Value, logger: Logger) async {
    do {
      switch try await value.connection.get() {
      case .http(let connection): await handleHTTP(asyncChannel: connection, logger: logger)
      case .webSocket(let connection): await serve(connection, logger)
      }
    } catch {
      logger.debug("connection ended before its first request", metadata: ["error": "\(error)"])
      try? await value.channel.close()
    }
  }

  private func upgrade(_ logger: Logger) -> NIOTypedHTTPServerUpgradeConfiguration<Connection> {
    let upgrader = NIOTypedWebSocketServerUpgrader<Connection>(
      maxFrameSize: limits.maxMessageBytes,
      enableAutomaticErrorHandling: false,
      shouldUpgrade: { channel, head in
        let path = String(head.uri.prefix { $0 != "?" })
        return channel.eventLoop.makeSucceededFuture(accepts(path) ? [:] : nil)
      },
      upgradePipelineHandler: { channel, head in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(WebSocketMessageHandler(limits: limits))
          return .webSocket(
            WebSocketConnection(uri: head.uri, channel: try NIOAsyncChannel(wrappingChannelSynchronously: channel)))
        }
      })
    return NIOTypedHTTPServerUpgradeConfiguration(upgraders: [upgrader]) { channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandler(HTTP1ToHTTPServerCodec(secure: false))
        try channel.pipeline.syncOperations.addHandler(
          HTTPConnectionStateHandler(idleTimeout: .init(Self.idleTimeout), logger: logger))
        return .http(
          try NIOAsyncChannel(
            wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true)))
      }
    }
  }
}
