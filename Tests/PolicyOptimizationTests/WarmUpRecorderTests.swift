import AgentCore
import BuiltinEnvironments
import EnvironmentKit
import Rollouts
import SessionEngine
import Testing
import Tokenization
import TrajectoryStore

@testable import PolicyOptimization

@Suite struct WarmUpRecorderTests {
  private func recorder(
    _ language: PolicyLanguage, _ environment: EnvironmentDefinition, store: TrajectoryStore, limit: Int = 400
  ) -> WarmUpRecorder {
    WarmUpRecorder(
      language: language, sessions: SessionEngine(store: store), environment: environment, seed: 1,
      taskOrder: TaskOrder(count: nil, seed: 1), idSuffix: "",
      budget: EpisodeBudget(maxTurnTokens: 100, maxEpisodeTokens: limit))
  }

  @Test("oracle episodes succeed, and their tokens are those of the demonstration encoded by itself")
  func record() async throws {
    let folder = try TemporaryFolder()
    let store = try TrajectoryStore(path: "\(folder.path)/store.sqlite")
    let environment = try EnvironmentRegistry.builtin().definition("calculator", options: ["templates": "bare"])
    let language = try PolicyLanguage.small(tools: environment.toolSchemas)
    let sequences = try await recorder(language, environment, store: store).record(count: 5)
    let ids = try await store.list().map(\.id).sorted()
    #expect(ids == (0..<5).map { "warmup-0000\($0)" })
    for (id, sequence) in zip(ids, sequences) {
      let trajectory = try #require(try await store.trajectory(id))
      #expect(trajectory.outcome?.isSuccess == true)
      #expect(trajectory.turns.contains { $0.action.toolCalls.count == 1 })
      let demonstration = try language.conversation.encodeDemonstration(
        prompt: trajectory.messages,
        turns: trajectory.turns.map { turn in
          DemonstrationTurn(text: turn.action.text, observation: turn.observation.messages)
        }, tools: environment.toolSchemas)
      #expect(sequence.tokens == demonstration.tokens)
      #expect(sequence == (try TokenSequence(trajectory)))
      #expect(sequence.turnRanges.map(\.count) == demonstration.turns.map(\.action.count))
      // The call is in the tokens as the policy would have to write it.
      let text = language.tokenizer.decode(demonstration.turns[0].action.dropLast())
      #expect(language.toolCalls.parse(text).toolCalls.count == 1)
    }
  }

  @Test("an oracle episode that the policy could not hold is refused with its length")
  func tooLong() async throws {
    let folder = try TemporaryFolder()
    let store = try TrajectoryStore(path: "\(folder.path)/store.sqlite")
    let environment = try EnvironmentRegistry.builtin().definition("calculator")
    let language = try PolicyLanguage.small(tools: environment.toolSchemas)
    await #expect {
      try await recorder(language, environment, store: store, limit: 50).record(count: 1)
    } throws: { error in
      guard case TrainingError.demonstrationTooLong("warmup-00000", let tokens, limit: 50) = error else { return false }
      return tokens > 50
    }
  }
}
