import GRDB

/// The tables of a store and how old stores become new ones.
///
/// `user_version` counts the migrations that a file has had; a new format is a new element of `migrations`, and the old
/// ones are never changed.
enum StoreSchema {
  /// Marks a SQLite file as ours: "agnt".
  private static let applicationID = 0x6167_6E74

  private static let migrations = [
    // One row per trajectory, in order of arrival. `header` is the record without prompt, turns and outcome; the columns
    // beside it repeat what lists are filtered by.
    """
    CREATE TABLE trajectories (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      environment TEXT NOT NULL,
      split TEXT NOT NULL,
      task TEXT NOT NULL,
      group_id TEXT,
      policy TEXT,
      policy_version INTEGER,
      started_at TEXT NOT NULL,
      header TEXT NOT NULL,
      prompt TEXT,
      outcome TEXT,
      outcome_reward REAL,
      success INTEGER,
      termination TEXT
    );
    CREATE INDEX trajectories_by_group ON trajectories(group_id) WHERE group_id IS NOT NULL;
    CREATE TABLE turns (
      trajectory INTEGER NOT NULL REFERENCES trajectories(number) ON DELETE CASCADE,
      turn INTEGER NOT NULL,
      reward REAL NOT NULL,
      body TEXT NOT NULL,
      observation_tokens TEXT,
      PRIMARY KEY (trajectory, turn)
    );
    CREATE TABLE annotations (
      trajectory INTEGER NOT NULL REFERENCES trajectories(number) ON DELETE CASCADE,
      key TEXT NOT NULL,
      value TEXT NOT NULL,
      PRIMARY KEY (trajectory, key)
    ) WITHOUT ROWID;
    """
  ]

  /// Brings a new or older file to the current format.
  static func prepare(_ db: Database, path: String) throws {
    let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    let id = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    let tables = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM sqlite_master") ?? 0
    guard id == applicationID || (id == 0 && version == 0 && tables == 0) else {
      throw StoreError.notATrajectoryStore(path: path)
    }
    guard version <= migrations.count else {
      throw StoreError.newerFormat(path: path, found: version, known: migrations.count)
    }
    guard version < migrations.count else { return }
    try db.inTransaction(.immediate) {
      // Another process may have been faster.
      let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
      for migration in migrations.dropFirst(version) { try db.execute(sql: migration) }
      try db.execute(sql: "PRAGMA application_id = \(applicationID)")
      try db.execute(sql: "PRAGMA user_version = \(migrations.count)")
      return .commit
    }
  }
}
