import Synchronization

/// Lets a number of tasks through at once, first come, first served.
public final class FairLimiter: Sendable {
  /// Why there was no turn.
  public enum Refusal: Error, Sendable, Equatable { case deadline, cancelled }

  private typealias Waiter = (id: Int, continuation: CheckedContinuation<Result<Void, Refusal>, Never>)

  private struct State {
    var free: Int
    var nextID = 0
    var waiters: [Waiter] = []
    /// Gave up before they came to wait.
    var withdrawn: [Int: Refusal] = [:]
  }

  private let state: Mutex<State>

  public init(_ count: Int) {
    precondition(count > 0, "\(count) at once")
    state = Mutex(State(free: count))
  }

  /// Waits for a turn; `release` must follow exactly if this returns.
  public func acquire(until deadline: ContinuousClock.Instant) async throws(Refusal) {
    let id = state.withLock { state -> Int? in
      if state.free > 0, state.waiters.isEmpty {
        state.free -= 1
        return nil
      }
      state.nextID += 1
      return state.nextID
    }
    guard let id else { return }
    let timer = Task { [self] in
      try await Task.sleep(until: deadline, clock: .continuous)
      withdraw(id, .deadline)
    }
    defer { timer.cancel() }
    let turn = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in enqueue(id, continuation) }
    } onCancel: {
      withdraw(id, .cancelled)
    }
    state.withLock { _ = $0.withdrawn.removeValue(forKey: id) }
    try turn.get()
  }

  /// Gives the turn back, to whoever has waited longest.
  public func release() {
    let next = state.withLock { state -> Waiter? in
      if state.waiters.isEmpty {
        state.free += 1
        return nil
      }
      return state.waiters.removeFirst()
    }
    next?.continuation.resume(returning: .success(()))
  }

  /// How many wait.
  var waiting: Int { state.withLock { $0.waiters.count } }

  private func enqueue(_ id: Int, _ continuation: CheckedContinuation<Result<Void, Refusal>, Never>) {
    let answer = state.withLock { state -> Result<Void, Refusal>? in
      if let reason = state.withdrawn[id] { return .failure(reason) }
      if state.free > 0, state.waiters.isEmpty {
        state.free -= 1
        return .success(())
      }
      state.waiters.append((id, continuation))
      return nil
    }
    if let answer { continuation.resume(returning: answer) }
  }

  private func withdraw(_ id: Int, _ reason: Refusal) {
    let waiter = state.withLock { state -> Waiter? in
      if let index = state.waiters.firstIndex(where: { $0.id == id }) { return state.waiters.remove(at: index) }
      // Either it has had its turn, or it does not wait yet.
      state.withdrawn[id] = reason
      return nil
    }
    waiter?.continuation.resume(returning: .failure(reason))
  }
}
