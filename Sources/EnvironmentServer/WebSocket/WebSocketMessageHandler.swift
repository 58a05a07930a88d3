import NIOCore
import NIOWebSocket

/// Frames to messages and back: joins fragments, checks text, answers pings, sends its own and does the closing handshake.
///
/// Everything here happens on the event loop, so control frames are answered while a step is running. A client that
/// breaks RFC 6455 gets a close frame that says how. A client that is silent for a ping interval is pinged; one that
/// does not answer, or does not finish a closing handshake, is cut off.
final class WebSocketMessageHandler: ChannelDuplexHandler {
  typealias InboundIn = WebSocketFrame
  typealias InboundOut = WebSocketMessage
  typealias OutboundIn = WebSocketReply
  typealias OutboundOut = WebSocketFrame

  private enum State {
    case open
    /// We sent a close frame and wait for the client's.
    case closing
    case closed
  }

  private let limits: WebSocketLimits
  private var state = State.open
  /// The message whose fragments are arriving.
  private var partial: (opcode: WebSocketOpcode, bytes: ByteBuffer)?
  private var timer: Scheduled<Void>?
  /// Whether anything came since the timer was set.
  private var heardFromClient = true
  private var isAwaitingPong = false

  init(limits: WebSocketLimits) {
    self.limits = limits
  }

  // MARK: Life

  func handlerAdded(context: ChannelHandlerContext) { schedulePing(context) }

  func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

  func channelInactive(context: ChannelHandlerContext) {
    state = .closed
    timer?.cancel()
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is ChannelShouldQuiesceEvent:
      guard state == .open else { return context.close(promise: nil) }
      context.fireChannelRead(wrapInboundOut(.serverShutdown))
      context.fireChannelReadComplete()
    // Without this, a client that shut down its writing side would look alive until the next ping.
    case ChannelEvent.inputClosed: context.close(promise: nil)
    default: break
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error as? NIOWebSocketError {
    case .invalidFrameLength: fail(context, .tooLarge(limit: limits.maxMessageBytes))
    case .fragmentedControlFrame: fail(context, .protocolError("a control frame may not be fragmented"))
    case .multiByteControlFrameLength: fail(context, .protocolError("a control frame may have at most 125 bytes"))
    default: context.close(promise: nil)
    }
  }

  // MARK: Reading

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard state != .closed else { return }
    heardFromClient = true
    if isAwaitingPong && state == .open { schedulePing(context) }
    let frame = unwrapInboundIn(data)
    do {
      try read(frame, context)
    } catch {
      fail(context, error)
    }
  }

  private func read(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) throws(WebSocketCloseReason) {
    guard frame.maskKey != nil else { throw .protocolError("a client must mask its frames") }
    guard !frame.rsv1, !frame.rsv2, !frame.rsv3 else { throw .protocolError("no extension was agreed on") }
    switch frame.opcode {
    case .ping: send(.pong, frame.unmaskedData, context)
    case .pong: break
    case .connectionClose: try readClose(frame.unmaskedData, context)
    case .text, .binary:
      guard partial == nil else { throw .protocolError("a message began inside another") }
      try join(frame, opcode: frame.opcode, into: ByteBuffer(), context)
    case .continuation:
      guard let partial else { throw .protocolError("a continuation without a message") }
      try join(frame, opcode: partial.opcode, into: partial.bytes, context)
    default: throw .protocolError("unknown opcode")
    }
  }

  private func join(
    _ frame: WebSocketFrame, opcode: WebSocketOpcode, into start: ByteBuffer, _ context: ChannelHandlerContext
  ) throws(WebSocketCloseReason) {
    // Let go of the buffer that is being extended, or every fragment would copy it.
    partial = nil
    var bytes = start
    var fragment = frame.unmaskedData
    guard bytes.readableBytes + fragment.readableBytes <= limits.maxMessageBytes else {
      throw .tooLarge(limit: limits.maxMessageBytes)
    }
    if bytes.readableBytes == 0 { bytes = fragment } else { bytes.writeBuffer(&fragment) }
    guard frame.fin else {
      partial = (opcode, bytes)
      return
    }
    guard state == .open else { return }
    if opcode == .binary {
      context.fireChannelRead(wrapInboundOut(.binary(byteCount: bytes.readableBytes)))
      return
    }
    guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else { throw .invalidText }
    context.fireChannelRead(wrapInboundOut(.text(text)))
  }

  private func readClose(_ data: ByteBuffer, _ context: ChannelHandlerContext) throws(WebSocketCloseReason) {
    var data = data
    if state == .open {
      if data.readableBytes == 1 { throw .protocolError("a close frame has no code or a whole one") }
      if let code = data.getInteger(at: data.readerIndex, as: UInt16.self), !Self.isValidCode(code) {
        throw .protocolError("\(code) is no close code")
      }
      guard String(validating: data.readableBytesView.dropFirst(2), as: UTF8.self) != nil else { throw .invalidText }
      // The answer repeats the code.
      send(.connectionClose, data.readSlice(length: min(2, data.readableBytes)) ?? ByteBuffer(), context)
    }
    state = .closed
    context.close(promise: nil)
  }

  private static func isValidCode(_ code: UInt16) -> Bool {
    (1000...1003).contains(code) || (1007...1014).contains(code) || (3000...4999).contains(code)
  }

  // MARK: Writing

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard state == .open else {
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    switch unwrapOutboundIn(data) {
    case .text(let bytes):
      var buffer = context.channel.allocator.buffer(capacity: bytes.count)
      buffer.writeBytes(bytes)
      context.write(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .text, data: buffer)), promise: promise)
    case .close(let reason):
      startClosing(context, reason)
      promise?.succeed()
    }
  }

  private func fail(_ context: ChannelHandlerContext, _ reason: WebSocketCloseReason) {
    guard state == .open else { return context.close(promise: nil) }
    startClosing(context, reason)
  }

  private func startClosing(_ context: ChannelHandlerContext, _ reason: WebSocketCloseReason) {
    guard state == .open else { return }
    state = .closing
    partial = nil
    var data = context.channel.allocator.buffer(capacity: 2 + reason.text.utf8.count)
    data.writeInteger(reason.code)
    data.writeString(reason.text)
    send(.connectionClose, data, context)
    timer?.cancel()
    schedule(after: limits.closeTimeout, context) { _, context in context.close(promise: nil) }
  }

  private func send(_ opcode: WebSocketOpcode, _ data: ByteBuffer, _ context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, data: data)), promise: nil)
  }

  // MARK: Timers

  private func schedulePing(_ context: ChannelHandlerContext) {
    heardFromClient = false
    isAwaitingPong = false
    schedule(after: limits.pingInterval, context) { handler, context in
      if handler.heardFromClient { return handler.schedulePing(context) }
      handler.send(.ping, ByteBuffer(), context)
      handler.isAwaitingPong = true
      handler.schedule(after: handler.limits.pongTimeout, context) { _, context in context.close(promise: nil) }
    }
  }

  private func schedule(
    after delay: Duration, _ context: ChannelHandlerContext,
    _ body: @escaping (WebSocketMessageHandler, ChannelHandlerContext) -> Void
  ) {
    timer?.cancel()
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) {
      let (handler, context) = bound.value
      if handler.state != .closed { body(handler, context) }
    }
  }
}
