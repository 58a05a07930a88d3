import AgentCore
import Foundation
import Synchronization

/// Slots that are ready, by what they are for. Taking one that is not there starts it.
final class SlotPool: Sendable {
  /// What a slot is made for: it serves any request with the same.
  struct Kind: Sendable, Hashable {
    let language: ResolvedLanguage
    let workBytes: Int
    let workFiles: Int
    let processes: Int

    init(_ language: ResolvedLanguage, _ limits: ExecutionLimits) {
      self.language = language
      workBytes = limits.workBytes
      workFiles = limits.workFiles
      processes = max(limits.processes, language.profile.compile?.processes ?? 0)
    }
  }

  /// How slots are made, whatever they are for.
  struct Plan: Sendable {
    let launcher: LauncherProgram
    let mode: IsolationMode
    let disabledLayers: [String]
    let scratch: ScratchFolder
  }

  private struct Idle {
    let slot: Slot
    let kind: Kind
    let since: ContinuousClock.Instant
  }

  private struct Reference {
    weak var slot: Slot?
  }

  private struct State {
    /// Oldest first.
    var idle: [Idle] = []
    /// Every slot that somebody uses, or used and let go.
    var taken: [Reference] = []
    var isClosed = false
    var starts = 0
  }

  let plan: Plan
  private let mostIdle: Int
  private let state = Mutex(State())

  init(plan: Plan, mostIdle: Int) {
    self.plan = plan
    self.mostIdle = mostIdle
  }

  /// A slot and, if it had to be started, how long that took.
  func take(_ kind: Kind) async -> Result<(slot: Slot, start: Duration), SlotFailure> {
    let warm = state.withLock { state -> Result<Slot?, SlotFailure> in
      if state.isClosed { return .failure(.closed) }
      state.idle.removeAll { !$0.slot.isAlive }
      state.taken.removeAll { $0.slot == nil }
      guard let index = state.idle.lastIndex(where: { $0.kind == kind }) else {
        state.starts += 1
        return .success(nil)
      }
      let slot = state.idle.remove(at: index).slot
      state.taken.append(Reference(slot: slot))
      return .success(slot)
    }
    switch warm {
    case .failure(let failure): return .failure(failure)
    case .success(let slot?): return .success((slot, .zero))
    case .success(nil): break
    }
    let begin = ContinuousClock.now
    let started = await Slot.start(launcher: plan.launcher, settings: settings(kind), scratch: plan.scratch)
    guard case .success(let slot) = started else { return started.map { ($0, .zero) } }
    let isClosed = state.withLock { state in
      state.taken.append(Reference(slot: slot))
      return state.isClosed
    }
    return isClosed ? .failure(.closed) : .success((slot, .now - begin))
  }

  /// Takes a slot back. One too many, or one that has ended, is let go.
  func give(_ slot: Slot, _ kind: Kind) {
    guard slot.isAlive else { return }
    // Slots end when they are let go; that must not happen inside the lock.
    _ = state.withLock { state -> Slot? in
      if state.isClosed { return slot }
      state.taken.removeAll { $0.slot == nil || $0.slot === slot }
      state.idle.append(Idle(slot: slot, kind: kind, since: .now))
      return state.idle.count > mostIdle ? state.idle.removeFirst().slot : nil
    }
  }

  /// Ends slots that nobody has used since then.
  func retire(idleSince limit: ContinuousClock.Instant) {
    _ = state.withLock { state -> [Idle] in
      let old = state.idle.filter { $0.since < limit }
      state.idle.removeAll { $0.since < limit }
      return old
    }
  }

  /// Slots started so far, and idle now.
  var counts: (starts: Int, idle: Int) { state.withLock { ($0.starts, $0.idle.count) } }

  /// The launchers of the idle slots.
  var idleProcesses: [pid_t] { state.withLock { $0.idle.map(\.slot.process) } }

  /// Ends all slots, those in use as well, and waits until they are gone.
  func close() async {
    let slots = state.withLock { state in
      state.isClosed = true
      defer { (state.idle, state.taken) = ([], []) }
      return state.idle.map(\.slot) + state.taken.compactMap(\.slot)
    }
    await withTaskGroup(of: Void.self) { group in
      for slot in slots { group.addTask { await slot.close() } }
    }
    plan.scratch.remove()
  }

  private func settings(_ kind: Kind) -> SlotSettings {
    var settings = SlotSettings()
    settings.isolation = plan.mode
    settings.readOnlyPaths = ["/usr"] + kind.language.readOnlyPaths
    settings.environment = ["PATH=/usr/local/bin:/usr/bin:/bin"] + kind.language.environment
    settings.zygote = kind.language.zygote
    settings.extraSystemCalls = kind.language.profile.systemCalls
    settings.workBytes = kind.workBytes
    settings.workFiles = kind.workFiles
    settings.processes = kind.processes
    settings.disabledLayers = plan.disabledLayers
    return settings
  }
}
