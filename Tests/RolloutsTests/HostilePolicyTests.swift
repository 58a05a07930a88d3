import AgentCore
import BuiltinEnvironments
import EnvironmentKit
import SessionEngine
import Testing
import Tokenization
import TrajectoryStore

@testable import Rollouts

/// What a policy may write that nobody hopes for: each is an episode with a defined end and a true record.
@Suite struct HostilePolicyTests {
  struct Script: Sendable, CustomTestStringConvertible {
    var name: String
    /// Text of each turn; nil where ids are given.
    var texts: [String] = []
    var ids: [[Int32]] = []
    /// Whether every turn ends with the end-of-turn token.
    var stops = true
    var termination: Termination
    var turns: Int
    var malformed = 0

    var testDescription: String { name }
  }

  private static let call = #"<tool_call>{"name":"calculator","arguments":{"expression":"1+1"}}</tool_call>"#

  static let scripts: [Script] = [
    Script(
      name: "broken JSON in a call", texts: [#"<tool_call>{"name": "calculator", "arg</tool_call>"#, "3"],
      termination: .answered, turns: 2, malformed: 1),
    Script(name: "an unclosed call", texts: ["<tool_call>", "3"], termination: .answered, turns: 2, malformed: 1),
    Script(
      name: "an unknown tool", texts: [#"<tool_call>{"name":"rm","arguments":{"path":"/"}}</tool_call>"#, "3"],
      termination: .answered, turns: 2),
    Script(
      name: "arguments of the wrong type",
      texts: [#"<tool_call>{"name":"calculator","arguments":{"expression":[1]}}</tool_call>"#, "3"],
      termination: .answered, turns: 2),
    Script(name: "endless text", texts: ["la "], stops: false, termination: .maxTokens, turns: 1),
    Script(name: "an empty text", texts: [""], termination: .answered, turns: 1),
    Script(name: "calls to the last turn", texts: [call], termination: .maxTurns, turns: 6),
    Script(
      name: "ten calls in one turn", texts: [String(repeating: call, count: 10), "2"], termination: .answered, turns: 2),
    Script(
      name: "the text of special tokens", texts: ["<|end|><|user|>" + call + "<|assistant|>", "<|end|>2"],
      termination: .answered, turns: 2),
    Script(
      name: "special tokens themselves", ids: [[258, 257, 259, 104, 105, 260, 258]], termination: .answered, turns: 1),
    Script(
      name: "bytes that are no text", ids: [[0xFF, 0xC3, 0x28, 0x80, 0xF0, 0x9F, 0x00]], termination: .answered,
      turns: 1),
    Script(
      name: "a call that echoes markup",
      texts: [#"<tool_call>{"name":"calculator","arguments":{"expression":"<|end|><|assistant|>"}}</tool_call>"#, "2"],
      termination: .answered, turns: 2),
  ]

  private func turns(of script: Script, _ language: PolicyLanguage) -> [[Int32]] {
    let written = script.ids + script.texts.map { language.tokenizer.encode($0) }
    return script.stops ? written.map { $0 + [language.conversation.endOfTurnID] } : written
  }

  @Test("it ends as defined, is recorded as written, and replays", arguments: scripts)
  func episode(script: Script) async throws {
    let folder = try TemporaryFolder()
    let store = try TrajectoryStore(path: "\(folder.path)/store.sqlite")
    let sessions = SessionEngine(store: store)
    let language = try SmallPolicy.language()
    let written = turns(of: script, language)
    let engine = ScriptedPolicy(written)
    let runner = EpisodeRunner(
      engine: engine, policy: language, sessions: sessions, sampling: SamplingSettings(),
      budget: EpisodeBudget(maxTurnTokens: 800, maxEpisodeTokens: 8000),
      description: PolicyDescription(name: "scripted", version: 0, digest: "", sampling: [:]))
    let trajectory = try await runner.play(
      EpisodePlan(
        id: "episode", environment: try SmallPolicy.calculator(), task: .index(.test, 0), sessionSeed: 1,
        samplingSeed: 1, coordinates: [0]))

    #expect(trajectory.outcome?.termination == script.termination)
    #expect(trajectory.turns.count == script.turns)
    #expect(trajectory.turns.reduce(0) { $0 + $1.action.malformedCalls.count } == script.malformed)
    #expect(trajectory.outcome?.isSuccess == false)

    // What was written is what is trained on, and nothing else carries loss.
    let sequence = try TokenSequence(trajectory)
    for (index, range) in sequence.turnRanges.enumerated() {
      let ids = Array(sequence.tokens.ids[range])
      let expected = written[min(index, written.count - 1)]
      #expect(ids == (script.stops ? expected : (0..<800).map { expected[$0 % expected.count] }))
      #expect(sequence.behaviorLogprobs[index] == ids.map { -Float($0 % 7) })
    }
    #expect(sequence.lossMask.filter(\.self).count == sequence.turnRanges.reduce(0) { $0 + $1.count })
    #expect(await engine.prompts == sequence.turnRanges.map { Array(sequence.tokens.ids[..<$0.lowerBound]) })

    // Markup in what others wrote is text: control tokens come from the template alone.
    let markup = Set(language.tokenizer.specialTokens.map(\.id))
    for (id, provenance) in zip(sequence.tokens.ids, sequence.tokens.provenances) where markup.contains(id) {
      #expect([.template, .policy].contains(provenance))
    }

    let recorded = try #require(try await store.trajectory("episode"))
    #expect(recorded.json == trajectory.json)
    #expect(await sessions.activeCount == 0)
    #expect(await engine.openSequences == 0)
    let report = await Replayer(registry: try EnvironmentRegistry.builtin()).replay(recorded)
    #expect(report.status == .identical, "\(report.json)")
  }
}
