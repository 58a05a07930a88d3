import AgentCore
import EnvironmentKit
import Rollouts
import SessionEngine
import Tokenization

/// Records episodes that the environment's oracle plays, for supervised warm-up.
///
/// They run through real sessions and are stored like any episode; their tokens are what a rollout would hold, with the
/// oracle's text in the policy's place.
struct WarmUpRecorder: Sendable {
  let language: PolicyLanguage
  let sessions: SessionEngine
  let environment: EnvironmentDefinition
  let seed: Int
  let taskOrder: TaskOrder
  let idSuffix: String
  let budget: EpisodeBudget

  /// Records one episode for each of the first `count` training tasks.
  /// - Throws: `TrainingError.noOracle`, `.demonstrationTooLong`.
  func record(count: Int) async throws -> [TokenSequence] {
    var sequences: [TokenSequence] = []
    for index in 0..<count { sequences.append(try await episode(index)) }
    return sequences
  }

  private func episode(_ index: Int) async throws -> TokenSequence {
    var stream = RandomStream(seed: seed, purpose: "warmup-session", index)
    let session = try await sessions.open(
      SessionRequest(
        environment: environment, task: .index(.train, taskOrder.index(index)),
        seed: stream.below(Int(Int32.max)), id: "warmup-\(padded(index, 5))\(idSuffix)",
        policy: PolicyDescription(name: "oracle", version: 0, digest: "", sampling: [:])))
    let prompt = try language.conversation.encodePrompt(messages: session.initialMessages, tools: session.tools)
    await session.annotatePrompt(prompt)
    var history = session.initialMessages
    for turn in 0... {
      guard let expert = try await session.oracleAction() else {
        // The error that is on its way says more than a failure to record the abort would.
        _ = try? await session.abort()
        throw TrainingError.noOracle(environment: environment.name)
      }
      let action = demonstrated(expert)
      let result = try await session.step(action)
      if result.isDone { break }
      let observed = try language.conversation.encodeObservation(
        history: history, observation: result.observation.messages, tools: session.tools, actionEndedWithStop: true)
      history.append(action.message)
      history += result.observation.messages
      try await session.annotateObservation(turn: turn, observed)
    }
    let sequence = try TokenSequence(await session.trajectory)
    guard sequence.tokens.ids.count <= budget.maxEpisodeTokens else {
      throw TrainingError.demonstrationTooLong(
        session.id, tokens: sequence.tokens.ids.count, limit: budget.maxEpisodeTokens)
    }
    return sequence
  }

  /// The oracle's action as the policy would have written it: its calls as text, encoded, with the end-of-turn token.
  /// No policy sampled these tokens, so their behaviour log-probability is that of a certainty.
  private func demonstrated(_ expert: Action) -> Action {
    var action = expert
    action.text = language.toolCalls.text(content: expert.text, calls: expert.toolCalls)
    let ids = language.tokenizer.encode(action.text) + [language.conversation.endOfTurnID]
    action.tokens = PolicyTokens(ids: ids, logprobs: Array(repeating: 0, count: ids.count))
    return action
  }
}
