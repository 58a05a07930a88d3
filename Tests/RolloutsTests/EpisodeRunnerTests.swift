import AgentCore
import BuiltinEnvironments
import EnvironmentKit
import SessionEngine
import Testing
import TrajectoryStore

@testable import Rollouts

@Suite struct EpisodeRunnerTests {
  private static let budget = EpisodeBudget(maxTurnTokens: 24, maxEpisodeTokens: 96)

  private func runner(
    _ policy: LoadedPolicy, _ sessions: SessionEngine, budget: EpisodeBudget = Self.budget,
    engine: (any PolicyEngine)? = nil
  ) -> EpisodeRunner {
    EpisodeRunner(
      engine: engine ?? policy.engine, policy: policy.language, sessions: sessions, sampling: SamplingSettings(),
      budget: budget, description: PolicyDescription(name: "small", version: 3, digest: "d", sampling: [:]))
  }

  /// `groups` groups of `size` episodes each, one task a group.
  private func plans(groups: Int, size: Int, seed: Int = 5) throws -> [[EpisodePlan]] {
    let environment = try SmallPolicy.calculator()
    return (0..<groups).map { group in
      (0..<size).map { member in
        EpisodePlan(
          id: "g\(group)-m\(member)", groupID: "g\(group)", environment: environment,
          task: .index(.train, group), sessionSeed: 10 + group, samplingSeed: seed, coordinates: [0, group, member])
      }
    }
  }

  /// Everything of an episode but when it happened.
  private func timeless(_ trajectory: Trajectory) -> Trajectory {
    var result = trajectory
    for turn in result.turns.indices {
      result.turns[turn].startedAt = ""
      result.turns[turn].duration = .zero
      for call in result.turns[turn].toolResults.indices { result.turns[turn].toolResults[call].duration = .zero }
    }
    return result
  }

  @Test("a random policy's episodes end as defined and are recorded token for token")
  func randomPolicy() async throws {
    let folder = try TemporaryFolder()
    let store = try TrajectoryStore(path: "\(folder.path)/store.sqlite")
    let sessions = SessionEngine(store: store)
    let policy = try SmallPolicy.make()
    let runner = runner(policy, sessions)
    let replayer = Replayer(registry: try EnvironmentRegistry.builtin())
    for plans in try plans(groups: 3, size: 6) {
      let group = try await runner.playGroup(plans)
      #expect(group.map(\.id) == plans.map(\.id))
      #expect(Set(group.map(\.groupID)) == [plans[0].groupID])
      #expect(Set(group.map(\.task)).count == 1)
      #expect(Set(group.map(\.seed)).count == 1)
      #expect(Set(group.map { $0.prompt?.ids }).count == 1)
      #expect(Set(group.map { $0.turns.first?.action.tokens?.ids }).count == group.count)
      for trajectory in group {
        let termination = try #require(trajectory.outcome?.termination)
        #expect([.answered, .maxTurns, .maxTokens].contains(termination))
        let sequence = try TokenSequence(trajectory)
        #expect(sequence.tokens.ids.count <= Self.budget.maxEpisodeTokens)
        #expect(sequence.turnRanges.allSatisfy { $0.count <= Self.budget.maxTurnTokens })
        #expect(sequence.lossMask == sequence.tokens.provenances.map { $0 == .policy })
        // The weights that sampled give the recorded numbers, bit for bit.
        let scored = try await policy.engine.logprobs(of: sequence.tokens.ids)
        let recorded = zip(sequence.turnRanges, sequence.behaviorLogprobs).allSatisfy { range, logprobs in
          logprobs == range.map { scored[$0 - 1] }
        }
        #expect(recorded)
        let stored = try #require(try await store.trajectory(trajectory.id))
        #expect(stored.json == trajectory.json)
        #expect(stored.policy?.version == 3)
        #expect(await replayer.replay(stored).status == .identical)
      }
    }
    #expect(await sessions.activeCount == 0)
  }

