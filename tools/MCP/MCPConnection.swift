import ModelContextProtocol
import Synchronization

/// A connection that is opened when it is first needed, and never a second time.
final class MCPConnection: Sendable {
  private struct State {
    var opening: Task<MCPClient, any Error>?
    var isClosed = false
    var hasFailed = false
  }

  private let settings: MCPToolSettings
  private let state = Mutex(State())

  init(_ settings: MCPToolSettings) { self.settings = settings }

  /// Whether no call will succeed any more.
  var hasFailed: Bool { state.withLock { $0.hasFailed || $0.isClosed } }

  /// The open connection. A call that does not want to wait any longer leaves the opening to the calls after it.
  func client() async throws -> MCPClient {
    let settings = settings
    let opening = try state.withLock { state throws(MCPError) in
      if state.isClosed { throw .closed }
      if let opening = state.opening { return opening }
      let opening = Task(executorPreference: ConnectionExecutor.shared) {
        try await MCPClient.open(settings.server, choice: settings.protocolChoice, limits: settings.limits)
      }
      state.opening = opening
      return opening
    }
    do {
      return try await opening.value
    } catch {
      state.withLock { $0.hasFailed = true }
      throw error
    }
  }

  func noteFailure(_ error: MCPError) {
    if error.endsConnection { state.withLock { $0.hasFailed = true } }
  }

  func close() async {
    let opening = state.withLock { state in
      state.isClosed = true
      defer { state.opening = nil }
      return state.opening
    }
    opening?.cancel()
    if let client = try? await opening?.value { await client.close() }
  }
}
