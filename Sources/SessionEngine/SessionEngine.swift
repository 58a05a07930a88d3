import AgentCore
import AgentTools
import EnvironmentKit
import TrajectoryStore

/// Opens sessions, counts them, and records what happens in them. No transport.
///
/// Many sessions run at once, each its own actor; the engine itself is asked only when one opens or ends.
public actor SessionEngine {
  /// Where episodes are recorded; nil records nothing.
  public nonisolated let store: TrajectoryStore?
  public nonisolated let limits: SessionLimits
  private var sessions: [String: Session] = [:]
  private var opening = 0
  private var ids = SystemRandomNumberGenerator()

  public init(store: TrajectoryStore? = nil, limits: SessionLimits = SessionLimits()) {
    self.store = store
    self.limits = limits
  }

  /// Sessions that are open now.
  public var activeCount: Int { sessions.count + opening }

  /// The open session of that id.
  public func session(_ id: String) throws(SessionError) -> Session {
    guard let session = sessions[id] else { throw .unknownSession(id: id) }
    return session
  }

  /// Ids of the open sessions, in alphabetical order.
  public var sessionIDs: [String] { sessions.keys.sorted() }

  /// Opens a session: sets its task and records its beginning.
  ///
  /// - Throws: `SessionError` (full, id taken, the environment cannot set the task), `EnvironmentError` (no such task),
  ///   `StoreError`. Nothing is left behind.
  public func open(_ request: SessionRequest) async throws -> Session {
    guard activeCount < limits.maxSessions else {
      throw SessionError.atCapacity(active: activeCount, limit: limits.maxSessions)
    }
    let id = request.id ?? newID()
    guard sessions[id] == nil else { throw SessionError.duplicateSession(id: id) }
    opening += 1
    defer { opening -= 1 }
    let definition = request.environment
    let task =
      switch request.task {
      case .index(let split, let index): try definition.tasks.task(split, at: index)
      case .task(let task): task
      }
    let environment: any Environment
    do {
      environment = try definition.makeEnvironment()
    } catch {
      throw SessionError.resetFailed(environment: definition.name, task: task.id, reason: "\(error)")
    }
    do {
      return try await begin(id, request, task, in: environment)
    } catch {
      await environment.close(within: limits.grace)
      throw error
    }
  }

  private func begin(
    _ id: String, _ request: SessionRequest, _ task: EnvironmentTask, in environment: any Environment
  ) async throws -> Session {
    let definition = request.environment
    let start: EnvironmentOpening
    do {
      start = try await withDeadline(.now + definition.limits.turnTimeout + limits.grace) {
        try await environment.reset(task, seed: request.seed)
      }
    } catch {
      let reason = error is DeadlineExceeded ? "no answer within \(definition.limits.turnTimeout)" : "\(error)"
      throw SessionError.resetFailed(environment: definition.name, task: task.id, reason: reason)
    }
    let trajectory = Trajectory(
      id: id, groupID: request.groupID, environment: definition.reference, task: task, seed: request.seed,
      policy: request.policy, isolation: start.isolation, messages: start.messages)
    let recorder = request.isRecorded ? store : nil
    try await recorder?.begin(trajectory)
    guard sessions[id] == nil else { throw SessionError.duplicateSession(id: id) }
    let session = Session(
      trajectory, environment: environment, opening: start, limits: definition.limits, grace: limits.grace,
      store: recorder, engine: self)
    sessions[id] = session
    return session
  }

  /// Aborts every open session, e.g. before the program ends.
  public func abortAll() async {
    for session in Array(sessions.values) { _ = try? await session.abort() }
  }

  /// Aborts the sessions that nobody has used for so long; says how many.
  public func abortIdle(longerThan duration: Duration) async -> Int {
    var count = 0
    for session in Array(sessions.values) where await session.lastUsed < .now - duration {
      if (try? await session.abort()) != nil { count += 1 }
    }
    return count
  }

  func remove(_ id: String) {
    sessions[id] = nil
  }

  private func newID() -> String {
    let digits = Array("0123456789abcdefghjkmnpqrstvwxyz")
    var id = ""
    for _ in 0..<2 {
      var word = ids.next()
      for _ in 0..<12 {
        id.append(digits[Int(word & 31)])
        word >>= 5
      }
    }
    return id
  }
}
