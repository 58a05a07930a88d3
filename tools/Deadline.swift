import Synchronization

/// The body did not finish in time.
public struct DeadlineExceeded: Error, Sendable {}

/// Runs `body`, and stops waiting for it at the deadline.
///
/// At the deadline the body is cancelled and abandoned: a body that ignores cancellation goes on in the background, but
/// its caller does not hang. Cancelling the caller cancels the body and returns at once.
///
/// - Throws: `DeadlineExceeded`, `CancellationError`, or what the body throws.
public func withDeadline<Value: Sendable>(
  _ deadline: ContinuousClock.Instant, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  guard ContinuousClock.now < deadline else { throw DeadlineExceeded() }
  let race = Race<Value>()
  // Not a task group: a group would wait for a body that ignores cancellation. Both tasks are owned by the race.
  race.own(Task { race.finish(await Result(asyncCatching: body)) })
  race.own(
    Task {
      do { try await Task.sleep(until: deadline, clock: .continuous) } catch { return }
      race.finish(.failure(DeadlineExceeded()))
    })
  return try await withTaskCancellationHandler {
    try await withCheckedThrowingContinuation { race.await($0) }
  } onCancel: {
    race.finish(.failure(CancellationError()))
  }
}

/// The first of several results wins and cancels the others.
private final class Race<Value: Sendable>: Sendable {
  private struct State {
    var tasks: [Task<Void, Never>] = []
    var waiter: CheckedContinuation<Value, any Error>?
    var result: Result<Value, any Error>?
  }

  private let state = Mutex(State())

  func own(_ task: Task<Void, Never>) {
    let isOver = state.withLock {
      $0.tasks.append(task)
      return $0.result != nil
    }
    if isOver { task.cancel() }
  }

  func await(_ continuation: CheckedContinuation<Value, any Error>) {
    let result = state.withLock {
      if $0.result == nil { $0.waiter = continuation }
      return $0.result
    }
    if let result { continuation.resume(with: result) }
  }

  func finish(_ result: Result<Value, any Error>) {
    let (waiter, tasks) = state.withLock { state -> (CheckedContinuation<Value, any Error>?, [Task<Void, Never>]) in
      guard state.result == nil else { return (nil, []) }
      state.result = result
      defer { state.waiter = nil }
      return (state.waiter, state.tasks)
    }
    for task in tasks { task.cancel() }
    waiter?.resume(with: result)
  }
}

extension Result where Failure == any Error {
  fileprivate init(asyncCatching body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
