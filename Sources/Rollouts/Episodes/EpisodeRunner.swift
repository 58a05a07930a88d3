import AgentCore
import SessionEngine
import Tokenization

/// Plays episodes: a policy on one side, a session on the other, token ids in between.
///
/// The policy's sampled ids are recorded as they are and never encoded again; only what comes from the environment is
/// encoded, once, and appended. So the prompt of a turn is, id for id, everything before it (invariant 1).
public struct EpisodeRunner: Sendable {
  private let engine: any PolicyEngine
  private let language: PolicyLanguage
  private let sessions: SessionEngine
  private let sampling: SamplingSettings
  private let budget: EpisodeBudget
  private let policy: PolicyDescription

  /// A runner of one policy version.
  public init(
    engine: any PolicyEngine, policy: PolicyLanguage, sessions: SessionEngine, sampling: SamplingSettings,
    budget: EpisodeBudget, description: PolicyDescription
  ) {
    self.engine = engine
    language = policy
    self.sessions = sessions
    self.sampling = sampling
    self.budget = budget
    self.policy = description
  }

  /// Plays one episode.
  public func play(_ plan: EpisodePlan) async throws -> Trajectory {
    let opened = try await open(plan)
    let sequence = try await abortingOnError([opened]) { try await engine.open(prompt: opened.prompt.ids) }
    return try await finish(opened, on: sequence)
  }

  /// Plays a group: one prompt, computed once, and a fork of it for each member.
  /// - Throws: `RolloutError.promptsDiffer` if the members were given different prompts.
  public func playGroup(_ plans: [EpisodePlan]) async throws -> [Trajectory] {
    var opened: [OpenEpisode] = []
    for plan in plans { opened.append(try await abortingOnError(opened) { try await open(plan) }) }
    let sequences = try await abortingOnError(opened) { try await forkedSequences(for: opened) }
    return try await withThrowingTaskGroup(of: (Int, Trajectory).self) { tasks in
      for (index, episode) in opened.enumerated() {
        let sequence = sequences[index]
        tasks.addTask { (index, try await finish(episode, on: sequence)) }
      }
      var trajectories: [Int: Trajectory] = [:]
      for try await (index, trajectory) in tasks { trajectories[index] = trajectory }
      return plans.indices.compactMap { trajectories[$0] }
    }
  }

  /// One sequence a member, each a fork of their common prompt.
  private func forkedSequences(for group: [OpenEpisode]) async throws -> [SequenceHandle] {
    guard let first = group.first else { return [] }
    guard group.allSatisfy({ $0.prompt == first.prompt }) else {
      throw RolloutError.promptsDiffer(group: first.plan.groupID ?? first.plan.id)
    }
    let root = try await engine.open(prompt: first.prompt.ids)
    try await engine.prefill(root)
    var sequences: [SequenceHandle] = []
    for _ in group { sequences.append(try await engine.fork(root)) }
    await engine.release(root)
    return sequences
  }

  // MARK: One episode

  private struct OpenEpisode: Sendable {
    let plan: EpisodePlan
    let session: Session
    let prompt: EncodedTokens
  }

  private func open(_ plan: EpisodePlan) async throws -> OpenEpisode {
    let session = try await sessions.open(
      SessionRequest(
        environment: plan.environment, task: plan.task, seed: plan.sessionSeed, id: plan.id,
        groupID: plan.groupID, policy: policy))
    let episode = OpenEpisode(plan: plan, session: session, prompt: EncodedTokens())
    return try await abortingOnError([episode]) {
      let prompt = try language.conversation.encodePrompt(messages: session.initialMessages, tools: session.tools)
      guard prompt.ids.count < budget.maxEpisodeTokens else {
        throw RolloutError.promptTooLong(
          trajectory: plan.id, tokens: prompt.ids.count, limit: budget.maxEpisodeTokens)
      }
      await session.annotatePrompt(prompt)
      return OpenEpisode(plan: plan, session: session, prompt: prompt)
    }
  }

  /// Leaves no session open behind an error.
  private func abortingOnError<Value>(
    _ episodes: [OpenEpisode], _ body: () async throws -> Value
  ) async throws -> Value {
    do {
      return try await body()
    } catch {
      // The error that is on its way says more than a failure to record the abort would.
      for episode in episodes { _ = try? await episode.session.abort() }
      throw error
    }
  }

  private func finish(_ episode: OpenEpisode, on sequence: SequenceHandle) async throws -> Trajectory {
    do {
      let trajectory = try await abortingOnError([episode]) {
        try await playTurns(episode, on: sequence)
        let trajectory = await episode.session.trajectory
        try await checkTokenPath(trajectory, sequence)
        return trajectory
      }
      await engine.release(sequence)
      return trajectory
    } catch {
      await engine.release(sequence)
      throw error
    }
  }

  private func playTurns(_ episode: OpenEpisode, on sequence: SequenceHandle) async throws {
    var observed: [Int32] = []
    var length = episode.prompt.ids.count
    var history = episode.session.initialMessages
    for turn in 0... {
      let generation = try await engine.generate(
        GenerationRequest(
          sequence: sequence, appending: observed, sampling: sampling,
          maxTokens: min(budget.maxTurnTokens, budget.maxEpisodeTokens - length),
          stopTokenIDs: language.conversation.stopTokenIDs,
          random: RandomStream(
            seed: episode.plan.samplingSeed, purpose: "sampling", coordinates: episode.plan.coordinates + [turn])))
      length += generation.ids.count
      let action = action(from: generation, turn: turn)
      let result = try await episode.session.step(action)
      if result.isDone { return }
      let encoded = try language.conversation.encodeObservation(
        history: history, observation: result.observation.messages, tools: episode.session.tools,
        actionEndedWithStop: generation.finish == .stop)
      history.append(action.message)
      history += result.observation.messages
      length += encoded.ids.count
      guard length < budget.maxEpisodeTokens else {
        try await episode.session.endAtTokenLimit()
        return
      }
      try await episode.session.annotateObservation(turn: turn, encoded)
      observed = encoded.ids
    }
  }

  /// Decodes what was sampled and reads the tool calls in it.
  private func action(from generation: Generation, turn: Int) -> Action {
    let text = language.text(of: generation)
    let parsed = language.toolCalls.parse(text)
    return Action(
      text: text,
      toolCalls: parsed.toolCalls.enumerated().map { index, call in
        ToolCall(id: "call_\(turn)_\(index)", name: call.name, arguments: call.arguments)
      },
      malformedCalls: parsed.malformedCalls,
      tokens: PolicyTokens(ids: generation.ids, logprobs: generation.logprobs), finish: generation.finish)
  }

  /// Invariant 1, at run time: the record, flattened, is what the policy's sequence holds.
  private func checkTokenPath(_ trajectory: Trajectory, _ sequence: SequenceHandle) async throws {
    let held = try await engine.tokens(of: sequence)
    let recorded = try TokenSequence(trajectory).tokens.ids
    guard recorded == held else {
      let place = zip(recorded, held).enumerated().first { $0.element.0 != $0.element.1 }?.offset
      throw RolloutError.tokenPathBroken(
        trajectory: trajectory.id,
        reason: "they part at token \(place ?? min(recorded.count, held.count)) of \(held.count)")
    }
  }
}
