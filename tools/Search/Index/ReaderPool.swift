import DequeModule
import GRDB
import Synchronization

/// A few connections, each with a thread of its own. Work waits in line for the next that is free; no thread of Swift's
/// cooperative pool waits with it.
final class ReaderPool: Sendable {
  private typealias Job = @Sendable (IndexReader, Database) -> Void

  private struct State {
    var idle: [IndexReader]
    var waiting: Deque<Job> = []
  }

  private let state: Mutex<State>

  init(_ readers: [IndexReader]) { state = Mutex(State(idle: readers)) }

  /// Runs work on a reader. Work whose caller was cancelled while it waited is not run.
  ///
  /// - Throws: what the work throws; `CancellationError`.
  func run<Value: Sendable>(
    _ work: @escaping @Sendable (IndexReader, Database) throws -> Value
  ) async throws -> Value {
    let isCancelled = CancellationMark()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        submit { reader, db in
          continuation.resume(
            with: Result {
              if isCancelled.isSet { throw CancellationError() }
              return try work(reader, db)
            })
        }
      }
    } onCancel: {
      isCancelled.set()
    }
  }

  private func submit(_ job: @escaping Job) {
    let free = state.withLock { state -> IndexReader? in
      if let reader = state.idle.popLast() { return reader }
      state.waiting.append(job)
      return nil
    }
    if let free { start(job, on: free) }
  }

  private func start(_ job: @escaping Job, on reader: IndexReader) {
    reader.connection.asyncWriteWithoutTransaction { db in
      job(reader, db)
      let next = self.state.withLock { state -> Job? in
        if let job = state.waiting.popFirst() { return job }
        state.idle.append(reader)
        return nil
      }
      if let next { self.start(next, on: reader) }
    }
  }
}

/// Set once, from any thread.
private final class CancellationMark: Sendable {
  private let mark = Atomic<Bool>(false)

  var isSet: Bool { mark.load(ordering: .relaxed) }

  func set() { mark.store(true, ordering: .relaxed) }
}
