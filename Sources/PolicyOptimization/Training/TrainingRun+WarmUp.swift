import AgentCore
import Rollouts
import RunReports
import TerminalOutput

extension TrainingRun {
  /// Imitates recorded oracle episodes until the recipe's stop; nothing if the recipe has no warm-up or it is done.
  ///
  /// A warm-up that `shouldStop` ends is not done: it has no checkpoint, and a resumed run begins it again.
  public func warmUp(until shouldStop: @Sendable () -> Bool = { false }) async throws {
    guard let settings = recipe.warmUp, !progress.isWarm else { return }
    watch(.note("warm-up: recording \(settings.episodes) oracle episodes"))
    let recorder = WarmUpRecorder(
      language: policy.language, sessions: sessions, environment: environment, seed: recipe.seed,
      taskOrder: taskOrder, idSuffix: collector.idSuffix, budget: collector.budget)
    let demonstrations = try await recorder.record(count: settings.episodes)
    guard try await imitate(demonstrations, settings, until: shouldStop) else { return }
    await learner.resetOptimizer()
    progress.isWarm = true
  }

  /// Passes over the demonstrations, each in an order of its own, until the target or the last epoch.
  /// - Returns: whether it came to either.
  private func imitate(
    _ demonstrations: [TokenSequence], _ settings: WarmUp, until shouldStop: @Sendable () -> Bool
  ) async throws -> Bool {
    let updates = (demonstrations.count + settings.batchEpisodes - 1) / settings.batchEpisodes
    var taken = 0
    for epoch in 0..<settings.epochs {
      var order = Array(demonstrations.indices)
      var stream = RandomStream(seed: recipe.seed, purpose: "warmup-order", epoch)
      stream.shuffle(&order)
      for start in stride(from: 0, to: order.count, by: settings.batchEpisodes) {
        if shouldStop() { return false }
        let batch = order[start..<min(start + settings.batchEpisodes, order.count)]
        taken += 1
        try await imitate(batch.map { demonstrations[$0] }, update: taken, of: settings.epochs * updates, settings)
        if try await reachesTarget(settings, update: taken) { return true }
      }
    }
    return true
  }

  private func imitate(
    _ batch: [TokenSequence], update: Int, of total: Int, _ settings: WarmUp
  ) async throws {
    let started = ContinuousClock.now
    let statistics = try await learner.imitate(batch, learningRate: settings.learningRate)
    progress.trainTokens += statistics.computedTokens
    let seconds = started.duration(to: .now).seconds
    try log(
      [
        "step": JSONValue(update), "phase": .string(RunPhase.warmup.rawValue), "loss": .double(statistics.loss),
        "gradient_norm": .double(statistics.gradientNorm), "learning_rate": .double(settings.learningRate),
        "policy_tokens": JSONValue(statistics.policyTokens),
        "train_tokens_per_second": .double(Double(statistics.computedTokens) / max(seconds, 1e-9)),
        "step_seconds": .double(seconds),
      ], totalSteps: total)
  }

  private func reachesTarget(_ settings: WarmUp, update: Int) async throws -> Bool {
    guard let target = settings.stopAtSuccess, update % settings.validateEvery == 0 else { return false }
    let result = try await evaluate(
      label: "warmup-validation-\(padded(update, 5))", split: .validation,
      count: recipe.evaluation.validationEpisodes)
    guard result.successRate >= target else { return false }
    watch(
      .note(
        "warm-up: stopped after \(update) updates at \(NumberText.percent(result.successRate)) success on "
          + "\(result.episodes) validation tasks"))
    return true
  }
}
