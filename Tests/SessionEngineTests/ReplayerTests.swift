import AgentCore
import BuiltinEnvironments
import EnvironmentKit
import Testing
import TrajectoryStore

@testable import SessionEngine

@Suite struct ReplayerTests {
  /// Episodes of every kind of end: right and wrong answers, failing and malformed calls, too many turns, cut text, abort.
  static let scripts: [[Action]] = {
    func call(_ expression: String) -> Action {
      Action(
        text: "thinking",
        toolCalls: [
          ToolCall(id: "c", name: "calculator", arguments: ["expression": .string(expression)])
        ])
    }
    let malformed = Action(text: "<tool_call>", malformedCalls: [MalformedCall(text: "<tool_call>", reason: "cut")])
    return [
      [call("1+1"), Action(text: "2")], [Action(text: "")],
      [call("1/0"), malformed, call("2^0.5"), Action(text: "x 3")],
      Array(repeating: call("1/3"), count: 6), [call("7"), Action(text: "half a", finish: .length)], [call("9^9^9^9")],
      [Action(text: "", toolCalls: [ToolCall(id: "a", name: "nothing", arguments: nil)]), Action(text: "5")],
    ]
  }()

  private func trajectory(_ script: [Action], options: JSONObject = [:]) async throws -> Trajectory {
    let store = try temporaryStore()
    let engine = SessionEngine(store: store)
    let session = try await engine.open(
      SessionRequest(environment: calculator(options), task: .index(.train, 3), seed: 5))
    for action in script { _ = try await session.step(action) }
    if await session.outcome == nil { try await session.abort() }
    return try #require(try await store.trajectory(session.id))
  }

  private func replay(_ trajectory: Trajectory) async throws -> ReplayReport {
    await Replayer(registry: try EnvironmentRegistry.builtin()).replay(trajectory)
  }

  @Test("every kind of episode replays identically", arguments: scripts)
  func identical(script: [Action]) async throws {
    let trajectory = try await trajectory(script)
    #expect(try await replay(trajectory) == ReplayReport(id: trajectory.id, status: .identical))
  }

  @Test("options of the episode are used again")
  func options() async throws {
    let trajectory = try await trajectory(
      [Action(text: "", toolCalls: [ToolCall(id: "a", name: "calculator", arguments: ["expression": "1"])])],
      options: ["system_prompt": "", "limits.max_turns": 1, "templates": "bare", "digits": 1])
    #expect(trajectory.outcome?.termination == .maxTurns)
    #expect(trajectory.messages.count == 1)
    #expect(try await replay(trajectory).status == .identical)
  }

  @Test("an open episode replays as far as it goes")
  func open() async throws {
    var trajectory = try await trajectory([Self.scripts[0][0]])
    trajectory.outcome = nil
    #expect(try await replay(trajectory).status == .identical)
  }

  @Test("each difference is found and named")
  func diverged() async throws {
    let original = try await trajectory(Self.scripts[0])
    func field(_ change: (inout Trajectory) -> Void) async throws -> [String] {
      var changed = original
      change(&changed)
      let report = try await replay(changed)
      return [report.status.rawValue, report.turn.map(String.init) ?? "-", report.field ?? "-"]
    }
    #expect(try await field { $0.messages[1].content += "!" } == ["diverged", "-", "messages"])
    #expect(try await field { $0.turns[0].observation.messages[0].content = "3" } == ["diverged", "0", "observation"])
    #expect(try await field { $0.turns[0].toolResults[0].status = .error } == ["diverged", "0", "tool_results"])
    #expect(try await field { $0.turns[0].reward = 0.1 } == ["diverged", "0", "reward"])
    #expect(
      try await field { $0.turns[0].rewardComponents["tool_error"] = -1 } == ["diverged", "0", "reward_components"])
    #expect(try await field { $0.turns[1].stateKey = "sha256:0" } == ["diverged", "1", "state_key"])
    #expect(try await field { $0.turns[1].progress = 0.5 } == ["diverged", "1", "progress"])
    #expect(
      try await field { $0.turns[0].action.toolCalls[0].arguments = ["expression": "1+2"] } == [
        "diverged", "0", "observation",
      ])
    #expect(try await field { $0.outcome?.reward = 0.5 } == ["diverged", "1", "outcome"])
    #expect(try await field { $0.outcome?.termination = .maxTurns } == ["diverged", "1", "termination"])
    #expect(try await field { $0.turns.swapAt(0, 1) } != ["identical", "-", "-"])
    #expect(try await field { $0.turns.removeLast() } == ["diverged", "0", "termination"])
  }

  @Test("what cannot be replayed says why")
  func unreplayable() async throws {
    var trajectory = try await trajectory(Self.scripts[0])
    trajectory.environment.version = "0.9.0"
    let report = try await replay(trajectory)
    #expect(report.status == .unreplayable)
    #expect(report.replayed == "recorded with version 0.9.0 of `calculator`, this is 1.0.0")
    trajectory.environment.name = "nowhere"
    #expect(try await replay(trajectory).status == .unreplayable)
    #expect(try await replay(trajectory).json["status"] == "unreplayable")
  }
}
