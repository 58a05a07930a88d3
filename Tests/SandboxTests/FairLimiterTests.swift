import Synchronization
import Testing

@testable import Sandbox

@Suite struct FairLimiterTests {
  @Test("never more than the limit at once, and all get their turn")
  func limit() async throws {
    let limiter = FairLimiter(3)
    let counts = Tally()
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<200 {
        group.addTask {
          guard (try? await limiter.acquire(until: .now + .seconds(60))) != nil else { return }
          counts.enter()
          await Task.yield()
          counts.leave(index)
          limiter.release()
        }
      }
    }
    #expect(counts.most <= 3)
    #expect(counts.done.count == 200)
    #expect(limiter.waiting == 0)
  }

  @Test("first come, first served")
  func order() async throws {
    let limiter = FairLimiter(1)
    try await limiter.acquire(until: .now + .seconds(60))
    let served = Tally()
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<20 {
        group.addTask {
          guard (try? await limiter.acquire(until: .now + .seconds(60))) != nil else { return }
          served.leave(index)
          limiter.release()
        }
        while limiter.waiting != index + 1 { await Task.yield() }
      }
      limiter.release()
    }
    #expect(served.done == Array(0..<20))
  }

  @Test("a deadline and a cancellation end the wait, and take no turn with them")
  func givingUp() async throws {
    let limiter = FairLimiter(1)
    try await limiter.acquire(until: .now + .seconds(60))
    await #expect(throws: FairLimiter.Refusal.deadline) { try await limiter.acquire(until: .now + .milliseconds(20)) }
    await #expect(throws: FairLimiter.Refusal.deadline) { try await limiter.acquire(until: .now - .seconds(1)) }
    let waiting = Task { try await limiter.acquire(until: .now + .seconds(60)) }
    while limiter.waiting == 0 { await Task.yield() }
    waiting.cancel()
    await #expect(throws: FairLimiter.Refusal.cancelled) { try await waiting.value }
    limiter.release()
    try await limiter.acquire(until: .now + .seconds(60))
    limiter.release()
  }
}

/// Who was let through, and how many were at once.
private final class Tally: Sendable {
  private let state = Mutex((now: 0, most: 0, done: [Int]()))

  var most: Int { state.withLock { $0.most } }
  var done: [Int] { state.withLock { $0.done } }

  func enter() {
    state.withLock { state in
      state.now += 1
      state.most = max(state.most, state.now)
    }
  }

  func leave(_ index: Int) {
    state.withLock { state in
      state.now -= 1
      state.done.append(index)
    }
  }
}
