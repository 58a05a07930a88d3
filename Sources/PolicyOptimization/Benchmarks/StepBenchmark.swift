import AgentCore
import Rollouts

/// The size of a step to measure.
public struct StepShape: Sendable {
  public var prompts: Int
  public var group: Int
  public var promptTokens: Int
  public var completionTokens: Int
  public var turns: Int
  public var observationTokens: Int

  /// Describes a step.
  public init(
    prompts: Int, group: Int, promptTokens: Int, completionTokens: Int, turns: Int, observationTokens: Int
  ) {
    self.prompts = prompts
    self.group = group
    self.promptTokens = promptTokens
    self.completionTokens = completionTokens
    self.turns = turns
    self.observationTokens = observationTokens
  }

  /// Tokens of the whole step as a trainer that pads counts them.
  var paddedTokens: Int {
    prompts * group * (promptTokens + completionTokens + (turns - 1) * observationTokens)
  }
}

/// What a step took.
public struct StepTiming: Sendable {
  public var rolloutSeconds: Double
  public var trainSeconds: Double
  public var sampledTokens: Int
  public var paddedTokens: Int
  public var maxLogprobGap: Double
}

/// One GRPO step on random prompts, with random advantages: what is measured is the work, not the learning.
public struct StepBenchmark: Sendable {
  public let policy: LoadedPolicy
  private let learner: PolicyLearner
  private let shape: StepShape

  /// Prepares a benchmark; the policy's weights change with each step.
  public init(policy: LoadedPolicy, shape: StepShape, microbatchTokens: Int) {
    self.policy = policy
    self.shape = shape
    learner = PolicyLearner(policy: policy.engine, optimizer: OptimizerSettings(), microbatchTokens: microbatchTokens)
  }

  /// Runs step `index`; its prompts depend on nothing else.
  public func step(_ index: Int) async throws -> StepTiming {
    let started = ContinuousClock.now
    let episodes = try await withThrowingTaskGroup(of: (Int, [TrainingEpisode]).self) { tasks in
      for prompt in 0..<shape.prompts { tasks.addTask { (prompt, try await group(prompt, step: index)) } }
      var groups: [Int: [TrainingEpisode]] = [:]
      for try await (prompt, group) in tasks { groups[prompt] = group }
      return (0..<shape.prompts).flatMap { groups[$0] ?? [] }
    }
    let sampled = ContinuousClock.now
    let statistics = try await learner.update(
      episodes, objective: PolicyObjective(), learningRate: 1e-6, temperature: 1, checksLogprobs: true)
    return StepTiming(
      rolloutSeconds: started.duration(to: sampled).seconds, trainSeconds: sampled.duration(to: .now).seconds,
      sampledTokens: statistics.policyTokens, paddedTokens: shape.paddedTokens,
      maxLogprobGap: statistics.maxLogprobGap)
  }

  private func group(_ prompt: Int, step: Int) async throws -> [TrainingEpisode] {
    let root = try await policy.engine.open(prompt: randomIDs(shape.promptTokens, [step, prompt]))
    try await policy.engine.prefill(root)
    var members: [SequenceHandle] = []
    for _ in 0..<shape.group { members.append(try await policy.engine.fork(root)) }
    await policy.engine.release(root)
    return try await withThrowingTaskGroup(of: (Int, TrainingEpisode).self) { tasks in
      for (member, sequence) in members.enumerated() {
        tasks.addTask { (member, try await episode(sequence, [step, prompt, member])) }
      }
      var episodes: [Int: TrainingEpisode] = [:]
      for try await (member, episode) in tasks { episodes[member] = episode }
      return members.indices.compactMap { episodes[$0] }
    }
  }

  private func episode(_ sequence: SequenceHandle, _ coordinates: [Int]) async throws -> TrainingEpisode {
    var prompt = EncodedTokens()
    prompt.append(try await policy.engine.tokens(of: sequence), provenance: .user)
    var trajectory = Trajectory(
      id: "bench", environment: EnvironmentReference(name: "bench", version: "1"),
      task: EnvironmentTask(id: "bench", split: .train, category: "", difficulty: 0, payload: [:]), seed: 0,
      messages: [], prompt: prompt)
    var observed: [Int32] = []
    for turn in 0..<shape.turns {
      let tokens = shape.completionTokens * (turn + 1) / shape.turns - shape.completionTokens * turn / shape.turns
      let generation = try await policy.engine.generate(
        GenerationRequest(
          sequence: sequence, appending: observed, sampling: SamplingSettings(), maxTokens: tokens, stopTokenIDs: [],
          random: RandomStream(seed: 0, purpose: "bench", coordinates: coordinates + [turn])))
      var observation = Observation(messages: [])
      if turn + 1 < shape.turns {
        observed = randomIDs(shape.observationTokens, coordinates + [turn])
        var encoded = EncodedTokens()
        encoded.append(observed, provenance: .tool)
        observation.tokens = encoded
      }
      let action = Action(
        text: "", tokens: PolicyTokens(ids: generation.ids, logprobs: generation.logprobs), finish: .length)
      trajectory.turns.append(
        Turn(index: turn, action: action, observation: observation, reward: 0, startedAt: "", duration: .zero))
    }
    await policy.engine.release(sequence)
    var stream = RandomStream(seed: 0, purpose: "bench-advantage", coordinates: coordinates)
    return try TrainingEpisode(trajectory, advantages: trajectory.turns.map { _ in 2 * stream.uniform() - 1 })
  }

  private func randomIDs(_ count: Int, _ coordinates: [Int]) -> [Int32] {
    var stream = RandomStream(seed: 0, purpose: "bench-tokens", coordinates: coordinates)
    let vocabulary = policy.engine.configuration.vocabularySize
    return (0..<count).map { _ in Int32(stream.below(vocabulary)) }
  }
}

/// Prompt reading and decoding, timed apart.
public struct GenerationBenchmark: Sendable {
  private let policy: LoadedPolicy

  /// Prepares a benchmark.
  public init(policy: LoadedPolicy) { self.policy = policy }

  /// Reads `batch` prompts, then decodes all of them together.
  public func run(
    batch: Int, promptTokens: Int, newTokens: Int, index: Int
  ) async throws -> (prefillSeconds: Double, decodeSeconds: Double) {
    let vocabulary = policy.engine.configuration.vocabularySize
    var stream = RandomStream(seed: 0, purpose: "bench-tokens", index)
    var sequences: [SequenceHandle] = []
    let started = ContinuousClock.now
    for _ in 0..<batch {
      let prompt = (0..<promptTokens).map { _ in Int32(stream.below(vocabulary)) }
      let sequence = try await policy.engine.open(prompt: prompt)
      try await policy.engine.prefill(sequence)
      sequences.append(sequence)
    }
    let read = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for (number, sequence) in sequences.enumerated() {
        tasks.addTask {
          _ = try await policy.engine.generate(
            GenerationRequest(
              sequence: sequence, sampling: SamplingSettings(), maxTokens: newTokens, stopTokenIDs: [],
              random: RandomStream(seed: 0, purpose: "bench", index, number)))
        }
      }
      try await tasks.waitForAll()
    }
    let decoded = ContinuousClock.now
    for sequence in sequences { await policy.engine.release(sequence) }
    return (started.duration(to: read).seconds, read.duration(to: decoded).seconds)
  }
}
