extension SandboxSession {
  /// A fork of the live process.
  func forked() async throws(SandboxError) -> SandboxSession {
    let newID = try sandbox.sessions.reserve()
    do throws(SandboxError) {
      let deadline = ContinuousClock.now + sandbox.configuration.queueTimeout
      let (newBranch, record) = try await home.withTurn(until: deadline) { () async throws(SandboxError) in
        if let loss = state.withLock({ $0.loss }) { throw .sessionLost(reason: loss) }
        await home.closeAbandoned()
        // A cell that ran in between would be in the copy and not in its record, hence both in one turn.
        return (try await home.fork(branch), state.withLock { $0.record })
      }
      state.withLock { $0.lastUse = .now }
      sandbox.recorder.withLock { $0.forkedBranches += 1 }
      return SandboxSession(
        id: newID, home: home, branch: newBranch, origin: .forked, record: record, sandbox: sandbox, seed: seed)
    } catch {
      sandbox.sessions.release(newID)
      throw error
    }
  }

  /// The recorded cells, run again in a new slot.
  func replayed() async throws(SandboxError) -> SandboxSession {
    guard let cells = state.withLock({ $0.record.cells }) else {
      throw .sessionLost(reason: "its cells were too large to keep for running them again")
    }
    let session = try await sandbox.openSession(
      language: language, limits: home.limits, seed: seed, origin: .replayed(cells: cells.count))
    for cell in cells {
      let result = await session.run(cell.code, input: cell.input, files: cell.files, limits: cell.limits)
      guard !result.sessionLost, result.status != .sandboxUnavailable, result.status != .cancelled else {
        await session.close()
        throw result.status == .cancelled
          ? .cancelled
          : .sessionLost(reason: "running its cells again failed: \(result.message ?? result.status.rawValue)")
      }
    }
    sandbox.recorder.withLock { $0.replayedBranches += 1 }
    return session
  }
}

extension Sandbox {
  /// Opens a session: a live interpreter, or for languages without a zygote a work directory that stays.
  /// - Parameters:
  ///   - limits: of cells that give none, and of the work directory; nil: the language's own.
  ///   - seed: of the interpreter's random numbers; nil: other numbers every time.
  /// - Throws: `SandboxError`, e.g. `.tooManySessions`.
  public func openSession(
    language: String, limits: ExecutionLimits? = nil, seed: UInt64? = nil
  ) async throws(SandboxError) -> SandboxSession {
    try await openSession(language: language, limits: limits, seed: seed, origin: .opened)
  }

  func openSession(
    language: String, limits: ExecutionLimits?, seed: UInt64?, origin: SandboxSession.Origin
  ) async throws(SandboxError) -> SandboxSession {
    let resolved = try await resolver.language(language)
    if resolved.profile.session == .none { throw .noSessions(language: resolved.profile.name) }
    let limits = limits ?? resolved.profile.limits
    if let problem = limits.problem { throw .invalidRequest(reason: problem) }
    let slots = try await pool()
    let id = try sessions.reserve()
    do throws(SandboxError) {
      let (home, branch) = try await SessionSlot.open(
        resolved, limits: limits, seed: seed, pool: slots, requirement: configuration.isolation)
      return SandboxSession(
        id: id, home: home, branch: branch, origin: origin, record: CellRecord(), sandbox: self, seed: seed)
    } catch {
      sessions.release(id)
      throw error
    }
  }
}
