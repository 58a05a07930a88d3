import AgentCore
import Synchronization

/// What a sandbox has done since it was made.
public struct SandboxMetrics: Sendable, Hashable {
  /// Executions and cells by how they ended.
  public var counts: [ExecutionStatus: Int] = [:]
  /// Executions that had to start a slot, and that found one.
  public var coldStarts = 0
  public var warmRuns = 0
  /// Cells of sessions, among the executions.
  public var cells = 0
  /// Sessions that were branched by a fork, and by running their cells again.
  public var forkedBranches = 0
  public var replayedBranches = 0
  /// Time of all executions together; divide by `executions` for the mean.
  public var total = LatencyBreakdown()
  /// Slots started so far; ready and unused now.
  public var slotsStarted = 0
  public var idleSlots = 0
  /// Requests that wait for a worker, and sessions that live, now.
  public var queued = 0
  public var liveSessions = 0

  public init() {}

  public var executions: Int { counts.values.reduce(0, +) }

  /// Counted names for `/metrics` and logs.
  public var json: JSONValue {
    var byStatus: JSONObject = .empty
    for status in ExecutionStatus.allCases { byStatus[status.rawValue] = JSONValue(counts[status] ?? 0) }
    return [
      "executions": .object(byStatus), "cold_starts": JSONValue(coldStarts), "warm_runs": JSONValue(warmRuns),
      "cells": JSONValue(cells), "forked_branches": JSONValue(forkedBranches),
      "replayed_branches": JSONValue(replayedBranches), "total": total.json, "slots_started": JSONValue(slotsStarted),
      "idle_slots": JSONValue(idleSlots), "queued": JSONValue(queued), "live_sessions": JSONValue(liveSessions),
    ]
  }

  mutating func record(_ result: ExecutionResult, isCell: Bool) {
    counts[result.status, default: 0] += 1
    if isCell { cells += 1 }
    guard result.isolation != .none else { return }
    if result.breakdown.start > .zero { coldStarts += 1 } else { warmRuns += 1 }
    total += result.breakdown
  }
}

extension LatencyBreakdown {
  static func += (sum: inout LatencyBreakdown, other: LatencyBreakdown) {
    sum.queue += other.queue
    sum.start += other.start
    sum.prepare += other.prepare
    sum.fork += other.fork
    sum.run += other.run
    sum.clean += other.clean
  }
}
