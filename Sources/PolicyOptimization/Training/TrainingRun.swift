import AgentCore
import EnvironmentKit
import Foundation
import LanguageModel
import Rollouts
import RunReports
import SessionEngine
import TrajectoryStore

/// What a run tells whoever watches it.
public enum RunEvent: Sendable {
  /// Something worth a line of its own.
  case note(String)
  /// A step was taken.
  case step(MetricsRow, totalSteps: Int)
}

/// One training run: a recipe, its folder, and the parts that it is made of.
///
/// The order of a run is warm-up, evaluation, reinforcement learning, evaluation; `agentrl train` calls them in turn.
public actor TrainingRun {
  public nonisolated let recipe: Recipe
  public nonisolated let folder: RunFolder
  let policy: LoadedPolicy
  let learner: PolicyLearner
  let sessions: SessionEngine
  let store: TrajectoryStore
  let estimator: any CreditEstimator
  let taskOrder: TaskOrder
  let environment: EnvironmentDefinition
  let collector: RolloutCollector
  let metrics: MetricsLog
  let tensorBoard: TensorBoardWriter
  let watch: @Sendable (RunEvent) -> Void
  /// How far the run is; what a checkpoint keeps.
  var progress: RunProgressState
  private var clockStarted = ContinuousClock.now

  /// Starts a run in a new folder.
  /// - Throws: `TrainingError.runExists`; whatever is wrong with the policy, the environment or the store.
  public static func start(
    _ recipe: Recipe, in folder: RunFolder, environments: EnvironmentRegistry,
    watch: @escaping @Sendable (RunEvent) -> Void
  ) async throws -> TrainingRun {
    // Everything that can be wrong with the recipe is found before anything is written.
    let definition = try environments.definition(for: recipe.environment)
    let policy = try LoadedPolicy(recipe, tools: definition.toolSchemas)
    try folder.create(recipe: recipe)
    return try await TrainingRun(recipe, folder, policy, definition, RunProgressState(), watch: watch)
  }

  /// Continues a run from its newest checkpoint, or from its start if it has none yet.
  /// - Throws: `TrainingError.noRun`, `.badCheckpoint`; whatever `start` throws for the same recipe.
  public static func resume(
    _ folder: RunFolder, environments: EnvironmentRegistry, watch: @escaping @Sendable (RunEvent) -> Void
  ) async throws -> TrainingRun {
    guard FileManager.default.fileExists(atPath: folder.recipe) else { throw TrainingError.noRun(folder.path) }
    let recipe = try Recipe(file: folder.recipe)
    let definition = try environments.definition(for: recipe.environment)
    let policy = try LoadedPolicy(recipe, tools: definition.toolSchemas)
    var state = RunProgressState()
    let step = folder.checkpointSteps().last
    if let step { state = try RunProgressState(checkpoint: folder.checkpoint(step: step)) }
    state.attempt = try folder.nextAttempt()
    try MetricsLog.truncate(path: folder.metrics, after: state.completedSteps)
    if !state.isWarm { try MetricsLog.truncate(path: folder.metrics, after: 0, of: .warmup) }
    let run = try await TrainingRun(recipe, folder, policy, definition, state, watch: watch)
    if let step { try await run.restoreWeights(folder.checkpoint(step: step)) }
    return run
  }

  private init(
    _ recipe: Recipe, _ folder: RunFolder, _ policy: LoadedPolicy, _ definition: EnvironmentDefinition,
    _ progress: RunProgressState, watch: @escaping @Sendable (RunEvent) -> Void
  ) async throws {
    self.recipe = recipe
    self.folder = folder
    self.policy = policy
    self.progress = progress
    self.watch = watch
    learner = PolicyLearner(
      policy: policy.engine, optimizer: recipe.optimizer, microbatchTokens: recipe.training.microbatchTokens)
    store = try TrajectoryStore(path: folder.trajectories)
    sessions = SessionEngine(store: store, limits: SessionLimits(maxSessions: Int.max))
    estimator = try CreditMethods.make(recipe.credit.estimator, options: recipe.credit.options)
    taskOrder = TaskOrder(count: definition.tasks.count(of: .train), seed: recipe.seed)
    environment = definition
    collector = RolloutCollector(
      policy: policy, sessions: sessions, environment: definition,
      budget: EpisodeBudget(
        maxTurnTokens: recipe.rollout.maxTurnTokens, maxEpisodeTokens: recipe.rollout.maxEpisodeTokens),
      taskOrder: taskOrder, seed: recipe.seed, idSuffix: progress.attempt > 0 ? "-r\(progress.attempt)" : "")
    metrics = try MetricsLog(path: folder.metrics)
    tensorBoard = try TensorBoardWriter(
      folder: folder.path, resumingAt: progress.attempt > 0 ? progress.completedSteps + 1 : nil)
  }

  // MARK: What the phases share

  /// The policy version that acts now.
  func description(_ sampling: SamplingSettings) async -> PolicyDescription {
    PolicyDescription(
      name: recipe.name, version: await learner.version, digest: await learner.digest, sampling: sampling.json)
  }

  /// Appends a line to `metrics.jsonl` and the event file, and tells the watcher.
  func log(_ fields: JSONObject, totalSteps: Int) throws {
    let row = try metrics.append(fields)
    try tensorBoard.write(row)
    watch(.step(row, totalSteps: totalSteps))
  }

  /// Seconds since this process began on the run.
  var elapsedSeconds: Double { clockStarted.duration(to: .now).seconds }

  /// Success on held-out tasks, greedy unless the recipe says otherwise.
  func evaluate(label: String, split: Split, count: Int) async throws -> EvaluationResult {
    let sampling = SamplingSettings(temperature: Float(recipe.evaluation.temperature))
    let trajectories = try await collector.evaluation(
      label: label, split: split, count: count, sampling: sampling, description: await description(sampling))
    progress.rolloutTokens += trajectories.reduce(0) { $0 + $1.sampledTokenCount }
    return EvaluationResult(trajectories)
  }

  /// Whether reinforcement learning has steps left.
  public var isTrained: Bool { progress.completedSteps >= recipe.training.steps }
}

