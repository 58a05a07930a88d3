import AgentCore
import Foundation
import Synchronization
import Testing

@testable import TrajectoryStore

@Suite struct ExchangeTests {
  private func exported(_ store: TrajectoryStore, format: ExportFormat = .trajectory) async throws -> String {
    let lines = Mutex<[String]>([])
    let count = try await store.export(format: format) { line in lines.withLock { $0.append(line) } }
    let all = lines.withLock { $0 }
    #expect(all.count == count)
    return all.map { $0 + "\n" }.joined()
  }

  @Test("export, import and export again gives the same bytes", arguments: [1, 2, 3, 4, 5])
  func roundTrip(seed: Int) async throws {
    var samples = SampleTrajectories(seed: seed)
    let store = try TrajectoryStore(path: temporaryPath())
    for index in 0..<40 { try await record(samples.next(id: "t\(index)"), in: store) }
    try await store.append(LateTokens(prompt: samples.tokens()), to: "t0")
    let text = try await exported(store)
    let other = try TrajectoryStore(path: temporaryPath())
    #expect(try await other.importLines(Array(text.utf8), source: "f") == ImportReport(imported: 40, skipped: 0))
    #expect(try await exported(other) == text)
    #expect(try await other.importLines(Array(text.utf8), source: "f") == ImportReport(imported: 0, skipped: 40))
    #expect(try await exported(other) == text)
  }

  @Test("a line that is not understood says where, and nothing of the file is imported")
  func badLines() async throws {
    var samples = SampleTrajectories(seed: 7)
    let good = samples.next(id: "good", turns: 2, finished: true).json
    func line(_ change: (inout JSONObject) -> Void) throws -> String {
      var object = try #require(good.objectValue)
      object["id"] = "bad"
      change(&object)
      return JSONValue.object(object).serialized()
    }
    let cases: [(String, String)] = [
      ("{", "f:3: invalid JSON at line 1, column 2"),
      ("[]", "f:3: expected an object, found an array"),
      (try line { $0["format"] = "agentenv.trajectory/2" }, "f:3: format: expected `agentenv.trajectory/1`"),
      (try line { $0["extra"] = 1 }, "f:3: extra: unknown field"),
      (try line { $0["seed"] = "1" }, "f:3: seed: expected a whole number, found a string"),
      (try line { $0["task"] = nil }, "f:3: task: missing"),
      (try line { $0["turns"] = [1] }, "f:3: turns[0]: expected an object, found an integer"),
      (
        try line { $0["turns"] = .array(Array(($0["turns"]?.arrayValue ?? []).reversed())) },
        "f:3: turns[0].index: expected 0, found 1"
      ),
      (
        try line {
          $0["id"] = "good"
          $0["seed"] = 12345
        }, "f:3: there is already a trajectory `good` with other content"
      ),
    ]
    for (text, expected) in cases {
      let store = try TrajectoryStore(path: temporaryPath())
      let file = "\(good.serialized())\n\n\(text)\n"
      do {
        _ = try await store.importLines(Array(file.utf8), source: "f")
        Issue.record("imported \(text)")
      } catch {
        #expect("\(error)".hasPrefix(expected), "\(error)")
        #expect("\(error)".hasSuffix("nothing was imported"))
      }
      #expect(try await store.count() == 0)
    }
  }

  @Test("any bytes are imported or refused, never a crash")
  func fuzz() async throws {
    var samples = SampleTrajectories(seed: 12)
    let bytes = Array(samples.next(id: "t", turns: 2, finished: true).json.serialized().utf8)
    let store = try TrajectoryStore(path: temporaryPath())
    var random = RandomStream(seed: 1, purpose: "import fuzz")
    for _ in 0..<300 {
      var broken = bytes
      for _ in 0...random.below(3) { broken[random.below(broken.count)] = UInt8(random.below(256)) }
      _ = try? await store.importLines(broken, source: "f")
    }
    _ = try await store.list()
    _ = try await exported(store)
  }

  @Test("chat messages have OpenAI's form")
  func messages() async throws {
    let turn = Turn(
      index: 0,
      action: Action(text: "", toolCalls: [ToolCall(id: "c", name: "calculator", arguments: ["expression": "1+1"])]),
      observation: Observation(messages: [Message(role: .tool, content: "2", name: "calculator", toolCallID: "c")]),
      reward: 0.5, startedAt: "2026-01-01T00:00:00.000Z", duration: .zero)
    let trajectory = Trajectory(
      id: "t", environment: EnvironmentReference(name: "e", version: "1"),
      task: EnvironmentTask(id: "x", split: .train, category: "", difficulty: 0, payload: [:]), seed: 0,
      messages: [Message(role: .user, content: "1+1?")], turns: [turn],
      outcome: Outcome(reward: 1, rewardComponents: [:], isSuccess: true, termination: .answered))
    let store = try TrajectoryStore(path: temporaryPath())
    try await record(trajectory, in: store)
    #expect(
      try await exported(store, format: .messages) == """
        {"id":"t","messages":[{"role":"user","content":"1+1?"},{"role":"assistant","content":"","tool_calls":[{"id":"c",\
        "type":"function","function":{"name":"calculator","arguments":"{\\"expression\\":\\"1+1\\"}"}}]},{"role":"tool",\
        "content":"2","name":"calculator","tool_call_id":"c"}],"return":1.5,"success":true}

        """)
  }

  @Test(
    "timestamps are ISO 8601",
    arguments: [
      (0, 0, "1970-01-01T00:00:00.000Z"), (951_782_399, 7, "2000-02-28T23:59:59.007Z"),
      (951_782_400, 70, "2000-02-29T00:00:00.070Z"), (1_767_225_600, 700, "2026-01-01T00:00:00.700Z"),
      (4_107_542_399, 999, "2100-02-28T23:59:59.999Z"), (4_107_542_400, 0, "2100-03-01T00:00:00.000Z"),
      (-1, 0, "1969-12-31T23:59:59.000Z"),
    ])
  func timestamps(seconds: Int, milliseconds: Int, text: String) {
    #expect(Timestamp.text(secondsSince1970: seconds, milliseconds: milliseconds) == text)
  }
}
