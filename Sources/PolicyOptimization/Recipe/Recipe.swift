import AgentCore
import Configuration
import Foundation

/// Everything that defines a training run. The same recipe and seed give the same weights.
public struct Recipe: Sendable {
  public var name: String
  public var seed: Int
  public var policy: PolicySource
  public var environment: EnvironmentSelection
  public var warmUp: WarmUp?
  public var rollout: RolloutSettings
  public var credit: CreditSettings
  public var objective: PolicyObjective
  public var optimizer: OptimizerSettings
  public var training: TrainingSettings
  public var evaluation: EvaluationSettings

  /// Reads a recipe file, with `--set key=value` assignments applied first.
  /// - Throws: `ConfigurationError` with file, line, column and key.
  public init(file: String, assignments: [String] = []) throws {
    var document = try ConfigurationDocument(file: file)
    for assignment in assignments { try document.set(assignment) }
    try self.init(document)
  }

  /// Reads a parsed recipe.
  public init(_ document: ConfigurationDocument) throws {
    var top = document.section
    name = try top.string("name")
    top.declare("description")
    seed = try top.int("seed", default: 1, in: 0...Int(Int32.max))
    policy = try PolicySource(top.section("policy"))
    environment = try EnvironmentSelection(top.section("environment"))
    warmUp = try top.optionalSection("warmup").map { try WarmUp($0) }
    rollout = try RolloutSettings(top.section("rollout"), episodeTokens: policy.defaultEpisodeTokens)
    var algorithm = try top.section("algorithm")
    credit = try CreditSettings(&algorithm)
    objective = try PolicyObjective(&algorithm)
    try algorithm.finish()
    optimizer = try OptimizerSettings(top.section("optimizer"))
    training = try TrainingSettings(top.section("training"))
    evaluation = try EvaluationSettings(top.section("evaluation"))
    try top.finish()
  }
}

/// Where the policy's weights come from.
public enum PolicySource: Sendable, Equatable {
  /// A `.gguf` file or a folder with safetensors.
  case file(path: String)
  /// Random weights for a small byte-level transformer.
  case random(RandomPolicy)

  init(_ section: ConfigurationSection) throws {
    var section = section
    if let random = try section.optionalSection("random") {
      guard !section.contains("path") else { throw section.error("path", "give either `path` or `random`") }
      section.declare("path")
      self = .random(try RandomPolicy(random))
    } else {
      self = .file(path: absolutePath(try section.string("path")))
    }
    try section.finish()
  }

  /// The whole context of a small policy; a length that most episodes stay below for a real one.
  var defaultEpisodeTokens: Int {
    switch self {
    case .file: 1024
    case .random(let shape): shape.contextLength
    }
  }
}

/// A path that means the same wherever a run is resumed from.
private func absolutePath(_ path: String) -> String { URL(fileURLWithPath: path).path }

/// The shape of a randomly initialised policy. Its tokenizer has one id per byte plus the special tokens.
public struct RandomPolicy: Sendable, Equatable {
  public var layers: Int
  public var width: Int
  public var heads: Int
  public var keyValueHeads: Int
  public var feedForwardWidth: Int
  /// Longest sequence in tokens.
  public var contextLength: Int

  init(_ section: ConfigurationSection) throws {
    var section = section
    layers = try section.int("layers", default: 4, in: 1...64)
    width = try section.int("width", default: 128, in: 8...4096)
    heads = try section.int("heads", default: 4, in: 1...64)
    keyValueHeads = try section.int("key_value_heads", default: heads, in: 1...64)
    feedForwardWidth = try section.int("feed_forward_width", default: width * 3, in: 8...16384)
    contextLength = try section.int("context_length", default: 512, in: 16...131_072)
    guard width % heads == 0, (width / heads) % 2 == 0 else {
      throw section.error("heads", "\(width) (width) must be an even multiple of \(heads) (heads)")
    }
    guard heads % keyValueHeads == 0 else {
      throw section.error("key_value_heads", "\(heads) (heads) must be a multiple of \(keyValueHeads)")
    }
    try section.finish()
  }
}

/// Which environment, and what is set in it.
public struct EnvironmentSelection: Sendable, Equatable {
  /// A built-in name or the path of a folder with an `environment.yaml`.
  public var name: String
  /// Options of the environment's task source and prompt.
  public var options: JSONObject

  /// Selects an environment.
  public init(name: String, options: JSONObject = .empty) {
    self.name = name
    self.options = options
  }

  init(_ section: ConfigurationSection) throws {
    var section = section
    let name = try section.string("name")
    self.name = name.contains("/") ? absolutePath(name) : name
    options = try section.jsonObject("options")
    try section.finish()
  }
}
