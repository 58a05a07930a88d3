import AgentTools
import Synchronization
import Testing

@testable import EnvironmentKit

@Suite struct ExecutionGateTests {
  private final class Crowd: Sendable {
    let inside = Mutex(0), most = Mutex(0)
  }

  @Test("no more than the width are inside, and all get in")
  func width() async throws {
    let gate = ExecutionGate(width: 3)
    let crowd = Crowd()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<200 {
        group.addTask {
          try await gate.pass(until: .now + .seconds(60)) {
            let count = crowd.inside.withLock {
              $0 += 1
              return $0
            }
            crowd.most.withLock { $0 = max($0, count) }
            await Task.yield()
            crowd.inside.withLock { $0 -= 1 }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect((1...3).contains(crowd.most.withLock { $0 }))
  }

  @Test("who gives up, or has no time left, does not take a place")
  func giving() async throws {
    let gate = ExecutionGate(width: 1)
    let (open, opener) = AsyncStream.makeStream(of: Void.self)
    let first = Task { try await gate.pass(until: .now + .seconds(60)) { for await _ in open {} } }
    try await Task.sleep(for: .milliseconds(20))
    let late = Task { try await gate.pass(until: .now + .milliseconds(20)) {} }
    let past = Task { try await gate.pass(until: .now - .seconds(1)) {} }
    let cancelled = Task { try await gate.pass(until: .now + .seconds(60)) {} }
    cancelled.cancel()
    await #expect(throws: CodeTestError.self) { try await late.value }
    await #expect(throws: CodeTestError.self) { try await past.value }
    await #expect(throws: CancellationError.self) { try await cancelled.value }
    opener.finish()
    try await first.value
    #expect(try await gate.pass(until: .now + .seconds(60)) { 7 } == 7)
    struct Broken: Error {}
    await #expect(throws: Broken.self) { try await gate.pass(until: .now + .seconds(60)) { throw Broken() } }
    #expect(try await gate.pass(until: .now + .seconds(60)) { 8 } == 8)
  }
}
