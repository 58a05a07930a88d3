import AgentCore
import WebTransfer

extension HTTPTransport {
  /// Streams that end at once, one after the other, before listening is given up.
  private static let maxFailedStreams = 3

  /// Opens the stream for messages outside of requests, where there is a session that it could belong to.
  func listen() {
    state.withLock { state in
      guard state.end == nil, state.sessionID != nil, state.listener == nil else { return }
      state.listener = Task(executorPreference: ConnectionExecutor.shared) { await self.readStreams() }
    }
  }

  /// Reads one stream after the other. What goes wrong here is no call's failure: without the stream, a server that asks
  /// for what this client does not offer waits in vain, and its call ends at the deadline.
  private func readStreams() async {
    let reader = HTTPAnswer(request: nil, transport: self)
    var failures = 0
    while failures < Self.maxFailedStreams && !Task.isCancelled {
      let begin = ContinuousClock.now
      do {
        var request = webRequest("GET", timeout: .seconds(365 * 86_400))
        request.maxBodyBytes = .max
        request.headers.append(("Accept", "text/event-stream"))
        if let id = reader.lastEventID { request.headers.append(("Last-Event-ID", id)) }
        let response = try await WebTransfer.stream(
          request,
          head: {
            _ = await reader.begin($0)
            return reader.isStream
          }, onBytes: { try await reader.receive($0) })
        // Servers need not offer such a stream; those without one say 405.
        guard response.isSuccess, reader.isStream else { return }
      } catch let error as MCPError {
        if error.endsConnection { state.withLock { if $0.end == nil { $0.end = error } } }
        return
      } catch {}
      failures = ContinuousClock.now - begin > .seconds(5) ? 0 : failures + 1
      try? await Task.sleep(for: .milliseconds(min(reader.retryMilliseconds ?? 1000, 60_000)))
    }
  }
}