  @Test("the same seed gives the same episodes, alone or together, whatever the thread count")
  func determinism() async throws {
    let all = try plans(groups: 4, size: 4)
    let single = try SmallPolicy.make(threads: 1)
    let alone = runner(single, SessionEngine())
    var expected: [String: Trajectory] = [:]
    for plan in all.joined() { expected[plan.id] = timeless(try await alone.play(plan)) }

    let together = runner(try SmallPolicy.make(threads: 2), SessionEngine())
    try await withThrowingTaskGroup(of: [Trajectory].self) { tasks in
      for group in all.reversed() { tasks.addTask { try await together.playGroup(group) } }
      for try await group in tasks {
        for trajectory in group { #expect(timeless(trajectory) == expected[trajectory.id]) }
      }
    }

    let other = try plans(groups: 1, size: 1, seed: 6)[0][0]
    let different = timeless(try await runner(single, SessionEngine()).play(other))
    #expect(different.turns[0].action.tokens != expected[other.id]?.turns[0].action.tokens)
  }

  @Test("an observation that does not fit ends the episode with max_tokens, and every token is accounted for")
  func budgetEndsBetweenTurns() async throws {
    let policy = try SmallPolicy.make()
    let call = #"<tool_call>{"name":"calculator","arguments":{"expression":"1+1"}}</tool_call>"#
    let turn = policy.language.tokenizer.encode(call) + [policy.language.conversation.endOfTurnID]
    let plan = try plans(groups: 1, size: 1)[0][0]
    var seen: Set<Int> = []
    // Every size from one where the first call does not fit to one where several do.
    for limit in 10..<90 {
      let engine = ScriptedPolicy([turn])
      let sessions = SessionEngine()
      let runner = runner(
        policy, sessions, budget: EpisodeBudget(maxTurnTokens: 64, maxEpisodeTokens: limit), engine: engine)
      let trajectory: Trajectory
      do {
        trajectory = try await runner.play(plan)
      } catch let error as RolloutError {
        guard case .promptTooLong(_, let tokens, limit) = error else { throw error }
        #expect(tokens >= limit)
        #expect(await sessions.activeCount == 0)
        continue
      }
      let sequence = try TokenSequence(trajectory)
      let termination = trajectory.outcome?.termination
      #expect(termination == .maxTokens || (termination == .maxTurns && trajectory.turns.count == 6), "\(limit)")
      #expect(sequence.tokens.ids.count <= limit)
      #expect(await engine.prompts.count == trajectory.turns.count)
      #expect(await engine.openSequences == 0)
      seen.insert(trajectory.turns.count)
    }
    #expect(seen.count >= 3)
  }

  @Test("a prompt that does not fit says how long it is, and leaves no session and no sequence open")
  func promptTooLong() async throws {
    let folder = try TemporaryFolder()
    let store = try TrajectoryStore(path: "\(folder.path)/store.sqlite")
    let sessions = SessionEngine(store: store)
    let policy = try SmallPolicy.make()
    let engine = ScriptedPolicy([[65]])
    let runner = runner(
      policy, sessions, budget: EpisodeBudget(maxTurnTokens: 4, maxEpisodeTokens: 5), engine: engine)
    let group = try plans(groups: 1, size: 3)[0]
    await #expect {
      try await runner.playGroup(group)
    } throws: { error in
      guard case RolloutError.promptTooLong(trajectory: "g0-m0", _, limit: 5) = error else { return false }
      return "\(error)".contains("raise max_episode_tokens")
    }
    #expect(await sessions.activeCount == 0)
    #expect(await engine.openSequences == 0)
    #expect(try await store.trajectory("g0-m0")?.outcome?.termination == .aborted)
  }

  @Test("members with different tasks are no group, and their sessions are closed")
  func promptsDiffer() async throws {
    let sessions = SessionEngine()
    let runner = runner(try SmallPolicy.make(), sessions)
    var group = try plans(groups: 1, size: 2)[0]
    group[1].task = .index(.train, 1)
    await #expect(throws: RolloutError.promptsDiffer(group: "g0")) { try await runner.playGroup(group) }
    #expect(await sessions.activeCount == 0)
    #expect(try await runner.playGroup([]).isEmpty)
  }

  @Test("an engine that fails in the middle of an episode ends its session, and the error comes through")
  func engineFails() async throws {
    let policy = try SmallPolicy.make()
    let editor = WeightEditor(policy.engine)
    await editor.set("model.norm.weight", to: .nan)
    let sessions = SessionEngine()
    let runner = runner(policy, sessions)
    let group = try plans(groups: 1, size: 3)[0]
    await #expect(throws: PolicyEngineError.self) { try await runner.playGroup(group) }
    #expect(await sessions.activeCount == 0)
  }
}
