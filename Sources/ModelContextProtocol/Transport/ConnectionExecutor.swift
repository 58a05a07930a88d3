import Dispatch

/// A thread for what connections do in the background, so that none waits for a free thread of Swift's cooperative pool:
/// those may all be blocked by callers that wait for a connection, such as the readers of manifests.
public final class ConnectionExecutor: TaskExecutor {
  public static let shared = ConnectionExecutor()

  // A serial queue that targets no other has a thread whenever it has work.
  private let queue = DispatchQueue(label: "mcp-connections")

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
