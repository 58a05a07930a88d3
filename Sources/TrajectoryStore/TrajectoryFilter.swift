import AgentCore
import GRDB

/// Which trajectories to list or export; nil asks for nothing.
public struct TrajectoryFilter: Sendable {
  /// Whether an episode has ended.
  public enum State: String, Sendable, CaseIterable {
    case open, finished
  }

  public var state: State?
  public var environment: String?
  public var split: Split?
  public var task: String?
  public var isSuccess: Bool?
  public var groupID: String?
  public var policyVersion: Int?
  /// ISO 8601, UTC: started then or later.
  public var since: String?
  /// The first so many, or with `newestFirst` the last so many.
  public var limit: Int?
  /// Otherwise in order of arrival.
  public var newestFirst = false

  public init() {}

  /// The part of a query after `FROM trajectories`.
  var sql: (text: String, arguments: StatementArguments) {
    var conditions: [String] = []
    var arguments = StatementArguments()
    func require(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
      guard let value else { return }
      conditions.append(condition)
      arguments += [value]
    }
    if let state { conditions.append(state == .open ? "outcome IS NULL" : "outcome IS NOT NULL") }
    require("environment = ?", environment)
    require("split = ?", split?.rawValue)
    require("task = ?", task)
    require("success = ?", isSuccess)
    require("group_id = ?", groupID)
    require("policy_version = ?", policyVersion)
    require("started_at >= ?", since)
    var text = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
    text += " ORDER BY number" + (newestFirst ? " DESC" : "")
    if let limit {
      text += " LIMIT ?"
      arguments += [limit]
    }
    return (text, arguments)
  }
}

/// One line of a list.
public struct TrajectorySummary: Sendable, Equatable {
  public var id: String
  public var environment: String
  public var split: Split
  public var task: String
  public var groupID: String?
  public var policy: String?
  public var policyVersion: Int?
  public var startedAt: String
  public var turns: Int
  /// Outcome reward (0 while open) + Σ turn rewards.
  public var totalReturn: Double
  /// nil while open.
  public var isSuccess: Bool?
  public var termination: Termination?

  public var isOpen: Bool { termination == nil }
}
