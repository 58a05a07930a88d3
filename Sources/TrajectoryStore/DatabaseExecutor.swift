import Dispatch

/// Runs an actor's jobs one after the other on a dispatch queue: blocking database calls stay off the cooperative pool.
final class DatabaseExecutor: SerialExecutor {
  private let queue = DispatchQueue(label: "trajectory-store", qos: .userInitiated)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
