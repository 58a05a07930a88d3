import Synchronization

/// The slot that a session lives in, with all branches that were forked from it. Their cells run one after another.
final class SessionSlot: Sendable {
  let slot: Slot
  let language: ResolvedLanguage
  /// The slot's directory and process limits.
  let limits: ExecutionLimits
  private let pool: SlotPool
  private let turn = FairLimiter(1)

  private struct State {
    var nextBranch = 1
    var live: Set<Int> = []
    /// Let go without having been closed.
    var abandoned: [Int] = []
  }

  private let state = Mutex(State())

  /// Most time that opening, branching or closing may take.
  private static let patience = Duration.seconds(30)

  private init(slot: Slot, language: ResolvedLanguage, limits: ExecutionLimits, pool: SlotPool) {
    self.slot = slot
    self.language = language
    self.limits = limits
    self.pool = pool
  }

  /// Takes a slot and opens a session in it.
  static func open(
    _ language: ResolvedLanguage, limits: ExecutionLimits, seed: UInt64?, pool: SlotPool,
    requirement: IsolationRequirement
  ) async throws(SandboxError) -> (SessionSlot, branch: Int) {
    let slot: Slot
    switch await pool.take(SlotPool.Kind(language, limits)) {
    case .success(let taken): slot = taken.slot
    case .failure(let failure): throw .unavailable(reason: failure.description)
    }
    let opened = SessionSlot(slot: slot, language: language, limits: limits, pool: pool)
    if let refusal = requirement.refusal(of: slot.readiness) { throw .unavailable(reason: refusal) }
    let branch = opened.newBranch()
    if opened.keepsInterpreter { try await opened.exchange(.open(branch: branch, seed: seed)) }
    return (opened, branch)
  }

  var keepsInterpreter: Bool { language.profile.session == .interpreter }

  /// Runs the body while no other cell of this slot runs.
  func withTurn<Value: Sendable>(
    until deadline: ContinuousClock.Instant, _ body: () async throws(SandboxError) -> Value
  ) async throws(SandboxError) -> Value {
    do throws(FairLimiter.Refusal) {
      try await turn.acquire(until: deadline)
    } catch {
      throw error == .cancelled ? .cancelled : .busy
    }
    defer { turn.release() }
    return try await body()
  }

  /// Copies a branch, its files included; the caller has the turn.
  func fork(_ source: Int) async throws(SandboxError) -> Int {
    let new = newBranch()
    do throws(SandboxError) {
      try await exchange(.branch(source: source, new: new))
    } catch {
      state.withLock { _ = $0.live.remove(new) }
      throw error
    }
    return new
  }

  /// Ends a branch. The last one gives the slot back.
  func close(_ branch: Int) async {
    let (wasLive, rest) = state.withLock { state in (state.live.remove(branch) != nil, state.live.count) }
    guard wasLive, slot.isAlive else { return }
    // Whoever closes may have been cancelled; what was opened is closed all the same.
    let closing = Task { [self] in
      _ = try? await withTurn(until: .now + Self.patience) { () async throws(SandboxError) in
        if rest > 0 {
          if keepsInterpreter { try await exchange(.close(branch: branch)) }
        } else {
          if keepsInterpreter { try await exchange(.reset) }
          pool.give(slot, SlotPool.Kind(language, limits))
        }
      }
    }
    await closing.value
  }

  /// A branch that nobody can use any more. It is closed when the slot is next used, at the latest with the slot.
  func abandon(_ branch: Int) {
    state.withLock { state in
      if state.live.remove(branch) != nil { state.abandoned.append(branch) }
    }
  }

  /// Closes what was abandoned; the caller has the turn.
  func closeAbandoned() async {
    let abandoned = state.withLock { state in
      defer { state.abandoned = [] }
      return state.abandoned
    }
    guard keepsInterpreter else { return }
    for branch in abandoned { try? await exchange(.close(branch: branch)) }
  }

  private func newBranch() -> Int {
    state.withLock { state in
      defer { state.nextBranch += 1 }
      state.live.insert(state.nextBranch)
      return state.nextBranch
    }
  }

  private func exchange(_ request: SlotRequest) async throws(SandboxError) {
    switch await slot.exchange(request, timeout: Self.patience) {
    case .success(.done(_, nil)): return
    case .success(.done(_, let reason?)): throw .unavailable(reason: reason)
    case .success: throw .unavailable(reason: "the sandbox slot answered something else")
    case .failure(let failure): throw .unavailable(reason: failure.description)
    }
  }
}
