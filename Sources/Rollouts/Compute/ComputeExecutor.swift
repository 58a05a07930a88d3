import Foundation

/// A thread for numeric work, as an executor for actors.
///
/// Actors that share one executor run on its thread, one job at a time, so that a forward pass never occupies a thread
/// of Swift's cooperative pool. The thread ends when the executor is released.
public final class ComputeExecutor: SerialExecutor {
  private let queue = JobQueue()

  /// Starts the thread.
  public init(name: String = "compute") {
    let thread = Thread { [queue] in queue.run() }
    thread.name = name
    // Deep recursion is not expected; room for the stack buffers of C kernels is.
    thread.stackSize = 16 << 20
    thread.start()
  }

  deinit { queue.close() }

  public func enqueue(_ job: consuming ExecutorJob) {
    queue.append(UnownedJob(job), executor: asUnownedSerialExecutor())
  }

  public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

  public func checkIsolated() {
    precondition(queue.isCurrentThread, "compute state was touched outside its thread")
  }
}

/// Jobs in the order in which they came, and the thread that runs them.
// @unchecked: every stored property is read and written with `condition` locked.
private final class JobQueue: @unchecked Sendable {
  private let condition = NSCondition()
  private var jobs: [(UnownedJob, UnownedSerialExecutor)] = []
  private var isClosed = false
  private var thread: Thread?

  var isCurrentThread: Bool { condition.withLock { thread === Thread.current } }

  func append(_ job: UnownedJob, executor: UnownedSerialExecutor) {
    condition.withLock {
      jobs.append((job, executor))
      condition.signal()
    }
  }

  func close() {
    condition.withLock {
      isClosed = true
      condition.signal()
    }
  }

  func run() {
    condition.withLock { thread = Thread.current }
    while let batch = next() {
      for (job, executor) in batch { job.runSynchronously(on: executor) }
    }
  }

  private func next() -> [(UnownedJob, UnownedSerialExecutor)]? {
    condition.withLock {
      while jobs.isEmpty && !isClosed { condition.wait() }
      defer { jobs.removeAll(keepingCapacity: true) }
      return jobs.isEmpty ? nil : jobs
    }
  }
}

/// A value that is not Sendable and belongs to one compute thread.
///
/// Several actors may hold it when they share that executor; every access checks the thread.
// @unchecked: `value` is reachable only through `callAsFunction`, which stops the program off the owning thread.
public struct ComputeConfined<Value>: @unchecked Sendable {
  private let value: Value
  private let executor: ComputeExecutor

  /// Hands the value over: nobody else may keep a reference.
  public init(_ value: sending Value, on executor: ComputeExecutor) {
    self.value = value
    self.executor = executor
  }

  /// The value, on its thread.
  public func callAsFunction() -> Value {
    executor.checkIsolated()
    return value
  }
}
