import AgentCore
import Foundation
import Rollouts
import RunReports

extension TrainingRun {
  /// Reinforcement learning to the recipe's last step, or until `shouldStop`; a checkpoint lies behind either way.
  /// Does nothing before the recipe's warm-up is done.
  public func reinforce(until shouldStop: @Sendable () -> Bool) async throws {
    guard progress.isWarm || recipe.warmUp == nil else { return }
    if progress.completedSteps == 0 { try await checkpoint() }
    while !isTrained, !shouldStop() {
      try await step()
      progress.completedSteps += 1
      if isTrained || progress.completedSteps % recipe.training.checkpointEvery == 0 || shouldStop() {
        try await checkpoint()
      }
    }
  }

  /// Roll out, give credit, update, log.
  private func step() async throws {
    let step = progress.completedSteps + 1
    let started = ContinuousClock.now
    let description = await description(recipe.rollout.sampling)
    let rollout = try await collector.groups(
      step: step, firstTask: (recipe.warmUp?.episodes ?? 0) + (step - 1) * recipe.rollout.tasksPerStep,
      settings: recipe.rollout, description: description)
    let trajectories = rollout.groups.flatMap(\.self)
    guard !trajectories.isEmpty else {
      throw TrainingError.everyEpisodeFailed(step: step, reason: rollout.losses.firstReason ?? "unknown")
    }
    let rolloutSeconds = started.duration(to: .now).seconds
    let groups = try rollout.groups.map { try creditedEpisodes($0, by: estimator) }
    try await recordAdvantages(groups.flatMap(\.self))
    let learningRate = recipe.optimizer.learningRate(step: step - 1, of: recipe.training.steps)
    let updates = try await update(groups, step: step, learningRate: learningRate)
    progress.rolloutTokens += trajectories.reduce(0) { $0 + $1.sampledTokenCount }
    progress.trainTokens += updates.reduce(0) { $0 + $1.computedTokens }
    var fields = StepMetrics(
      step: step, trajectories: trajectories, groups: groups, losses: rollout.losses, updates: updates,
      learningRate: learningRate, rolloutSeconds: rolloutSeconds, stepSeconds: started.duration(to: .now).seconds
    ).fields
    try await addEvaluation(after: step, to: &fields)
    try log(fields, totalSteps: recipe.training.steps)
  }

  /// The step's updates: every epoch over all groups, in minibatches of whole groups.
  private func update(
    _ groups: [[TrainingEpisode]], step: Int, learningRate: Double
  ) async throws -> [UpdateStatistics] {
    var updates: [UpdateStatistics] = []
    for _ in 0..<recipe.training.epochs {
      let size = max(1, (groups.count + recipe.training.minibatches - 1) / recipe.training.minibatches)
      for start in stride(from: 0, to: groups.count, by: size) {
        let statistics = try await learner.update(
          groups[start..<min(start + size, groups.count)].flatMap(\.self), objective: recipe.objective,
          learningRate: learningRate, temperature: recipe.rollout.temperature, checksLogprobs: updates.isEmpty)
        // Invariant 3: on the weights that sampled, rollout and training give one number.
        guard statistics.maxLogprobGap < 1e-3 else {
          throw TrainingError.logprobGap(statistics.maxLogprobGap, step: step)
        }
        updates.append(statistics)
      }
    }
    return updates
  }

  private func recordAdvantages(_ episodes: [TrainingEpisode]) async throws {
    let values = episodes.map { episode -> (id: String, value: JSONValue) in
      let advantages = JSONValue.array(episode.advantages.map(JSONValue.double))
      return (episode.id, ["estimator": .string(recipe.credit.estimator), "advantages": advantages])
    }
    try await store.annotate(key: "advantages", values)
  }

  private func addEvaluation(after step: Int, to fields: inout JSONObject) async throws {
    guard recipe.evaluation.every > 0, step % recipe.evaluation.every == 0 else { return }
    let result = try await evaluate(
      label: "validation-s\(padded(step, 6))", split: .validation, count: recipe.evaluation.validationEpisodes)
    fields["eval_success_rate"] = .double(result.successRate)
    fields["eval_ci95_low"] = .double(result.interval.low)
    fields["eval_ci95_high"] = .double(result.interval.high)
  }
}
