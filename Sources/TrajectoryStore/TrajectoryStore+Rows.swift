import AgentCore
import GRDB

/// The statements that write rows.
extension TrajectoryStore {
  static func insert(_ trajectory: Trajectory, startedAt: String, into db: Database) throws {
    var header = trajectory
    header.prompt = nil
    header.turns = []
    header.outcome = nil
    try db.cachedStatement(
      sql: """
        INSERT INTO trajectories
          (id, environment, split, task, group_id, policy, policy_version, started_at, header, prompt)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      trajectory.id, trajectory.environment.name, trajectory.task.split.rawValue, trajectory.task.id,
      trajectory.groupID, trajectory.policy?.name, trajectory.policy?.version, startedAt, header.json.serialized(),
      trajectory.prompt?.json.serialized(),
    ])
  }

  /// Inserts a turn if it is the next one of an open trajectory; otherwise finds out what is wrong.
  static func insert(_ turn: Turn, body: String, to id: String, into db: Database) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO turns (trajectory, turn, reward, body)
        SELECT number, ?1, ?2, ?3 FROM trajectories WHERE id = ?4 AND outcome IS NULL
          AND ?1 = (SELECT COALESCE(MAX(turn) + 1, 0) FROM turns WHERE trajectory = number)
        """
    ).execute(arguments: [turn.index, turn.reward, body, id])
    guard db.changesCount == 0 else { return }
    try requireOpen(id, db)
    throw StoreError.wrongTurn(id: id, index: turn.index)
  }

  static func write(_ tokens: LateTokens, to id: String, into db: Database) throws {
    if let prompt = tokens.prompt {
      try db.cachedStatement(sql: "UPDATE trajectories SET prompt = ? WHERE id = ?")
        .execute(arguments: [prompt.json.serialized(), id])
      if db.changesCount == 0 { throw StoreError.unknownTrajectory(id: id) }
    }
    for (turn, encoded) in tokens.observations {
      try db.cachedStatement(
        sql: """
          UPDATE turns SET observation_tokens = ?
          WHERE trajectory = (SELECT number FROM trajectories WHERE id = ?) AND turn = ?
          """
      ).execute(arguments: [encoded.json.serialized(), id, turn])
      if db.changesCount == 0 { throw StoreError.wrongTurn(id: id, index: turn) }
    }
  }

  static func write(_ outcome: Outcome, to id: String, into db: Database) throws {
    try db.cachedStatement(
      sql: """
        UPDATE trajectories SET outcome = ?, outcome_reward = ?, success = ?, termination = ?
        WHERE id = ? AND outcome IS NULL
        """
    ).execute(arguments: [
      outcome.json.serialized(), outcome.reward, outcome.isSuccess, outcome.termination.rawValue, id,
    ])
    if db.changesCount == 0 { try requireOpen(id, db) }
  }

  private static func requireOpen(_ id: String, _ db: Database) throws {
    let row = try Row.fetchOne(
      db, sql: "SELECT outcome IS NULL AS open FROM trajectories WHERE id = ?", arguments: [id])
    guard let row else { throw StoreError.unknownTrajectory(id: id) }
    let isOpen: Bool = row["open"]
    if !isOpen { throw StoreError.alreadyFinished(id: id) }
  }
}
