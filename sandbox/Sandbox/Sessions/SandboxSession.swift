import AgentCore
import Synchronization

/// An interpreter, or a work directory, that stays from cell to cell.
///
/// Cells of one session run one after another, in the order of their calls, whoever makes them.
public final class SandboxSession: Sendable {
  /// How a session came to be.
  public enum Origin: Sendable, Hashable {
    case opened
    /// A copy of a live session's process, files included.
    case forked
    /// Made by running that many recorded cells again. What depends on time, chance or other processes may differ.
    case replayed(cells: Int)
  }

  /// The language's name.
  public let language: String
  public let origin: Origin

  let id: Int
  let home: SessionSlot
  let branch: Int
  let sandbox: Sandbox
  let seed: UInt64?

  struct State {
    var record: CellRecord
    var lastUse = ContinuousClock.now
    var running = 0
    /// The cell that is in the slot now.
    var cell: Task<Result<SlotReply, SlotFailure>, Never>?
    /// Why there is no session any more, once that is so.
    var loss: String?
    var isClosed = false
  }

  let state: Mutex<State>

  init(
    id: Int, home: SessionSlot, branch: Int, origin: Origin, record: CellRecord, sandbox: Sandbox, seed: UInt64?
  ) {
    self.id = id
    self.home = home
    self.branch = branch
    self.origin = origin
    self.sandbox = sandbox
    self.seed = seed
    language = home.language.profile.name
    state = Mutex(State(record: record))
    sandbox.sessions.enter(self)
  }

  deinit {
    sandbox.sessions.release(id)
    home.abandon(branch)
  }

  /// Whether the state is gone: a cell was killed at its limit, the process ended, or the session was idle too long.
  /// `branch()` makes a new session by running the recorded cells again.
  public var isLost: Bool { state.withLock { $0.loss != nil } || !home.slot.isAlive }

  /// Runs one cell. Whatever goes wrong, the result says it. Cancelling the task interrupts the cell.
  /// - Parameters:
  ///   - limits: of this cell; nil: those that the session was opened with. The size of the work directory stays.
  ///   - deadline: when the caller stops waiting.
  public func run(
    _ code: String, input: [UInt8] = [], files: [SandboxFile] = [], collect: [String] = [],
    limits: ExecutionLimits? = nil, deadline: ContinuousClock.Instant? = nil
  ) async -> ExecutionResult {
    let request = ExecutionRequest(
      language: language, code: code, input: input, files: files, collect: collect, limits: limits ?? home.limits,
      deadline: deadline)
    let result = await run(request)
    sandbox.recorder.withLock { $0.record(result, isCell: true) }
    return result
  }

  /// A second session in the same state; what either does then does not reach the other.
  ///
  /// A live interpreter is forked. Where that cannot be (languages that keep only their directory, a lost session, a slot
  /// that is full) the recorded cells are run again in a new slot; `origin` says which it was.
  public func branch() async throws(SandboxError) -> SandboxSession {
    if home.keepsInterpreter, !isLost {
      do throws(SandboxError) {
        return try await forked()
      } catch {
        // A slot holds only so many branches; a new slot holds the next ones.
        guard case .unavailable = error, !isLost else { throw error }
      }
    }
    return try await replayed()
  }

  /// Ends the session and frees its process; a cell that runs is cancelled. Closing twice is no error.
  public func close() async {
    await end(because: "it was closed")
  }

  func expire(idleSince limit: ContinuousClock.Instant) async {
    let isIdle = state.withLock { $0.running == 0 && $0.lastUse < limit }
    if isIdle { await end(because: "nobody used it for \(sandbox.configuration.sessionIdleTimeout)") }
  }

  private func end(because reason: String) async {
    let isFirst = state.withLock { state in
      defer { state.isClosed = true }
      if state.loss == nil { state.loss = reason }
      state.cell?.cancel()
      return !state.isClosed
    }
    guard isFirst else { return }
    await home.close(branch)
    sandbox.sessions.release(id)
  }
}

// MARK: - Cells

extension SandboxSession {
  private func run(_ request: ExecutionRequest) async -> ExecutionResult {
    state.withLock { state in
      state.running += 1
      state.lastUse = .now
    }
    defer {
      state.withLock { state in
        state.running -= 1
        state.lastUse = .now
      }
    }
    do throws(SandboxError) {
      var limits = request.limits ?? home.limits
      (limits.workBytes, limits.workFiles) = (home.limits.workBytes, home.limits.workFiles)
      if let problem = request.problem(under: limits, programFile: home.language.programFile) {
        throw .invalidRequest(reason: problem)
      }
      let begin = ContinuousClock.now
      let latest = begin + sandbox.configuration.queueTimeout
      return try await home.withTurn(until: min(request.deadline ?? latest, latest)) { () async throws(SandboxError) in
        if let loss = state.withLock({ $0.loss }) { throw .sessionLost(reason: loss) }
        await home.closeAbandoned()
        try await sandbox.waitForWorker(until: request.deadline)
        defer { sandbox.workers.release() }
        let queue = ContinuousClock.now - begin
        var result = await send(request, limits)
        result.breakdown.queue = queue
        return result
      }
    } catch {
      var result = ExecutionResult(error, isolation: home.slot.isolation)
      result.sessionLost = isLost
      return result
    }
  }

  private func send(_ request: ExecutionRequest, _ limits: ExecutionLimits) async -> ExecutionResult {
    var limits = limits
    if Task.isCancelled { return ExecutionResult(.cancelled, isolation: home.slot.isolation) }
    guard limits.endWall(at: request.deadline) else { return ExecutionResult(.busy, isolation: home.slot.isolation) }
    let answer = await exchange(message(request, limits), timeout: limits.wall + Execution.grace)
    var result = ExecutionResult(answer, slot: home.slot, phase: .run)
    result.leaveOut(home.language.ownFiles, unlessIn: request.collect)
    if case .failure = answer { result.sessionLost = true }
    state.withLock { state in
      if result.sessionLost {
        let reason = result.message ?? result.exitCode.map { "exit code \($0)" } ?? "without a reason"
        state.loss = "a cell ended it with \(result.status.rawValue) (\(reason))"
      } else {
        state.record.add(RecordedCell(request, limits: limits))
      }
    }
    return result
  }

  /// Runs the cell where `close` can cancel it, too.
  private func exchange(_ message: SlotRequest, timeout: Duration) async -> Result<SlotReply, SlotFailure> {
    let cell = Task { [home] in await home.slot.exchange(message, timeout: timeout) }
    let isClosed = state.withLock { state in
      state.cell = cell
      return state.isClosed
    }
    if isClosed { cell.cancel() }
    defer { state.withLock { $0.cell = nil } }
    return await withTaskCancellationHandler {
      await cell.value
    } onCancel: {
      cell.cancel()
    }
  }

  private func message(_ request: ExecutionRequest, _ limits: ExecutionLimits) -> SlotRequest {
    var program = SlotProgram(kind: .zygote, arguments: [], limits: limits)
    program.input = request.input
    program.files = request.files
    program.collect = request.collect
    guard !home.keepsInterpreter else {
      program.code = request.code
      return .cell(branch: branch, program)
    }
    program.kind = .exec
    program.arguments = home.language.cell
    program.files.append(SandboxFile(name: home.language.profile.file, text: request.code))
    program.isFresh = state.withLock { $0.record.count == 0 }
    return .run(id: 1, program)
  }
}
