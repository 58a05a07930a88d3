import Dispatch
import Synchronization

/// Runs asynchronous work on the thread that waits for it, so that the wait takes no thread from anybody else.
final class CallingThreadExecutor: TaskExecutor {
  private let jobs = Mutex<[UnownedJob]>([])
  private let hasWork = DispatchSemaphore(value: 0)

  /// Blocks until the body is done.
  static func run<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Value {
    let executor = CallingThreadExecutor()
    let outcome = Outcome<Value>()
    Task(executorPreference: executor) {
      let value = await body()
      outcome.value.withLock { $0 = value }
      executor.hasWork.signal()
    }
    while true {
      if let value = outcome.value.withLock({ $0 }) { return value }
      executor.hasWork.wait()
      let batch = executor.jobs.withLock { jobs in
        defer { jobs = [] }
        return jobs
      }
      for job in batch { job.runSynchronously(on: executor.asUnownedTaskExecutor()) }
    }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
    hasWork.signal()
  }

  private final class Outcome<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
  }
}
