import AgentCore

/// One request on its way: looked up, checked, queued, run, and its slot given back.
struct Execution: Sendable {
  let request: ExecutionRequest
  let sandbox: Sandbox

  /// A slot ends a program at its limits by itself; this is for a slot that does not.
  static let grace = Duration.seconds(15)

  func result() async -> ExecutionResult {
    do throws(SandboxError) {
      let language = try await sandbox.resolver.language(request.language)
      let limits = request.limits ?? language.profile.limits
      if let problem = request.problem(under: limits, programFile: language.programFile) {
        throw .invalidRequest(reason: problem)
      }
      let pool = try await sandbox.pool()
      let begin = ContinuousClock.now
      try await sandbox.waitForWorker(until: request.deadline)
      defer { sandbox.workers.release() }
      let queue = ContinuousClock.now - begin
      var result = await run(language, limits, pool)
      result.breakdown.queue = queue
      return result
    } catch {
      return ExecutionResult(error, isolation: .none)
    }
  }

  /// Runs in a slot of the pool; in another one if the first turns out to have died before the request reached it.
  private func run(_ language: ResolvedLanguage, _ limits: ExecutionLimits, _ pool: SlotPool) async -> ExecutionResult {
    for _ in 0..<2 {
      let (result, wasSent) = await runOnce(language, limits, pool)
      if wasSent { return result }
    }
    return await runOnce(language, limits, pool).result
  }

  private func runOnce(
    _ language: ResolvedLanguage, _ limits: ExecutionLimits, _ pool: SlotPool
  ) async -> (result: ExecutionResult, wasSent: Bool) {
    let kind = SlotPool.Kind(language, limits)
    let (slot, start): (Slot, Duration)
    switch await pool.take(kind) {
    case .success(let taken): (slot, start) = taken
    case .failure(let failure): return (ExecutionResult(failure, isolation: .none), true)
    }
    var result: ExecutionResult
    if let refusal = sandbox.configuration.isolation.refusal(of: slot.readiness) {
      result = ExecutionResult(.unavailable(reason: refusal), isolation: slot.isolation)
    } else {
      result = await run(language, limits, slot)
      result.leaveOut(language.ownFiles, unlessIn: request.collect)
    }
    result.breakdown.start = start
    pool.give(slot, kind)
    return (result, !result.wasNeverSent)
  }

  private func run(_ language: ResolvedLanguage, _ limits: ExecutionLimits, _ slot: Slot) async -> ExecutionResult {
    var program = SlotProgram(kind: .exec, arguments: language.run + request.arguments, limits: limits)
    program.input = request.input
    program.files = request.files
    program.collect = request.collect
    program.seed = request.seed
    if !language.zygote.isEmpty {
      program.kind = .zygote
      program.arguments = request.arguments
      program.code = request.code
      return await run(program, on: slot, phase: .run)
    }
    program.files.append(SandboxFile(name: language.profile.file, text: request.code))
    guard let compile = language.profile.compile else { return await run(program, on: slot, phase: .run) }

    var compiler = SlotProgram(kind: .exec, arguments: language.compile, files: program.files, limits: limits)
    compiler.limits.wall = compile.wall ?? limits.wall
    compiler.limits.cpu = nil
    compiler.limits.memoryBytes = max(compile.memoryBytes ?? 0, limits.memoryBytes)
    compiler.limits.processes = max(compile.processes ?? 0, limits.processes)
    let compiled = await run(compiler, on: slot, phase: .compile)
    guard compiled.status == .ok else { return compiled }
    program.files = []
    program.isFresh = false
    return await run(program, on: slot, phase: .run).adding(compiled)
  }

  private func run(
    _ program: SlotProgram, on slot: Slot, phase: ExecutionResult.Phase
  ) async -> ExecutionResult {
    var program = program
    if Task.isCancelled { return ExecutionResult(.cancelled, isolation: slot.isolation) }
    guard program.limits.endWall(at: request.deadline) else {
      return ExecutionResult(.busy, isolation: slot.isolation)
    }
    let answer = await slot.exchange(.run(id: 1, program), timeout: program.limits.wall + Self.grace)
    return ExecutionResult(answer, slot: slot, phase: phase)
  }
}

extension ExecutionResult {
  init(_ answer: Result<SlotReply, SlotFailure>, slot: Slot, phase: Phase) {
    switch answer {
    case .success(.result(let result)): self.init(result, isolation: slot.isolation, phase: phase)
    case .success: self.init(.ended("it answered something else"), isolation: slot.isolation)
    case .failure(let failure): self.init(failure, isolation: slot.isolation)
    }
    if case .failure(.unsent) = answer { wasNeverSent = true }
    guard phase == .compile, status != .ok else { return }
    message = "compilation failed" + (message.map { ": \($0)" } ?? "")
  }

  /// Without files that a glob found only because the sandbox laid them there: the program and what was compiled.
  mutating func leaveOut(_ names: [String], unlessIn patterns: [String]) {
    let names = names.filter { !patterns.contains($0) }
    files.removeAll { names.contains($0.name) }
    fileErrors.removeAll { error in names.contains { error.hasPrefix("\($0): ") } }
  }

  /// The result of a run with what its compilation took.
  fileprivate func adding(_ compilation: ExecutionResult) -> ExecutionResult {
    var sum = self
    sum.wall += compilation.wall
    sum.cpu += compilation.cpu
    sum.peakMemoryBytes = max(peakMemoryBytes, compilation.peakMemoryBytes)
    sum.breakdown += compilation.breakdown
    return sum
  }
}

extension ExecutionLimits {
  /// Shortens the wall time to what is left before a deadline; false if nothing is left.
  mutating func endWall(at deadline: ContinuousClock.Instant?) -> Bool {
    guard let deadline else { return true }
    let left = deadline - .now
    guard left >= .milliseconds(1) else { return false }
    wall = min(wall, left)
    return true
  }
}

extension Slot {
  var isolation: Isolation { Isolation(mode: readiness.isolation, degraded: readiness.degraded) }
}

extension IsolationRequirement {
  /// What a slot came to be may be less than what the machine promised.
  func refusal(of readiness: SlotReadiness) -> String? {
    refusal(of: readiness.isolation, degraded: readiness.degraded)
  }
}

extension Sandbox {
  /// Waits for a turn; the caller releases it.
  func waitForWorker(until deadline: ContinuousClock.Instant?) async throws(SandboxError) {
    let latest = ContinuousClock.now + configuration.queueTimeout
    do throws(FairLimiter.Refusal) {
      try await workers.acquire(until: min(deadline ?? latest, latest))
    } catch {
      throw error == .cancelled ? .cancelled : .busy
    }
  }
}
