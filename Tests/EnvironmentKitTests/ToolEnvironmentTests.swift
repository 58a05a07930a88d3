import AgentCore
import AgentTools
import Synchronization
import Testing

@testable import EnvironmentKit

/// Answers after a while, or with a long text, as its arguments say.
private struct EchoTool: Tool {
  let schema = ToolSchema(
    name: "echo", description: "", parameters: ["type": "object", "properties": ["text": ["type": "string"]]])

  func call(_ arguments: JSONObject, context: ToolContext) async throws -> ToolOutput {
    if let milliseconds = arguments["wait"]?.intValue { try await Task.sleep(for: .milliseconds(milliseconds)) }
    return .ok(arguments["text"]?.stringValue ?? "")
  }
}

/// Counts its calls and closings over all its sessions.
private struct PureTool: Tool {
  final class Counts: Sendable {
    let calls = Mutex(0), closings = Mutex(0)
  }

  let counts: Counts
  let pureOver: String? = "a corpus"
  let schema = ToolSchema(name: "pure", description: "", parameters: ["type": "object"])

  func call(_ arguments: JSONObject, context: ToolContext) async throws -> ToolOutput {
    counts.calls.withLock { $0 += 1 }
    return ToolOutput(status: .ok, content: "found", isolation: Isolation(mode: "full"))
  }

  func close() async { counts.closings.withLock { $0 += 1 } }
}

@Suite struct ToolEnvironmentTests {
  @Test("sessions of an environment share the answers of pure tools, and each closes its own tools")
  func pureTools() async throws {
    let counts = PureTool.Counts()
    var parts = EnvironmentParts.standard
    parts.tools["pure"] = ToolPart(summary: "Answers at once.") { _, _ in { PureTool(counts: counts) } }
    parts.generators["one"] = { _, _ in OneTask() }
    var registry = EnvironmentRegistry(parts: parts)
    try registry.add(
      manifest: """
        {name: pure, version: "1", kind: tool, tools: [pure], tasks: {generator: one},
         rewards: {outcome: {answer: {kind: exact_match}}}}
        """, source: "pure.yaml")
    let definition = try registry.definition("pure")
    for session in 1...3 {
      let environment = try definition.makeEnvironment()
      _ = try await environment.reset(Self.task, seed: session)
      let call = ToolCall(id: "c", name: "pure", arguments: ["q": 1])
      let step = try await environment.step(
        Action(text: "", toolCalls: [call, call]), deadline: .now + .seconds(20))
      #expect(step.toolResults.map(\.content) == ["found", "found"])
      #expect(step.toolResults.map(\.isolation) == [Isolation(mode: "full"), Isolation(mode: "full")])
      await environment.close()
      #expect(counts.closings.withLock { $0 } == session)
    }
    #expect(counts.calls.withLock { $0 } == 1)
    #expect(definition.toolCache?.counters.hits == 5)
  }

  private struct OneTask: TaskSource {
    func count(of split: Split) -> Int? { 1 }
    func task(_ split: Split, at index: Int) -> EnvironmentTask { ToolEnvironmentTests.task }
  }

  static let task = EnvironmentTask(
    id: "t1", split: .train, category: "c", difficulty: 0, payload: ["question": "2+3=?", "answer": "5"])

  private func environment(
    systemPrompt: String = "Be exact.", progress: (any ProgressMeasure)? = nil,
    change: (inout EpisodeLimits) -> Void = { _ in }
  ) throws -> ToolEnvironment {
    var limits = EpisodeLimits()
    limits.maxTurns = 3
    change(&limits)
    return try ToolEnvironment(
      ToolEnvironmentDesign(
        name: "test", systemPrompt: systemPrompt, makeTools: { [CalculatorTool(), EchoTool()] },
        outcomeRewards: [OutcomeComponent(name: "answer", reward: NumericMatch(), weight: 2)],
        turnRewards: [
          TurnComponent(name: "invalid", reward: InvalidCall(), weight: -0.5),
          TurnComponent(name: "failed", reward: ToolFailure(), weight: -0.25),
          TurnComponent(name: "clean", reward: ToolSuccess(), weight: 0.125),
        ], progress: progress, limits: limits))
  }

