import AgentTools
import Sandbox

/// Lets so many testers of solutions in at once, in the order in which they come.
///
/// Each holds interpreters in the sandbox while it works. Without a gate, a batch of episodes that end together would
/// ask for more of them than there may be.
struct ExecutionGate: Sendable {
  private let turns: FairLimiter

  init(width: Int) {
    turns = FairLimiter(width)
  }

  /// Runs the body when there is room.
  /// - Throws: `CodeTestError.unavailable` if there is none before the deadline; `CancellationError`; what the body throws.
  func pass<Value: Sendable>(
    until deadline: ContinuousClock.Instant, _ body: @Sendable () async throws -> Value
  ) async throws -> Value {
    try Task.checkCancellation()
    do throws(FairLimiter.Refusal) {
      try await turns.acquire(until: deadline)
    } catch {
      switch error {
      case .deadline: throw CodeTestError.unavailable(reason: "too many solutions were tested at once")
      case .cancelled: throw CancellationError()
      }
    }
    defer { turns.release() }
    return try await body()
  }
}
