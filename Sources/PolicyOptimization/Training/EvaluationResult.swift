import AgentCore
import RunReports

/// What a policy achieves on a set of tasks.
public struct EvaluationResult: Sendable, Equatable {
  public var episodes: Int
  public var successRate: Double
  /// Wilson 95% interval of the success rate.
  public var interval: Interval
  public var meanReturn: Double
  public var meanTurns: Double
  /// Malformed and refused tool calls as a part of all tool calls.
  public var invalidCallRate: Double
  public var toolCallsPerEpisode: Double

  /// Sums up finished episodes.
  public init(_ trajectories: [Trajectory]) {
    let count = Double(max(trajectories.count, 1))
    let successes = trajectories.filter { $0.outcome?.isSuccess == true }.count
    let turns = trajectories.flatMap(\.turns)
    let calls = turns.reduce(0) { $0 + $1.action.toolCalls.count }
    let malformed = turns.reduce(0) { $0 + $1.action.malformedCalls.count }
    let refused = turns.reduce(0) { $0 + $1.toolResults.filter { $0.status == .denied }.count }
    episodes = trajectories.count
    successRate = Double(successes) / count
    interval = Statistics.wilsonInterval(successes: successes, trials: trajectories.count)
    meanReturn = trajectories.reduce(0) { $0 + $1.totalReturn } / count
    meanTurns = Double(turns.count) / count
    invalidCallRate = calls + malformed > 0 ? Double(malformed + refused) / Double(calls + malformed) : 0
    toolCallsPerEpisode = Double(calls) / count
  }

  /// The machine-readable form that `agentrl eval --json` prints and `summary.json` keeps.
  public var json: JSONValue {
    [
      "success_rate": .double(successRate), "mean_return": .double(meanReturn), "mean_turns": .double(meanTurns),
      "invalid_call_rate": .double(invalidCallRate), "tool_calls_per_episode": .double(toolCallsPerEpisode),
      "episodes": JSONValue(episodes), "ci95": [.double(interval.low), .double(interval.high)],
    ]
  }
}
