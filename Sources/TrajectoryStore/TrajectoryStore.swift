import AgentCore
import GRDB

/// Trajectories in one SQLite file (WAL), written turn by turn.
///
/// Every write is a transaction that has been handed to the operating system when the call returns: it survives the
/// death of the process (`kill -9`). A power cut may lose the last writes, not the file (`synchronous=NORMAL`).
/// Several processes may use a store; a writer waits up to two seconds for another. All calls run one after the other on
/// the store's own queue.
public actor TrajectoryStore {
  /// Whether a missing file is created.
  public enum OpenMode: Sendable {
    case create, existing
  }

  public nonisolated let path: String
  let database: DatabaseQueue
  private let executor = DatabaseExecutor()

  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Opens a store, and brings a file of an older format up to date. Blocks for as long as that takes.
  public init(path: String, mode: OpenMode = .create) throws(StoreError) {
    self.path = path
    do {
      database = try Self.open(path, mode: mode)
    } catch {
      throw StoreError(error, path: path)
    }
  }

  private static func open(_ path: String, mode: OpenMode) throws -> DatabaseQueue {
    if mode == .existing && !FileSystem.exists(path) { throw StoreError.notFound(path: path) }
    var configuration = GRDB.Configuration()
    configuration.busyMode = .timeout(2)
    configuration.label = "trajectory-store"
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA journal_mode = WAL")
      try db.execute(sql: "PRAGMA synchronous = NORMAL")
      // 32 MB of log between checkpoints, each of which waits for the disk.
      try db.execute(sql: "PRAGMA wal_autocheckpoint = 8000")
    }
    let database = try DatabaseQueue(path: path, configuration: configuration)
    try database.writeWithoutTransaction { try StoreSchema.prepare($0, path: path) }
    return database
  }

  // MARK: Recording

  /// Starts a trajectory: everything before its first turn.
  /// - Parameter startedAt: ISO 8601, UTC.
  public func begin(_ trajectory: Trajectory, startedAt: String = Timestamp.now()) throws(StoreError) {
    precondition(
      trajectory.turns.isEmpty && trajectory.outcome == nil, "begin records what is before the first turn")
    try perform { db in
      do {
        try Self.insert(trajectory, startedAt: startedAt, into: db)
      } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
        throw StoreError.duplicateTrajectory(id: trajectory.id)
      }
    }
  }

  /// Adds the next turn, together with token ids that became known since the last call.
  public func append(_ turn: Turn, to id: String, tokens: LateTokens = LateTokens()) throws(StoreError) {
    let body = turn.json.serialized()
    try perform { db in
      // One statement is a transaction by itself.
      guard !tokens.isEmpty else { return try Self.insert(turn, body: body, to: id, into: db) }
      try db.inTransaction(.immediate) {
        try Self.write(tokens, to: id, into: db)
        try Self.insert(turn, body: body, to: id, into: db)
        return .commit
      }
    }
  }

  /// Adds token ids that became known after the turn was recorded.
  public func append(_ tokens: LateTokens, to id: String) throws(StoreError) {
    guard !tokens.isEmpty else { return }
    try perform { db in
      try db.inTransaction(.immediate) {
        try Self.write(tokens, to: id, into: db)
        return .commit
      }
    }
  }

  /// Adds the last turn and the outcome in one transaction; either may have been recorded before.
  public func finish(
    _ id: String, lastTurn: Turn? = nil, outcome: Outcome, tokens: LateTokens = LateTokens()
  ) throws(StoreError) {
    let body = lastTurn?.json.serialized()
    try perform { db in
      try db.inTransaction(.immediate) {
        try Self.write(tokens, to: id, into: db)
        if let lastTurn, let body { try Self.insert(lastTurn, body: body, to: id, into: db) }
        try Self.write(outcome, to: id, into: db)
        return .commit
      }
    }
  }

  // MARK: Annotations

  /// Notes something about a trajectory that is not part of its record, e.g. the advantages that training gave it.
  /// Replaces an earlier note of the same key.
  public func annotate(_ id: String, key: String, _ value: JSONValue) throws(StoreError) {
    try perform { db in
      try db.cachedStatement(
        sql: """
          INSERT INTO annotations (trajectory, key, value) SELECT number, ?, ? FROM trajectories WHERE id = ?
          ON CONFLICT (trajectory, key) DO UPDATE SET value = excluded.value
          """
      ).execute(arguments: [key, value.serialized(), id])
      if db.changesCount == 0 { throw StoreError.unknownTrajectory(id: id) }
    }
  }

  /// Several notes of one key in one transaction, by trajectory id.
  public func annotate(key: String, _ values: [(id: String, value: JSONValue)]) throws(StoreError) {
    try perform { db in
      try db.inTransaction(.immediate) {
        let statement = try db.cachedStatement(
          sql: """
            INSERT INTO annotations (trajectory, key, value) SELECT number, ?, ? FROM trajectories WHERE id = ?
            ON CONFLICT (trajectory, key) DO UPDATE SET value = excluded.value
            """)
        for (id, value) in values {
          try statement.execute(arguments: [key, value.serialized(), id])
          if db.changesCount == 0 { throw StoreError.unknownTrajectory(id: id) }
        }
        return .commit
      }
    }
  }

  // MARK: Access

  /// Runs database code on the store's queue, with its errors in our words.
  func perform<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
    do {
      return try database.writeWithoutTransaction(body)
    } catch {
      throw StoreError(error, path: path)
    }
  }
}

/// Token ids of environment text. A policy encodes them only after the environment has answered (and the turn has been
/// recorded), so they are added with the next write.
public struct LateTokens: Sendable {
  public var prompt: EncodedTokens?
  /// By turn.
  public var observations: [Int: EncodedTokens]

  public init(prompt: EncodedTokens? = nil, observations: [Int: EncodedTokens] = [:]) {
    self.prompt = prompt
    self.observations = observations
  }

  public var isEmpty: Bool { prompt == nil && observations.isEmpty }
}