extension LoadedPolicy {
  /// The policy that a recipe starts from.
  /// - Throws: `TrainingError.contextTooShort` if it cannot hold the episodes that the recipe asks for.
  init(_ recipe: Recipe, tools: [ToolSchema]) throws {
    switch recipe.policy {
    case .file(let path): try self.init(path: path, name: recipe.name, threads: recipe.training.threads)
    case .random(let shape):
      let language = try PolicyLanguage.small(tools: tools)
      self.init(
        randomWith: shape.configuration(vocabularySize: language.tokenizer.vocabularySize), language: language,
        seed: recipe.seed, name: recipe.name, threads: recipe.training.threads)
    }
    let context = engine.configuration.contextLength
    guard recipe.rollout.maxEpisodeTokens <= context else {
      throw TrainingError.contextTooShort(policy: context, needed: recipe.rollout.maxEpisodeTokens)
    }
  }
}

extension RandomPolicy {
  fileprivate func configuration(vocabularySize: Int) -> TransformerConfiguration {
    TransformerConfiguration(
      vocabularySize: vocabularySize, width: width, layers: layers, heads: heads, keyValueHeads: keyValueHeads,
      headWidth: width / heads, feedForwardWidth: feedForwardWidth, ropeTheta: 10_000, normEpsilon: 1e-5,
      contextLength: contextLength, tiedEmbeddings: true)
  }
}

extension EnvironmentRegistry {
  /// The environment that a recipe or a command line selects, with its options.
  public func definition(for selection: EnvironmentSelection) throws -> EnvironmentDefinition {
    var registry = self
    let name = try registry.resolve(selection.name)
    return try registry.definition(name, options: selection.options)
  }
}

extension Trajectory {
  /// Tokens that the policy wrote in it.
  var sampledTokenCount: Int { turns.reduce(0) { $0 + ($1.action.tokens?.ids.count ?? 0) } }
}

extension Duration {
  /// The duration in seconds.
  var seconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
