import AgentCore
import BuiltinEnvironments
import EnvironmentKit
import LanguageModel
import Rollouts

@testable import PolicyOptimization

/// A small policy and episodes whose every token is chosen.
struct HandMadeEpisodes {
  let policy: LoadedPolicy

  /// The same weights every time.
  init(threads: Int = 1) throws {
    let tools = try EnvironmentRegistry.builtin().definition("calculator").toolSchemas
    let language = try PolicyLanguage.small(tools: tools)
    let configuration = TransformerConfiguration(
      vocabularySize: language.tokenizer.vocabularySize, width: 32, layers: 2, heads: 2, keyValueHeads: 1,
      headWidth: 16, feedForwardWidth: 64, ropeTheta: 10_000, normEpsilon: 1e-5, contextLength: 256,
      tiedEmbeddings: true)
    policy = LoadedPolicy(
      randomWith: configuration, language: language, seed: 1, name: "hand-made", threads: threads)
  }

  struct Turn {
    var ids: [Int32]
    var advantage: Double
    var observation: [Int32] = []
    var isMasked = false
  }

  static func ids(_ count: Int, seed: Int) -> [Int32] {
    var stream = RandomStream(seed: seed, purpose: "hand-made")
    return (0..<count).map { _ in Int32(stream.below(256)) }
  }

  /// An episode as the policy itself would have sampled it: with its log-probabilities, moved by `shift`.
  func episode(prompt: [Int32], _ turns: [Turn], shift: Float = 0) async throws -> TrainingEpisode {
    var tokens = EncodedTokens()
    tokens.append(prompt, provenance: .user)
    var trajectory = Trajectory(
      id: "e", environment: EnvironmentReference(name: "none", version: "1"),
      task: EnvironmentTask(id: "t", split: .train, category: "", difficulty: 0, payload: [:]), seed: 0, messages: [],
      prompt: tokens)
    let all = prompt + turns.flatMap { $0.ids + $0.observation }
    let logprobs = try await policy.engine.logprobs(of: all)
    var start = prompt.count
    for (index, turn) in turns.enumerated() {
      let sampled = turn.ids.indices.map { logprobs[start + $0 - 1] + shift }
      var observed = EncodedTokens()
      observed.append(turn.observation, provenance: .tool)
      trajectory.turns.append(
        AgentCore.Turn(
          index: index,
          action: Action(text: "", tokens: PolicyTokens(ids: turn.ids, logprobs: sampled), finish: .stop),
          observation: Observation(messages: [], tokens: observed), reward: 0, isMasked: turn.isMasked,
          startedAt: "", duration: .zero))
      start += turn.ids.count + turn.observation.count
    }
    return try TrainingEpisode(trajectory, advantages: turns.map(\.advantage))
  }

  /// Two turns, an observation between them.
  func twoTurns(
    seed: Int = 1, _ first: Double, _ second: Double, secondIsMasked: Bool = false, trailing: [Int32] = []
  ) async throws -> TrainingEpisode {
    try await episode(
      prompt: Self.ids(7, seed: seed),
      [
        Turn(ids: Self.ids(5, seed: seed + 100), advantage: first, observation: Self.ids(6, seed: seed + 200)),
        Turn(
          ids: Self.ids(4, seed: seed + 300), advantage: second, observation: trailing, isMasked: secondIsMasked),
      ])
  }

  func learner(microbatchTokens: Int = 4096) -> PolicyLearner {
    PolicyLearner(policy: policy.engine, optimizer: OptimizerSettings(), microbatchTokens: microbatchTokens)
  }
}

extension PolicyLearner {
  /// An on-policy update at temperature 1.
  func update(
    _ episodes: [TrainingEpisode], objective: PolicyObjective = PolicyObjective(), learningRate: Double = 0.001
  ) throws -> UpdateStatistics {
    try update(
      episodes, objective: objective, learningRate: learningRate, temperature: 1, checksLogprobs: true)
  }

  func set(_ tensor: String, to value: Float) {
    withState { model, _ in
      guard var values = model.parameters.values(of: tensor) else { return }
      values[0] = value
      model.parameters.setValues(values, of: tensor)
      model.parametersChanged()
    }
  }

  func firstValue(of tensor: String) -> Float? {
    withState { model, _ in model.parameters.values(of: tensor)?.first }
  }
}