  private func call(_ expression: String, id: String = "c") -> ToolCall {
    ToolCall(id: id, name: "calculator", arguments: ["expression": .string(expression)])
  }

  private func step(_ environment: ToolEnvironment, _ action: Action) async throws -> EnvironmentStep {
    try await environment.step(action, deadline: .now + .seconds(20))
  }

  @Test("an episode opens with the system prompt, the question and the tools")
  func opening() async throws {
    let opening = try await environment().reset(Self.task, seed: 1)
    #expect(
      opening.messages == [
        Message(role: .system, content: "Be exact."), Message(role: .user, content: "2+3=?"),
      ])
    #expect(opening.tools.map(\.name) == ["calculator", "echo"])
    let bare = try await environment(systemPrompt: "").reset(Self.task, seed: 1)
    #expect(bare.messages.map(\.role) == [.user])
  }

  @Test("a call is answered, the right answer ends with success")
  func success() async throws {
    let environment = try environment(progress: AnswerSeen())
    #expect(try await environment.reset(Self.task, seed: 1).state.progress == 0)
    let first = try await step(environment, Action(text: "", toolCalls: [call("2+3", id: "a")]))
    #expect(first.messages == [Message(role: .tool, content: "5", name: "calculator", toolCallID: "a")])
    #expect(first.rewardComponents == ["invalid": 0, "failed": 0, "clean": 0.125])
    #expect(first.state.progress == 1)
    #expect(first.outcome == nil)
    let last = try await step(environment, Action(text: "It is 5."))
    #expect(
      last.outcome
        == Outcome(
          reward: 2, rewardComponents: ["answer": 2], isSuccess: true, termination: .answered))
    #expect(last.messages.isEmpty)
  }

  @Test("wrong and empty answers end without success", arguments: ["6", "", "   ", "5 or 6"])
  func failure(text: String) async throws {
    let environment = try environment()
    _ = try await environment.reset(Self.task, seed: 1)
    let last = try await step(environment, Action(text: text))
    #expect(
      last.outcome
        == Outcome(
          reward: 0, rewardComponents: ["answer": 0], isSuccess: false, termination: .answered))
  }

  @Test("what cannot be run is answered with what is wrong, and counted")
  func invalidCalls() async throws {
    let environment = try environment()
    _ = try await environment.reset(Self.task, seed: 1)
    let step = try await step(
      environment,
      Action(
        text: "<tool_call>{",
        toolCalls: [
          ToolCall(id: "a", name: "calculater", arguments: [:]), call("1/0", id: "b"),
          ToolCall(id: "d", name: "calculator", arguments: ["expr": "1"]),
        ],
        malformedCalls: [MalformedCall(text: "<tool_call>{", reason: "unexpected end of text")]))
    #expect(
      step.messages.map(\.content) == [
        "error: there is no tool `calculater`; the tools are: calculator, echo",
        "error: division by zero at position 2",
        "error: bad arguments for `calculator`: `expression` is missing; unknown argument `expr` (known: expression)",
        "error: invalid tool call: unexpected end of text",
      ])
    #expect(step.rewardComponents == ["invalid": -1.5, "failed": -0.25, "clean": 0])
    #expect(step.outcome == nil)
  }

  @Test("the last allowed turn is still run and shown")
  func maxTurns() async throws {
    let environment = try environment()
    _ = try await environment.reset(Self.task, seed: 1)
    for _ in 0..<2 { #expect(try await step(environment, Action(text: "", toolCalls: [call("2+3")])).outcome == nil) }
    let last = try await step(environment, Action(text: "", toolCalls: [call("2+3")]))
    #expect(last.messages.map(\.content) == ["5"])
    #expect(last.outcome?.termination == .maxTurns)
    #expect(last.outcome?.isSuccess == false)
    #expect(last.outcome?.rewardComponents == ["answer": 0])
  }

  @Test("half a text without a call ends with max_tokens, whole calls in it are run")
  func cutOff() async throws {
    for action in [
      Action(text: "It is 5", finish: .length),
      Action(
        text: "<tool_call>{\"na", malformedCalls: [MalformedCall(text: "…", reason: "cut off")], finish: .length),
    ] {
      let environment = try environment()
      _ = try await environment.reset(Self.task, seed: 1)
      let step = try await step(environment, action)
      #expect(step.outcome?.termination == .maxTokens)
      #expect(step.outcome?.isSuccess == false)
    }
    let environment = try environment()
    _ = try await environment.reset(Self.task, seed: 1)
    let step = try await step(environment, Action(text: "…", toolCalls: [call("2+3")], finish: .length))
    #expect(step.outcome == nil)
    #expect(step.messages.map(\.content) == ["5"])
  }

  @Test("long observations are cut and say so")
  func longObservation() async throws {
    let environment = try environment { $0.maxObservationCharacters = 10 }
    _ = try await environment.reset(Self.task, seed: 1)
    let text = String(repeating: "é", count: 25)
    let step = try await step(
      environment, Action(text: "", toolCalls: [ToolCall(id: "a", name: "echo", arguments: ["text": .string(text)])]))
    #expect(step.messages[0].content == String(repeating: "é", count: 10) + "… [15 more characters]")
    #expect(step.toolResults[0].content == step.messages[0].content)
  }

  @Test("a tool that is too slow is an observation, and the episode goes on")
  func slowTool() async throws {
    let environment = try environment()
    _ = try await environment.reset(Self.task, seed: 1)
    let slow = ToolCall(id: "a", name: "echo", arguments: ["wait": 100_000])
    let step = try await environment.step(
      Action(text: "", toolCalls: [slow, call("1+1", id: "b")]), deadline: .now + .milliseconds(50))
    #expect(step.toolResults.map(\.status) == [.timeout, .ok])
    #expect(step.outcome == nil)
  }

  @Test("calls over the limit are denied")
  func tooManyCalls() async throws {
    let environment = try environment { $0.maxToolCallsPerTurn = 2 }
    _ = try await environment.reset(Self.task, seed: 1)
    let calls = (0..<5).map { call("1+\($0)", id: "c\($0)") }
    let step = try await step(environment, Action(text: "", toolCalls: calls))
    #expect(step.toolResults.map(\.status) == [.ok, .ok, .denied, .denied, .denied])
    #expect(step.messages.count == 5)
  }

  @Test("a task without a question is an error that names it")
  func badTask() async throws {
    let environment = try environment()
    var task = Self.task
    task.payload = [:]
    await #expect(throws: EnvironmentError.badTask(id: "t1", reason: "its payload has no text `question`")) {
      try await environment.reset(task, seed: 1)
    }
    await #expect(throws: EnvironmentError.notReset) { try await self.environment().oracle() }
  }
}

