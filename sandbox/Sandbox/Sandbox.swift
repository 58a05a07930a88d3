import AgentCore
import Glibc
import Synchronization

/// Runs programs that nobody has read, apart from this machine and from each other.
///
///     let sandbox = Sandbox(SandboxConfiguration())
///     let result = await sandbox.run(ExecutionRequest(language: "python", code: "print(6 * 7)"))
///     print(result.status, result.stdout)
///     await sandbox.shutdown()
///
/// Programs run in slots: processes with namespaces, a system-call filter and limits, made once and used again and
/// again, each for one program at a time. They end with `shutdown`, with the last reference, and with this process,
/// however it ends. Kernel bugs in allowed system calls, timing side channels and the page cache are not covered.
public final class Sandbox: Sendable {
  public let configuration: SandboxConfiguration
  let resolver: LanguageResolver
  let workers: FairLimiter
  let sessions: SessionRegistry
  let recorder = Mutex(SandboxMetrics())
  private let preparation = Mutex<Task<Result<SlotPool, SandboxError>, Never>?>(nil)
  private let housekeeper = Mutex<Task<Void, Never>?>(nil)

  /// Makes a sandbox. Nothing is started before it is needed; `prewarm` starts slots ahead.
  public init(_ configuration: SandboxConfiguration = SandboxConfiguration()) {
    self.configuration = configuration
    resolver = LanguageResolver(configuration.languages)
    workers = FairLimiter(max(1, configuration.workers))
    sessions = SessionRegistry(limit: configuration.maxSessions)
  }

  deinit { housekeeper.withLock { $0?.cancel() } }

  // MARK: Running

  /// Runs a program. Whatever goes wrong, the result says it. Cancelling the task ends the program.
  public func run(_ request: ExecutionRequest) async -> ExecutionResult {
    let result = await Execution(request: request, sandbox: self).result()
    recorder.withLock { $0.record(result, isCell: false) }
    return result
  }

  /// Checks that this machine gives what is required, as the first request would.
  /// - Throws: `SandboxError.unavailable`, naming what is missing and what to do.
  public func start() async throws(SandboxError) { _ = try await pool() }

  /// Starts slots ahead, so that the first requests find them warm.
  /// - Parameter count: slots; nil: one for each worker.
  public func prewarm(_ language: String, count: Int? = nil) async throws(SandboxError) {
    let resolved = try await resolver.language(language)
    let slots = try await pool()
    let kind = SlotPool.Kind(resolved, resolved.profile.limits)
    let started = await withTaskGroup(of: Result<Slot, SlotFailure>.self) { group in
      for _ in 0..<(count ?? configuration.workers) { group.addTask { await slots.take(kind).map(\.slot) } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    for case .success(let slot) in started { slots.give(slot, kind) }
    for case .failure(let failure) in started { throw .unavailable(reason: failure.description) }
  }

  // MARK: Asking

  /// What isolation this machine gives. The machine is tried once per process.
  /// - Throws: `SandboxError.unavailable` if the launcher is missing or does not answer.
  public func capabilities() async throws(SandboxError) -> CapabilityReport {
    try await CapabilityProbe.report(of: LauncherProgram(path: configuration.launcherPath))
  }

  /// Every language, and what is missing to run it here.
  public func languages() async -> [LanguageStatus] {
    var statuses: [LanguageStatus] = []
    for profile in resolver.catalog.profiles {
      do {
        let language = try await resolver.language(profile.name)
        let program = language.zygote.first ?? language.compile.first ?? language.run.first ?? ""
        statuses.append(LanguageStatus(profile: profile, missing: nil, program: program))
      } catch {
        statuses.append(LanguageStatus(profile: profile, missing: error.description, program: ""))
      }
    }
    return statuses
  }

  /// The limits that a language has where a request gives none.
  public func limits(of language: String) throws(SandboxError) -> ExecutionLimits {
    try resolver.catalog.profile(language).limits
  }

  /// What has been done so far.
  public var metrics: SandboxMetrics {
    get async {
      var metrics = recorder.withLock { $0 }
      if let preparation = preparation.withLock({ $0 }), case .success(let pool) = await preparation.value {
        (metrics.slotsStarted, metrics.idleSlots) = pool.counts
      }
      metrics.queued = workers.waiting
      metrics.liveSessions = sessions.count
      return metrics
    }
  }

  /// The launchers of the slots that nobody uses now.
  func idleProcesses() async -> [pid_t] { (try? await pool().idleProcesses) ?? [] }

  // MARK: Ending

  /// Ends all slots and sessions and waits until their processes are gone. Requests that come later, or are on their
  /// way, are answered with `sandbox_unavailable`.
  public func shutdown() async {
    housekeeper.withLock { $0?.cancel() }
    let preparation = preparation.withLock { preparation in
      // Nothing is prepared any more.
      if preparation == nil { preparation = Task { .failure(.unavailable(reason: SlotFailure.closed.description)) } }
      return preparation
    }
    if case .success(let pool)? = await preparation?.value { await pool.close() }
    await sessions.closeAll()
  }

  // MARK: Preparing

  /// The slots, once the machine has been found to give what is required.
  func pool() async throws(SandboxError) -> SlotPool {
    let task = preparation.withLock { preparation in
      if let preparation { return preparation }
      let task = Task { [configuration] in await Self.prepare(configuration) }
      preparation = task
      return task
    }
    let result = await task.value
    if case .success(let pool) = result { keepHouse(pool) }
    return try result.get()
  }

  private static func prepare(_ configuration: SandboxConfiguration) async -> Result<SlotPool, SandboxError> {
    do throws(SandboxError) {
      let launcher = try LauncherProgram(path: configuration.launcherPath)
      let report = try await CapabilityProbe.report(of: launcher)
      guard let mode = configuration.mode ?? report.mode else { throw .unavailable(reason: report.whyNone) }
      let degraded = report.degraded + configuration.disabledLayers
      if let refusal = configuration.isolation.refusal(of: mode.rawValue, degraded: degraded) {
        throw .unavailable(reason: refusal)
      }
      let plan = SlotPool.Plan(
        launcher: launcher, mode: mode, disabledLayers: configuration.disabledLayers,
        scratch: ScratchFolder(in: configuration.scratchFolder))
      return .success(SlotPool(plan: plan, mostIdle: max(4, 2 * configuration.workers)))
    } catch {
      return .failure(error)
    }
  }

  /// Ends what nobody uses, from time to time.
  private func keepHouse(_ pool: SlotPool) {
    housekeeper.withLock { task in
      guard task == nil else { return }
      let (slotTimeout, sessionTimeout) = (configuration.idleSlotTimeout, configuration.sessionIdleTimeout)
      let pause = max(.milliseconds(50), min(.seconds(5), min(slotTimeout, sessionTimeout) / 4))
      task = Task { [weak pool, weak sessions] in
        while (try? await Task.sleep(for: pause)) != nil {
          guard let pool, let sessions else { return }
          pool.retire(idleSince: .now - slotTimeout)
          await sessions.expire(idleSince: .now - sessionTimeout)
        }
      }
    }
  }
}

extension CapabilityReport {
  /// Why nothing can be run here, layer by layer.
  var whyNone: String {
    let missing = layers.filter { !$0.isPresent }.map { layer in
      "\(layer.name) (\(layer.reason)\(layer.remedy.isEmpty ? "" : "; \(layer.remedy)"))"
    }
    return "this machine gives no isolation: \(missing.joined(separator: ", ")) missing; see `agentenv doctor`"
  }
}
