import Foundation
import Synchronization

/// Runs blocking work on a thread of its own, so that no thread of Swift's cooperative pool waits for it: a slow call
/// holds up its own session only.
enum BlockingThread {
  /// Runs the work and returns its result; cancelling the task raises the flag that the work is handed.
  static func run<Value: Sendable>(
    named name: String, _ work: @escaping @Sendable (CancellationFlag) -> Value
  ) async -> Value {
    let flag = CancellationFlag()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let thread = Thread { continuation.resume(returning: work(flag)) }
        thread.name = name
        thread.start()
      }
    } onCancel: {
      flag.raise()
    }
  }
}

/// Says across threads that nobody waits any more.
final class CancellationFlag: Sendable {
  private let raised = Atomic<Bool>(false)

  var isRaised: Bool { raised.load(ordering: .relaxed) }

  func raise() { raised.store(true, ordering: .relaxed) }
}