@Suite struct StateKeyTests {
  private func key(_ turns: [EpisodeTurn], task: String = "t") -> String {
    var key = StateKey(environment: "e", task: task)
    for turn in turns { key.append(turn) }
    return key.digest
  }

  private func turn(
    _ arguments: JSONValue, _ result: String, id: String = "a", text: String = "", complaints: [String] = []
  ) -> EpisodeTurn {
    EpisodeTurn(
      action: Action(text: text, toolCalls: [ToolCall(id: id, name: "n", arguments: arguments)]),
      toolResults: [ToolResult(id: id, status: .ok, content: result, duration: .milliseconds(id.count))],
      invalidCalls: 0, complaints: complaints)
  }

  @Test("same calls and answers, same state: text, ids, durations and key order do not count")
  func equal() {
    #expect(
      key([turn(["x": 1, "y": 2], "3")]) == key([turn(["y": 2, "x": 1], "3", id: "long", text: "I think")]))
  }

  @Test("another task, call, answer, complaint or number of turns is another state")
  func different() {
    let keys = [
      key([]), key([], task: "u"), key([turn(["x": 1], "3")]), key([turn(["x": 2], "3")]), key([turn(["x": 1], "4")]),
      key([turn(["x": 1], "3"), turn(["x": 1], "3")]), key([turn(["x": 1], "3", complaints: ["bad"])]),
    ]
    #expect(Set(keys).count == keys.count)
    #expect(keys[0].hasPrefix("sha256:"))
  }
}
