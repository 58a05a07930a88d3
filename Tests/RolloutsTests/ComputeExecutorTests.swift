import Foundation
import Rollouts
import Testing

/// Work on a compute thread, and where and in which order it ran.
private actor Worker {
  private let executor: ComputeExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
  private(set) var log: [Int] = []
  private(set) var threads: Set<ObjectIdentifier> = []

  init(_ executor: ComputeExecutor) { self.executor = executor }

  func note(_ number: Int) {
    executor.checkIsolated()
    log.append(number)
    threads.insert(ObjectIdentifier(Thread.current))
  }
}

@Suite struct ComputeExecutorTests {
  @Test("one caller's jobs run in their order, all on one thread")
  func order() async {
    let worker = Worker(ComputeExecutor())
    for number in 0..<500 { await worker.note(number) }
    #expect(await worker.log == Array(0..<500))
    #expect(await worker.threads.count == 1)
  }

  @Test("actors that share an executor share its thread, and no job of many callers is lost")
  func shared() async {
    let executor = ComputeExecutor()
    let workers = [Worker(executor), Worker(executor)]
    await withTaskGroup(of: Void.self) { tasks in
      for number in 0..<400 { tasks.addTask { await workers[number % 2].note(number) } }
    }
    let threads = await workers[0].threads.union(workers[1].threads)
    #expect(threads.count == 1)
    #expect(await (workers[0].log + workers[1].log).sorted() == Array(0..<400))
  }

  @Test("a released executor ends its thread")
  func release() async throws {
    weak var released: ComputeExecutor?
    do {
      let executor = ComputeExecutor()
      released = executor
      await Worker(executor).note(1)
    }
    for _ in 0..<200 where released != nil { try await Task.sleep(for: .milliseconds(5)) }
    #expect(released == nil)
  }
}
