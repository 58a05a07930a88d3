import NIOCore

/// A WebSocket whose messages are answered one after the other.
struct WebSocketConnection: Sendable {
  /// The request's path and query.
  let uri: String
  let channel: NIOAsyncChannel<WebSocketMessage, WebSocketReply>

  /// Answers messages until the client leaves, `answer` wants to close, or the server shuts down.
  ///
  /// An answer that is being made when the client vanishes is cancelled; when the server shuts down it is finished and
  /// sent, and then the client is told that the server is going away.
  ///
  /// - Parameter greeting: sent first.
  func serve(
    greeting: [WebSocketReply] = [], answer: @escaping @Sendable (WebSocketMessage) async -> [WebSocketReply]
  ) async {
    // The losing task ends because the winner closes the channel.
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await channel.channel.closeFuture.get() }
      group.addTask { await answerMessages(greeting, answer) }
      await group.next()
      group.cancelAll()
      channel.channel.close(promise: nil)
    }
  }

  private func answerMessages(
    _ greeting: [WebSocketReply], _ answer: @escaping @Sendable (WebSocketMessage) async -> [WebSocketReply]
  ) async {
    try? await channel.executeThenClose { inbound, outbound in
      var isOpen = try await send(greeting, outbound)
      if isOpen {
        for try await message in inbound {
          let replies = message == .serverShutdown ? [.close(.goingAway)] : await answer(message)
          isOpen = try await send(replies, outbound)
          if !isOpen { break }
        }
      }
      // The client's half of the closing handshake; the handler cuts it short if it does not come.
      try await channel.channel.closeFuture.get()
    }
  }

  /// Whether more may be sent.
  private func send(
    _ replies: [WebSocketReply], _ outbound: NIOAsyncChannelOutboundWriter<WebSocketReply>
  ) async throws -> Bool {
    for reply in replies {
      try await outbound.write(reply)
      if case .close = reply { return false }
    }
    return true
  }
}
