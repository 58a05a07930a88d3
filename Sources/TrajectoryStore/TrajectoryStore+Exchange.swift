import AgentCore
import GRDB

/// How trajectories are written to a file.
public enum ExportFormat: String, Sendable, CaseIterable {
  /// `agentenv.trajectory/1`, everything.
  case trajectory
  /// Chat messages in OpenAI's form, for supervised fine-tuning elsewhere.
  case messages

  /// One line, without the line break.
  public func line(for trajectory: Trajectory) -> String {
    switch self {
    case .trajectory: trajectory.json.serialized()
    case .messages: ChatRecord.json(trajectory).serialized()
    }
  }
}

/// What an import did.
public struct ImportReport: Sendable, Equatable {
  public var imported = 0
  /// Already there, byte for byte.
  public var skipped = 0
}

extension TrajectoryStore {
  /// Writes what a filter finds as JSON lines, in order of arrival; says how many.
  @discardableResult
  public func export(
    _ filter: TrajectoryFilter = TrajectoryFilter(), format: ExportFormat = .trajectory,
    write: @Sendable (String) throws -> Void
  ) throws -> Int {
    let count = try count(filter)
    try forEach(filter) { try write(format.line(for: $0)) }
    return count
  }

  /// Reads JSON lines (`agentenv.trajectory/1`; blank lines are skipped), all or nothing.
  ///
  /// A trajectory that is already there with the same content is skipped; one with the same id and other content is an
  /// error. Exporting again gives the same bytes.
  /// - Parameter source: the file's name, for messages.
  /// - Throws: `StoreError.badLine` with line and field of the first thing that is not understood.
  public func importLines(_ bytes: [UInt8], source: String) throws(StoreError) -> ImportReport {
    try perform { db in
      var report = ImportReport()
      try db.inTransaction(.immediate) {
        var line = 0
        for text in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
          line += 1
          guard text.contains(where: { $0 > 0x20 }) else { continue }
          let trajectory: Trajectory
          do {
            trajectory = try Trajectory(json: JSONValue(parsing: Array(text)))
          } catch {
            throw StoreError.badLine(source: source, line: line, reason: "\(error)")
          }
          if let present = try Self.read(trajectory.id, db) {
            guard present.json == trajectory.json else {
              throw StoreError.badLine(
                source: source, line: line, reason: StoreError.duplicateTrajectory(id: trajectory.id).description)
            }
            report.skipped += 1
          } else {
            try Self.insertWhole(trajectory, into: db)
            report.imported += 1
          }
        }
        return .commit
      }
      return report
    }
  }

  private static func insertWhole(_ trajectory: Trajectory, into db: Database) throws {
    try insert(trajectory, startedAt: trajectory.turns.first?.startedAt ?? Timestamp.now(), into: db)
    for turn in trajectory.turns { try insert(turn, body: turn.json.serialized(), to: trajectory.id, into: db) }
    if let outcome = trajectory.outcome { try write(outcome, to: trajectory.id, into: db) }
  }
}
