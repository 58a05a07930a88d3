import AgentCore
import Synchronization

/// The answers of pure tools (`Tool.pureOver`), shared by all sessions of one environment.
///
/// A call that is made again gets the answer that was given before; calls that are made at the same time run once. Only
/// `ok` answers are kept. The least recently used ones are dropped when there are too many, or too large ones.
public final class ToolCache: Sendable {
  private let state: Mutex<State>

  /// What bounds the memory of a cache.
  public struct Limits: Sendable, Hashable {
    /// Answers kept. 0 keeps none; equal calls at the same time still run once.
    public var entries = 4096
    /// UTF-8 bytes of the kept arguments and answers.
    public var bytes = 32 << 20

    public init() {}
  }

  public struct Counters: Sendable, Hashable {
    /// Calls that were answered from the cache or by a call that was already running.
    public internal(set) var hits = 0
    /// Calls that had to run.
    public internal(set) var misses = 0
    /// Answers that were dropped to make room.
    public internal(set) var evictions = 0
    /// Answers kept now.
    public internal(set) var entries = 0
    /// Their size now.
    public internal(set) var bytes = 0
  }

  public init(limits: Limits = Limits()) {
    state = Mutex(State(kept: LeastRecentlyUsed(limits: limits)))
  }

  public var counters: Counters {
    state.withLock {
      var counters = $0.counters
      counters.evictions = $0.kept.evictions
      counters.entries = $0.kept.count
      counters.bytes = $0.kept.bytes
      return counters
    }
  }

  /// Everything that decides a pure tool's answer.
  struct Key: Hashable, Sendable {
    let tool: String
    let pureOver: String
    let arguments: String

    init(tool: String, pureOver: String, arguments: JSONObject) {
      self.tool = tool
      self.pureOver = pureOver
      self.arguments = JSONValue.object(arguments).withSortedKeys.serialized()
    }

    var bytes: Int { tool.utf8.count + pureOver.utf8.count + arguments.utf8.count }
  }

  private struct State {
    var kept: LeastRecentlyUsed
    var running: [Key: SharedCall] = [:]
    var counters = Counters()
  }

  /// The kept answer, if there is one.
  func answer(to key: Key) -> ToolOutput? {
    state.withLock {
      guard let output = $0.kept.take(key) else { return nil }
      $0.counters.hits += 1
      return output
    }
  }

  /// The answer to a call: kept, of an equal call that is running, or of `body`.
  ///
  /// Cancelling the caller ends its wait; the call itself is cancelled when nobody waits for it any more. A caller whose
  /// shared call ended with somebody else's deadline or cancellation runs it again.
  ///
  /// - Throws: `CancellationError`, or what the body throws.
  func output(
    for key: Key, deadline: ContinuousClock.Instant, _ body: @escaping @Sendable () async throws -> ToolOutput
  ) async throws -> ToolOutput {
    while true {
      try Task.checkCancellation()
      if let kept = answer(to: key) { return kept }
      let (call, isOwn) = join(key, deadline, body)
      do {
        let output = try await call.value()
        let wasCutShort = output.status == .timeout && call.deadline < deadline && call.deadline <= .now
        if isOwn || !wasCutShort { return output }
      } catch is CancellationError where !isOwn && !Task.isCancelled {
        continue
      }
    }
  }

  /// The running call of that key, started if there is none, with the caller counted among those who wait.
  private func join(
    _ key: Key, _ deadline: ContinuousClock.Instant, _ body: @escaping @Sendable () async throws -> ToolOutput
  ) -> (SharedCall, isOwn: Bool) {
    state.withLock { state in
      if let running = state.running[key], running.join() {
        state.counters.hits += 1
        return (running, false)
      }
      state.counters.misses += 1
      let call = SharedCall(deadline: deadline, body)
      state.running[key] = call
      call.start { result in self.finish(key, call, result) }
      return (call, true)
    }
  }

  private func finish(_ key: Key, _ call: SharedCall, _ result: Result<ToolOutput, any Error>) {
    state.withLock { state in
      if case .success(let output) = result, output.status == .ok { state.kept.keep(output, for: key) }
      if state.running[key] === call { state.running[key] = nil }
    }
  }
}
