import AgentCore
import BuiltinEnvironments
import Configuration
import EnvironmentKit
import Foundation
import LanguageModel
import Rollouts
import RunReports
import Synchronization

@testable import PolicyOptimization

/// A training run of a fraction of a second that still does everything: warm-up, evaluation, updates, checkpoints.
enum TinyRun {
  static let text = """
    name: tiny
    seed: 1
    policy:
      random: {layers: 1, width: 32, heads: 2, key_value_heads: 1, feed_forward_width: 64, context_length: 128}
    environment:
      name: calculator
      options: {templates: bare, steps: 1, digits: 1, operations: [add], system_prompt: ""}
    warmup: {episodes: 8, epochs: 10, batch_episodes: 4, learning_rate: 0.02}
    rollout: {tasks_per_step: 2, group_size: 4, max_turn_tokens: 24, max_episode_tokens: 96}
    optimizer: {learning_rate: 0.002}
    training: {steps: 4, checkpoint_every: 2, keep_checkpoints: 10, threads: 1}
    evaluation: {episodes: 6, every: 2, validation_episodes: 4}
    """

  static func recipe(_ assignments: String...) throws -> Recipe { try recipe(text, assignments) }

  static func recipe(_ text: String, _ assignments: [String]) throws -> Recipe {
    var document = try ConfigurationDocument(text: text, source: "tiny.yaml")
    for assignment in assignments { try document.set(assignment) }
    return try Recipe(document)
  }

  /// A run from its start to its summary.
  static func whole(_ recipe: Recipe, in folder: TemporaryFolder) async throws -> RunSummary {
    let run = try await start(recipe, in: folder)
    try await run.warmUp()
    try await run.evaluateBefore()
    try await run.reinforce(until: { false })
    return try await run.finish()
  }

  static func start(
    _ recipe: Recipe, in folder: TemporaryFolder, watch: @escaping @Sendable (RunEvent) -> Void = { _ in }
  ) async throws -> TrainingRun {
    try await TrainingRun.start(
      recipe, in: RunFolder(folder.path), environments: try EnvironmentRegistry.builtin(), watch: watch)
  }

  static func resume(_ folder: TemporaryFolder) async throws -> TrainingRun {
    try await TrainingRun.resume(
      RunFolder(folder.path), environments: try EnvironmentRegistry.builtin(), watch: { _ in })
  }

  /// A finished run that tests look at and do not change.
  static let shared = Task {
    let folder = try TemporaryFolder()
    return (folder: folder, summary: try await whole(recipe(), in: folder))
  }

  /// The rows of a run's metrics without what depends on the clock.
  static func timelessMetrics(_ folder: TemporaryFolder) throws -> [JSONObject] {
    try MetricsLog.read(path: RunFolder(folder.path).metrics).map { row in
      row.fields.filter { !$0.key.hasSuffix("_seconds") && !$0.key.hasSuffix("_per_second") }
    }
  }
}

/// Raised when a run has logged a step of reinforcement learning.
final class StopAfter: Sendable {
  private let step: Int
  private let raised = Atomic(false)

  init(step: Int) { self.step = step }

  var isRaised: Bool { raised.load(ordering: .acquiring) }

  var watch: @Sendable (RunEvent) -> Void {
    { [self] event in
      guard case .step(let row, _) = event, row.phase == .train, row.step >= step else { return }
      raised.store(true, ordering: .releasing)
    }
  }
}

/// A folder for one test, gone after it.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "training-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func text(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  /// Flips one bit in the middle of a file.
  func damage(_ name: String) throws {
    let url = URL(fileURLWithPath: "\(path)/\(name)")
    var data = try Data(contentsOf: url)
    data[data.count * 3 / 4] ^= 1
    try data.write(to: url)
  }
}
