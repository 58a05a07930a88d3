import AgentCore
import RunReports
import TerminalOutput

/// What a run came to, as `summary.json` keeps it.
public struct RunSummary: Sendable {
  public var before: JSONValue?
  public var after: EvaluationResult
  public var steps: Int
  public var wallSeconds: Double
  public var rolloutTokens: Int
  public var trainTokens: Int
  public var policyDigest: String

  /// `{"eval":{"before","after"},"steps","wall_seconds","rollout_tokens","train_tokens","policy_digest"}`
  public var json: JSONValue {
    [
      "eval": ["before": before ?? .null, "after": after.json], "steps": JSONValue(steps),
      "wall_seconds": .double(wallSeconds), "rollout_tokens": JSONValue(rolloutTokens),
      "train_tokens": JSONValue(trainTokens), "policy_digest": .string(policyDigest),
    ]
  }
}

extension TrainingRun {
  /// Measures success on held-out tasks before reinforcement learning, unless a checkpoint has it already.
  public func evaluateBefore() async throws {
    guard progress.before == nil, progress.completedSteps == 0 else { return }
    progress.before = try await evaluateHeldOut(label: "before").json
  }

  /// Measures success on held-out tasks again, and writes summary and report.
  public func finish() async throws -> RunSummary {
    let after = try await evaluateHeldOut(label: "after")
    let summary = RunSummary(
      before: progress.before, after: after, steps: progress.completedSteps,
      wallSeconds: progress.earlierSeconds + elapsedSeconds, rolloutTokens: progress.rolloutTokens,
      trainTokens: progress.trainTokens, policyDigest: await learner.digest)
    try writeAtomically(summary.json.serialized() + "\n", to: folder.summary)
    try await writeReport()
    return summary
  }

  /// Writes `report.html` of the run as it stands, finished or not.
  public func writeReport() async throws {
    try await RunReport(runFolder: folder).write()
  }

  private func evaluateHeldOut(label: String) async throws -> EvaluationResult {
    let split = recipe.evaluation.split
    let result = try await evaluate(
      label: "\(label)-\(split.rawValue)", split: split, count: recipe.evaluation.episodes)
    watch(
      .note(
        "\(label): success on \(result.episodes) held-out \(split.rawValue) tasks "
          + "\(NumberText.percent(result.successRate)) (95% interval \(NumberText.percent(result.interval.low)) to "
          + "\(NumberText.percent(result.interval.high)))"))
    return result
  }
}
