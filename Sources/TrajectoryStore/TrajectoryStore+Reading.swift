import AgentCore
import GRDB

extension TrajectoryStore {
  /// The trajectory of that id, nil if there is none.
  public func trajectory(_ id: String) throws(StoreError) -> Trajectory? {
    try perform { try Self.read(id, $0) }
  }

  /// What a filter finds, in its order.
  public func list(_ filter: TrajectoryFilter = TrajectoryFilter()) throws(StoreError) -> [TrajectorySummary] {
    let (condition, arguments) = filter.sql
    return try perform { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT *, (SELECT COUNT(*) FROM turns WHERE trajectory = number) AS turn_count,
            COALESCE(outcome_reward, 0) + (SELECT COALESCE(SUM(reward), 0) FROM turns WHERE trajectory = number) AS total
          FROM trajectories\(condition)
          """, arguments: arguments
      ).map(Self.summary)
    }
  }

  /// How many trajectories a filter finds.
  public func count(_ filter: TrajectoryFilter = TrajectoryFilter()) throws(StoreError) -> Int {
    let (condition, arguments) = filter.sql
    return try perform { db in
      try Int.fetchOne(
        db, sql: "SELECT COUNT(*) FROM (SELECT number FROM trajectories\(condition))", arguments: arguments) ?? 0
    }
  }

  /// Calls `body` with each trajectory that a filter finds, one at a time in memory.
  public func forEach(
    _ filter: TrajectoryFilter = TrajectoryFilter(), _ body: @Sendable (Trajectory) throws -> Void
  ) throws {
    let (condition, arguments) = filter.sql
    let ids = try perform { db in
      try String.fetchAll(db, sql: "SELECT id FROM trajectories\(condition)", arguments: arguments)
    }
    for id in ids {
      if let trajectory = try trajectory(id) { try body(trajectory) }
    }
  }

  /// All annotations of a trajectory, by key in alphabetical order.
  public func annotations(_ id: String) throws(StoreError) -> JSONObject {
    try perform { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT key, value FROM annotations WHERE trajectory = (SELECT number FROM trajectories WHERE id = ?)
          ORDER BY key
          """, arguments: [id])
      var result = JSONObject()
      for row in rows { result[row["key"]] = try Self.json(row["value"], of: id) }
      return result
    }
  }

  // MARK: Rows

  static func read(_ id: String, _ db: Database) throws -> Trajectory? {
    let row = try db.cachedStatement(
      sql: "SELECT number, header, prompt, outcome FROM trajectories WHERE id = ?"
    )
    guard let row = try Row.fetchOne(row, arguments: [id]) else { return nil }
    let number: Int64 = row["number"]
    do {
      var trajectory = try Trajectory(json: json(row["header"], of: id))
      if let prompt: String = row["prompt"] {
        trajectory.prompt = try EncodedTokens(json: json(prompt, of: id), path: "prompt")
      }
      if let outcome: String = row["outcome"] {
        trajectory.outcome = try Outcome(json: json(outcome, of: id), path: "outcome")
      }
      trajectory.turns = try turns(of: number, id: id, db)
      return trajectory
    } catch let error as JSONError {
      throw StoreError.badRecord(id: id, reason: error.description)
    }
  }

  private static func turns(of number: Int64, id: String, _ db: Database) throws -> [Turn] {
    let statement = try db.cachedStatement(
      sql: "SELECT turn, body, observation_tokens FROM turns WHERE trajectory = ? ORDER BY turn")
    return try Row.fetchAll(statement, arguments: [number]).map { row in
      let index: Int = row["turn"]
      var turn = try Turn(json: json(row["body"], of: id), path: "turns[\(index)]")
      if let tokens: String = row["observation_tokens"] {
        turn.observation.tokens = try EncodedTokens(
          json: json(tokens, of: id), path: "turns[\(index)].observation")
      }
      return turn
    }
  }

  private static func json(_ text: String, of id: String) throws -> JSONValue {
    do {
      return try JSONValue(parsing: text)
    } catch {
      throw StoreError.badRecord(id: id, reason: error.description)
    }
  }

  private static func summary(_ row: Row) throws -> TrajectorySummary {
    let id: String = row["id"]
    let split: String = row["split"]
    let termination: String? = row["termination"]
    guard let knownSplit = Split(rawValue: split) else {
      throw StoreError.badRecord(id: id, reason: "unknown split `\(split)`")
    }
    return TrajectorySummary(
      id: id, environment: row["environment"], split: knownSplit, task: row["task"], groupID: row["group_id"],
      policy: row["policy"], policyVersion: row["policy_version"], startedAt: row["started_at"],
      turns: row["turn_count"], totalReturn: row["total"], isSuccess: row["success"],
      termination: termination.flatMap(Termination.init(rawValue:)))
  }
}
