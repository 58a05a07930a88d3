import AgentCore
import BuiltinEnvironments
import EnvironmentKit
import Foundation
import LanguageModel
import Rollouts

/// A policy of a few thousand weights and the environment that it plays.
enum SmallPolicy {
  static func calculator(_ options: JSONObject = Self.options) throws -> EnvironmentDefinition {
    try EnvironmentRegistry.builtin().definition("calculator", options: options)
  }

  static let options: JSONObject = [
    "templates": "bare", "steps": 1, "digits": 1, "operations": ["add"], "system_prompt": "",
  ]

  static func language() throws -> PolicyLanguage { try .small(tools: try calculator().toolSchemas) }

  static func configuration(_ language: PolicyLanguage, contextLength: Int) -> TransformerConfiguration {
    TransformerConfiguration(
      vocabularySize: language.tokenizer.vocabularySize, width: 32, layers: 2, heads: 2, keyValueHeads: 1,
      headWidth: 16, feedForwardWidth: 64, ropeTheta: 10_000, normEpsilon: 1e-5, contextLength: contextLength,
      tiedEmbeddings: true)
  }

  /// The same seed gives the same weights.
  static func make(seed: Int = 1, threads: Int = 1, contextLength: Int = 512) throws -> LoadedPolicy {
    let language = try language()
    return LoadedPolicy(
      randomWith: configuration(language, contextLength: contextLength), language: language, seed: seed,
      name: "small", threads: threads)
  }

  /// Ids of the vocabulary's first 256, which are bytes.
  static func prompt(_ count: Int, seed: Int = 1) -> [Int32] {
    var stream = RandomStream(seed: seed, purpose: "test-prompt")
    return (0..<count).map { _ in Int32(stream.below(256)) }
  }
}

/// Changes weights, on their thread.
actor WeightEditor {
  private let policy: LocalPolicy
  nonisolated var unownedExecutor: UnownedSerialExecutor { policy.unownedExecutor }

  init(_ policy: LocalPolicy) { self.policy = policy }

  func set(_ tensor: String, to value: Float) {
    let model = policy.model()
    guard var values = model.parameters.values(of: tensor) else { return }
    values[0] = value
    model.parameters.setValues(values, of: tensor)
    model.parametersChanged()
  }

  func firstValue(of tensor: String) -> Float? { policy.model().parameters.values(of: tensor)?.first }

  func save(to folder: String) throws {
    let model = policy.model()
    try ModelFile.save(model.parameters, model.configuration, folder: folder)
  }
}

/// A folder for one test, gone after it.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "rollouts-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }
}
