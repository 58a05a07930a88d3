import AgentTools
import Synchronization

/// Lets so many testers of solutions in at once, in the order in which they come.
///
/// Each holds interpreters in the sandbox while it works. Without a gate, a batch of episodes that end together would
/// ask for more of them than there may be.
final class ExecutionGate: Sendable {
  private struct State {
    var free: Int
    var waiters: [(id: Int, continuation: CheckedContinuation<Void, any Error>)] = []
    /// Cancelled, or out of time, while they did not wait.
    var refused: [Int: any Error] = [:]
    var nextID = 0
  }

  private let state: Mutex<State>

  init(width: Int) {
    state = Mutex(State(free: width))
  }

  /// Runs the body when there is room.
  /// - Throws: `CodeTestError.unavailable` if there is none before the deadline; `CancellationError`; what the body throws.
  func pass<Value: Sendable>(
    until deadline: ContinuousClock.Instant, _ body: @Sendable () async throws -> Value
  ) async throws -> Value {
    try await enter(until: deadline)
    defer { leave() }
    return try await body()
  }

  private func enter(until deadline: ContinuousClock.Instant) async throws {
    let id = state.withLock {
      $0.nextID += 1
      return $0.nextID
    }
    let timer = Task {
      do { try await Task.sleep(until: deadline, clock: .continuous) } catch { return }
      refuse(id, CodeTestError.unavailable(reason: "too many solutions were tested at once"))
    }
    defer {
      timer.cancel()
      state.withLock { _ = $0.refused.removeValue(forKey: id) }
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let answer = state.withLock { state -> Result<Void, any Error>? in
          if let error = state.refused[id] { return .failure(error) }
          guard state.free == 0 else {
            state.free -= 1
            return .success(())
          }
          state.waiters.append((id, continuation))
          return nil
        }
        if let answer { continuation.resume(with: answer) }
      }
    } onCancel: {
      refuse(id, CancellationError())
    }
  }

  private func refuse(_ id: Int, _ error: any Error) {
    let waiter = state.withLock { state -> CheckedContinuation<Void, any Error>? in
      guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
        state.refused[id] = error
        return nil
      }
      return state.waiters.remove(at: index).continuation
    }
    waiter?.resume(throwing: error)
  }

  private func leave() {
    let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
      guard state.waiters.isEmpty else { return state.waiters.removeFirst().continuation }
      state.free += 1
      return nil
    }
    next?.resume()
  }
}
