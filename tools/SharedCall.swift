import Synchronization

/// One call that several callers wait for.
final class SharedCall: Sendable {
  private struct State {
    /// The caller that starts it is the first.
    var callers = 1
    var task: Task<Void, Never>?
    var waiters: [Int: CheckedContinuation<ToolOutput, any Error>] = [:]
    var nextWaiter = 0
    /// Cancelled before they waited.
    var left: Set<Int> = []
    var result: Result<ToolOutput, any Error>?
  }

  private let state = Mutex(State())
  private let body: @Sendable () async throws -> ToolOutput
  /// Of the caller that starts it.
  let deadline: ContinuousClock.Instant

  init(deadline: ContinuousClock.Instant, _ body: @escaping @Sendable () async throws -> ToolOutput) {
    self.deadline = deadline
    self.body = body
  }

  /// Counts a further caller; false if the call was given up, since all its callers have left.
  func join() -> Bool {
    state.withLock {
      guard $0.callers > 0 else { return false }
      $0.callers += 1
      return true
    }
  }

  /// Runs the body in a task of its own, which ends with its last caller.
  func start(whenDone: @escaping @Sendable (Result<ToolOutput, any Error>) -> Void) {
    let task = Task {
      let result: Result<ToolOutput, any Error>
      do { result = .success(try await self.body()) } catch { result = .failure(error) }
      whenDone(result)
      self.finish(result)
    }
    state.withLock { $0.task = task }
  }

  /// The call's result, for one of the callers that were counted.
  func value() async throws -> ToolOutput {
    let waiter = state.withLock {
      $0.nextWaiter += 1
      return $0.nextWaiter
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let result = state.withLock { state -> Result<ToolOutput, any Error>? in
          if state.left.contains(waiter) { return .failure(CancellationError()) }
          if state.result == nil { state.waiters[waiter] = continuation }
          return state.result
        }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      leave(waiter)
    }
  }

  private func leave(_ waiter: Int) {
    let (continuation, abandoned) = state.withLock { state in
      state.callers -= 1
      let continuation = state.waiters.removeValue(forKey: waiter)
      if continuation == nil { state.left.insert(waiter) }
      return (continuation, state.callers == 0 && state.result == nil ? state.task : nil)
    }
    abandoned?.cancel()
    continuation?.resume(throwing: CancellationError())
  }

  private func finish(_ result: Result<ToolOutput, any Error>) {
    let waiters = state.withLock { state in
      state.result = result
      defer { state.waiters = [:] }
      return state.waiters
    }
    for waiter in waiters.values { waiter.resume(with: result) }
  }
}
