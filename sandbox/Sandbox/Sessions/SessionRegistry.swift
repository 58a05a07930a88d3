import Synchronization

/// The live sessions of a sandbox: how many there may be, and which of them nobody uses.
final class SessionRegistry: Sendable {
  private struct Entry {
    weak var session: SandboxSession?
  }

  private struct State {
    var live: [Int: Entry] = [:]
    var nextID = 0
  }

  private let limit: Int
  private let state = Mutex(State())

  init(limit: Int) { self.limit = limit }

  var count: Int { state.withLock { $0.live.count } }

  /// Takes one of the places. The session follows once it is there.
  func reserve() throws(SandboxError) -> Int {
    let id = state.withLock { state -> Int? in
      guard state.live.count < limit else { return nil }
      state.nextID += 1
      state.live[state.nextID] = Entry()
      return state.nextID
    }
    guard let id else { throw .tooManySessions(limit: limit) }
    return id
  }

  func enter(_ session: SandboxSession) {
    state.withLock { state in
      if state.live[session.id] != nil { state.live[session.id] = Entry(session: session) }
    }
  }

  func release(_ id: Int) { state.withLock { _ = $0.live.removeValue(forKey: id) } }

  /// Closes sessions that nobody has used since then.
  func expire(idleSince limit: ContinuousClock.Instant) async {
    let all = state.withLock { $0.live.values.compactMap(\.session) }
    for session in all { await session.expire(idleSince: limit) }
  }

  func closeAll() async {
    let all = state.withLock { $0.live.values.compactMap(\.session) }
    await withTaskGroup(of: Void.self) { group in
      for session in all { group.addTask { await session.close() } }
    }
  }
}
