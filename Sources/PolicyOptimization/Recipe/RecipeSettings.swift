import AgentCore
import Configuration

/// Supervised warm-up on episodes that the environment's oracle plays.
public struct WarmUp: Sendable, Equatable {
  /// Oracle episodes, drawn from the training tasks.
  public var episodes: Int
  /// At most so many passes over them.
  public var epochs: Int
  /// Episodes per update.
  public var batchEpisodes: Int
  public var learningRate: Double
  /// Stop once the success rate on validation tasks reaches this; nil runs all epochs.
  public var stopAtSuccess: Double?
  /// Updates between two such measurements.
  public var validateEvery: Int

  init(_ section: ConfigurationSection) throws {
    var section = section
    episodes = try section.int("episodes", default: 256, in: 1...1_000_000)
    epochs = try section.int("epochs", default: 1, in: 1...1000)
    batchEpisodes = try section.int("batch_episodes", default: 16, in: 1...4096)
    learningRate = try section.double("learning_rate", default: 1e-4, in: 0...1)
    stopAtSuccess = try section.optionalDouble("stop_at_success", in: 0...1)
    validateEvery = try section.int("validate_every", default: 10, in: 1...1_000_000)
    try section.finish()
  }
}

/// How episodes are played.
public struct RolloutSettings: Sendable, Equatable {
  /// Tasks, and so groups, per step.
  public var tasksPerStep: Int
  /// G, episodes per group.
  public var groupSize: Int
  public var temperature: Double
  public var topK: Int
  public var topP: Double
  public var minP: Double
  /// Most tokens that the policy may write in one turn.
  public var maxTurnTokens: Int
  /// Most tokens in an episode, prompt and observations included; at most the policy's context.
  public var maxEpisodeTokens: Int

  /// - Parameter episodeTokens: the default of `max_episode_tokens`.
  init(_ section: ConfigurationSection, episodeTokens: Int) throws {
    var section = section
    tasksPerStep = try section.int("tasks_per_step", default: 8, in: 1...4096)
    groupSize = try section.int("group_size", default: 8, in: 1...1024)
    temperature = try section.double("temperature", default: 1, in: 0.01...10)
    topK = try section.int("top_k", default: 0, in: 0...1_000_000)
    topP = try section.double("top_p", default: 1, in: 1e-6...1)
    minP = try section.double("min_p", default: 0, in: 0...1)
    maxTurnTokens = try section.int("max_turn_tokens", default: 128, in: 1...131_072)
    maxEpisodeTokens = try section.int("max_episode_tokens", default: episodeTokens, in: 2...1_048_576)
    try section.finish()
  }
}

/// The credit estimator and its options.
public struct CreditSettings: Sendable, Equatable {
  public var estimator: String
  public var options: JSONObject

  init(_ section: inout ConfigurationSection) throws {
    estimator = try section.optionalString("estimator") ?? "turn_return"
    options = try section.jsonObject("estimator_options")
    do {
      _ = try CreditMethods.make(estimator, options: options)
    } catch let error as CreditError {
      throw section.error("estimator", error.description)
    } catch let error as JSONError {
      throw section.error("estimator_options", error.description)
    }
  }
}

extension PolicyObjective {
  init(_ section: inout ConfigurationSection) throws {
    self.init(
      ratioLevel: try section.choice("ratio", default: .token),
      clipLow: try section.double("clip_low", default: 0.2, in: 0...1),
      clipHigh: try section.double("clip_high", default: 0.28, in: 0...1e6),
      aggregation: try section.choice("aggregation", default: .token),
      constantLength: try section.int("constant_length", default: 1024, in: 1...1_000_000),
      entropyCoefficient: try section.double("entropy_coefficient", default: 0, in: -10...10))
  }
}

/// AdamW and its schedule.
public struct OptimizerSettings: Sendable, Equatable {
  public var learningRate: Double
  /// Steps over which the learning rate rises linearly from 0.
  public var rampSteps: Int
  /// The learning rate at the last step as a part of the first; the fall is linear.
  public var finalFraction: Double
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  public var weightDecay: Double
  /// Largest norm of the gradient; 0 clips nothing.
  public var gradientClip: Double

  init(_ section: ConfigurationSection) throws {
    var section = section
    learningRate = try section.double("learning_rate", default: 1e-5, in: 0...1)
    rampSteps = try section.int("ramp_steps", default: 0, in: 0...1_000_000)
    finalFraction = try section.double("final_fraction", default: 1, in: 0...1)
    beta1 = try section.double("beta1", default: 0.9, in: 0...0.999_999)
    beta2 = try section.double("beta2", default: 0.999, in: 0...0.999_999_9)
    epsilon = try section.double("epsilon", default: 1e-8, in: 1e-16...1)
    weightDecay = try section.double("weight_decay", default: 0, in: 0...10)
    gradientClip = try section.double("gradient_clip", default: 1, in: 0...1e9)
    try section.finish()
  }

  /// The learning rate of step `step` (from 0) of `steps`.
  public func learningRate(step: Int, of steps: Int) -> Double {
    let ramp = rampSteps > 0 ? min(1, Double(step + 1) / Double(rampSteps)) : 1
    let position = steps > 1 ? Double(step) / Double(steps - 1) : 0
    return learningRate * ramp * (1 - (1 - finalFraction) * position)
  }
}

/// The training loop.
public struct TrainingSettings: Sendable, Equatable {
  public var steps: Int
  /// Passes over each step's episodes.
  public var epochs: Int
  /// Updates per pass; episodes are split by group.
  public var minibatches: Int
  /// Most tokens in one forward and backward pass; bounds memory, does not change the result's meaning.
  public var microbatchTokens: Int
  public var checkpointEvery: Int
  public var keepCheckpoints: Int
  /// 0 uses every core.
  public var threads: Int

  init(_ section: ConfigurationSection) throws {
    var section = section
    steps = try section.int("steps", default: 100, in: 0...10_000_000)
    epochs = try section.int("epochs", default: 1, in: 1...64)
    minibatches = try section.int("minibatches", default: 1, in: 1...1024)
    microbatchTokens = try section.int("microbatch_tokens", default: 3072, in: 16...1_000_000)
    checkpointEvery = try section.int("checkpoint_every", default: 25, in: 1...1_000_000)
    keepCheckpoints = try section.int("keep_checkpoints", default: 2, in: 1...1000)
    threads = try section.int("threads", default: 0, in: 0...1024)
    try section.finish()
  }
}

/// How success is measured.
public struct EvaluationSettings: Sendable, Equatable {
  public var split: Split
  /// Tasks of that split, from the first on: the same ones before and after training.
  public var episodes: Int
  /// 0 takes the most likely token.
  public var temperature: Double
  /// Measure on validation tasks every so many steps; 0 never.
  public var every: Int
  /// Validation tasks for those measurements.
  public var validationEpisodes: Int

  init(_ section: ConfigurationSection) throws {
    var section = section
    split = try section.choice("split", default: .test)
    episodes = try section.int("episodes", default: 200, in: 1...1_000_000)
    temperature = try section.double("temperature", default: 0, in: 0...10)
    every = try section.int("every", default: 0, in: 0...1_000_000)
    validationEpisodes = try section.int("validation_episodes", default: 100, in: 1...1_000_000)
    try section.finish()
  }
}

extension OptimizerSettings {
  /// The defaults of every key.
  public init() {
    learningRate = 1e-5
    rampSteps = 0
    finalFraction = 1
    beta1 = 0.9
    beta2 = 0.999
    epsilon = 1e-8
    weightDecay = 0
    gradientClip = 1
  }
}
