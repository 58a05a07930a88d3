import AgentCore
import RunReports

/// What one step of reinforcement learning came to, as a line of `metrics.jsonl`.
struct StepMetrics {
  var step: Int
  var trajectories: [Trajectory]
  var groups: [[TrainingEpisode]]
  var losses: RolloutCollector.Losses
  var updates: [UpdateStatistics]
  var learningRate: Double
  var rolloutSeconds: Double
  var stepSeconds: Double

  var fields: JSONObject {
    var fields: JSONObject = ["step": JSONValue(step), "phase": .string(RunPhase.train.rawValue)]
    addRollout(to: &fields)
    addUpdate(to: &fields)
    addTimes(to: &fields)
    return fields
  }

  private func addRollout(to fields: inout JSONObject) {
    let result = EvaluationResult(trajectories)
    fields["return_mean"] = .double(result.meanReturn)
    fields["reward_mean"] = .double(mean(trajectories.map { $0.outcome?.reward ?? 0 }))
    fields["success_rate"] = .double(result.successRate)
    fields["turns_mean"] = .double(result.meanTurns)
    fields["invalid_call_rate"] = .double(result.invalidCallRate)
    fields["tool_calls_per_episode"] = .double(result.toolCallsPerEpisode)
    fields["episodes"] = JSONValue(trajectories.count)
    fields["episodes_lost"] = JSONValue(losses.count)
    let advantages = groups.flatMap { $0.flatMap(\.advantages) }
    fields["advantage_abs_mean"] = .double(mean(advantages.map(abs)))
    // A group whose advantages are all 0 teaches nothing: every member came to the same.
    fields["groups_dropped"] = JSONValue(groups.filter { $0.allSatisfy { $0.advantages.allSatisfy { $0 == 0 } } }.count)
    fields["masked_tokens"] = JSONValue(
      groups.joined().reduce(0) { sum, episode in
        sum + zip(episode.sequence.turnRanges, episode.isMasked).reduce(0) { $0 + ($1.1 ? $1.0.count : 0) }
      })
  }

  private func addUpdate(to fields: inout JSONObject) {
    fields["loss"] = .double(mean(updates.map(\.loss)))
    fields["gradient_norm"] = .double(mean(updates.map(\.gradientNorm)))
    fields["entropy"] = .double(mean(updates.map(\.entropy)))
    fields["clip_fraction"] = .double(mean(updates.map(\.clipFraction)))
    fields["divergence"] = .double(mean(updates.map(\.divergence)))
    fields["max_logprob_gap"] = .double(updates.map(\.maxLogprobGap).max() ?? 0)
    fields["policy_tokens"] = JSONValue(updates.reduce(0) { $0 + $1.policyTokens })
    fields["learning_rate"] = .double(learningRate)
  }

  private func addTimes(to fields: inout JSONObject) {
    let trainSeconds = stepSeconds - rolloutSeconds
    let sampled = trajectories.reduce(0) { $0 + $1.sampledTokenCount }
    let computed = updates.reduce(0) { $0 + $1.computedTokens }
    fields["rollout_tokens_per_second"] = .double(Double(sampled) / max(rolloutSeconds, 1e-9))
    fields["train_tokens_per_second"] = .double(Double(computed) / max(trainSeconds, 1e-9))
    fields["rollout_seconds"] = .double(rolloutSeconds)
    fields["train_seconds"] = .double(trainSeconds)
    fields["step_seconds"] = .double(stepSeconds)
  }

  private func mean(_ values: [Double]) -> Double { Statistics.mean(values) ?? 0 }
}
