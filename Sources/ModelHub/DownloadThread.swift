import Foundation
import Synchronization

/// Runs blocking work on a thread of its own, so that no thread of Swift's cooperative pool waits for a network.
enum DownloadThread {
  /// Runs the work and returns its result; cancelling the task raises the flag that the work is handed.
  static func run<Value: Sendable>(
    _ work: @escaping @Sendable (CancellationFlag) -> Result<Value, ModelHubError>
  ) async -> Result<Value, ModelHubError> {
    let flag = CancellationFlag()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let thread = Thread { continuation.resume(returning: work(flag)) }
        thread.name = "model-hub"
        thread.start()
      }
    } onCancel: {
      flag.raise()
    }
  }
}

/// Says across threads that the caller has lost interest.
final class CancellationFlag: Sendable {
  private let raised = Atomic<Bool>(false)

  var isRaised: Bool { raised.load(ordering: .relaxed) }

  func raise() { raised.store(true, ordering: .relaxed) }

  /// Blocks this thread for that long, or until the flag is raised (noticed within 20 ms).
  ///
  /// - Throws: `cancelled`.
  func sleep(for duration: Duration) throws(ModelHubError) {
    let clock = ContinuousClock()
    let end = clock.now + duration
    while !isRaised {
      let left = end - clock.now
      guard left > .zero else { return }
      Thread.sleep(forTimeInterval: min(left, .milliseconds(20)) / .seconds(1))
    }
    throw .cancelled
  }
}
