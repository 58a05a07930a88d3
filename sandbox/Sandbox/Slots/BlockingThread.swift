import Foundation

/// Runs blocking work on a thread of its own, so that no thread of Swift's cooperative pool waits for a process.
enum BlockingThread {
  static func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      start(named: "sandbox") { continuation.resume(returning: work()) }
    }
  }

  static func start(named name: String, _ work: @escaping @Sendable () -> Void) {
    let thread = Thread(block: work)
    thread.name = name
    thread.stackSize = 512 << 10
    thread.start()
  }
}
