import AgentCore
import Rollouts
import RunReports

extension TrainingRun {
  /// Imitates recorded oracle episodes until the recipe's stop; nothing if the recipe has no warm-up or it is done.
  public func warmUp() async throws {
    guard let settings = recipe.warmUp, !progress.isWarm else { return }
    watch(.note("warm-up: recording \(settings.episodes) oracle episodes"))
    let recorder = WarmUpRecorder(
      language: policy.language, sessions: sessions, environment: environment, seed: recipe.seed,
      taskOrder: taskOrder, idSuffix: collector.idSuffix, budget: collector.budget)
    let demonstrations = try await recorder.record(count: settings.episodes)
    for epoch in 0..<settings.epochs {
      try await imitate(demonstrations, epoch: epoch, settings)
      if let target = settings.stopAtSuccess, try await validates(target, epoch: epoch) { break }
    }
    await learner.resetOptimizer()
    progress.isWarm = true
  }

  /// One pass over the demonstrations in the epoch's own order.
  private func imitate(_ demonstrations: [TokenSequence], epoch: Int, _ settings: WarmUp) async throws {
    var order = Array(demonstrations.indices)
    var stream = RandomStream(seed: recipe.seed, purpose: "warmup-order", epoch)
    stream.shuffle(&order)
    let updates = (order.count + settings.batchEpisodes - 1) / settings.batchEpisodes
    for update in 0..<updates {
      let started = ContinuousClock.now
      let batch = order.dropFirst(update * settings.batchEpisodes).prefix(settings.batchEpisodes)
      let statistics = try await learner.imitate(
        batch.map { demonstrations[$0] }, learningRate: settings.learningRate)
      progress.trainTokens += statistics.computedTokens
      let seconds = started.duration(to: .now).seconds
      try log(
        [
          "step": JSONValue(epoch * updates + update + 1), "phase": .string(RunPhase.warmup.rawValue),
          "loss": .double(statistics.loss), "gradient_norm": .double(statistics.gradientNorm),
          "learning_rate": .double(settings.learningRate), "policy_tokens": JSONValue(statistics.policyTokens),
          "train_tokens_per_second": .double(Double(statistics.computedTokens) / max(seconds, 1e-9)),
          "step_seconds": .double(seconds),
        ], totalSteps: settings.epochs * updates)
    }
  }

  private func validates(_ target: Double, epoch: Int) async throws -> Bool {
    let result = try await evaluate(
      label: "warmup-validation-e\(padded(epoch, 3))", split: .validation,
      count: recipe.evaluation.validationEpisodes)
    watch(
      .note(
        "warm-up: epoch \(epoch + 1), success on \(result.episodes) validation tasks "
          + NumberText.percent(result.successRate)))
    return result.successRate >= target
  }
}
