import AgentCore
import AgentTools
import Sandbox
import Testing

@testable import EnvironmentKit

@Suite struct CodeBlockTests {
  @Test(
    "the code of an answer",
    arguments: [
      ("x = 1", "x = 1"), ("a\n```python\nx = 1\ny\n```\nb", "x = 1\ny"), ("```\nx\n```", "x"),
      ("```py\nfirst\n```\n```python3\nsecond\n```\n```bash\nls\n```", "second"),
      ("```bash\nls\n```\n```\nplain\n```", "plain"), ("```text\nonly\n```", "only"),
      ("~~~python\nx\n```\n~~~", "x\n```"),
      ("````python\n```\nx\n````", "```\nx"), ("```python\nnever closed", "never closed"),
      ("```python\r\nx\r\n```\r\n", "x"), ("in ```line``` text", "in ```line``` text"), ("```python {.x}\nx\n```", "x"),
      ("```\n```", ""), ("", ""),
    ])
  func code(text: String, code: String) {
    #expect(CodeBlock.code(in: text, language: "python") == code)
  }

  @Test("any text has code")
  func fuzz() {
    var random = RandomStream(seed: 1, purpose: "test")
    let parts = ["```", "~~~", "\n", "python", " ", "x", "\r\n", "`", "é", "\u{0}"]
    for _ in 0..<3000 {
      let text = (0..<random.below(20)).map { _ in parts[random.below(parts.count)] }.joined()
      _ = CodeBlock.code(in: text, language: "python")
    }
  }
}

@Suite(TestSandbox.isAvailable, .serialized) struct ExecutionRewardTests {
  private static let cases: JSONObject = [
    "question": "Add.",
    "tests": [
      ["input": "1 2\n", "output": "3\n"], ["input": "5 5", "output": "10"], ["input": "0 0", "output": "1"],
    ],
  ]
  private static let adder = "print(sum(map(int, input().split())))"
  private static let assertions: JSONObject = [
    "question": "Write add.", "test_code": ["assert add(2, 3) == 5", "assert add(1, 1) == 3"],
  ]

  private func task(_ payload: JSONObject) -> EnvironmentTask {
    EnvironmentTask(id: "t", split: .train, category: "", difficulty: 0, payload: payload)
  }

  private func reward(_ change: (inout ExecutionSettings) -> Void = { _ in }) -> ExecutionReward {
    var settings = ExecutionSettings()
    settings.timeout = .seconds(10)
    settings.totalTimeout = .seconds(60)
    change(&settings)
    return ExecutionReward(sandbox: TestSandbox.shared, settings: settings)
  }

  private func score(_ answer: String, _ payload: JSONObject, _ reward: ExecutionReward) async throws -> Double {
    var episode = Episode(task: task(payload), seed: 0)
    episode.answer = answer
    return try await reward.score(episode)
  }

  private func turn(_ codes: [String]) -> EpisodeTurn {
    let calls = codes.enumerated().map { index, code in
      ToolCall(id: "c\(index)", name: "python", arguments: ["code": .string(code)])
    }
    return EpisodeTurn(action: Action(text: "", toolCalls: calls), toolResults: [], invalidCalls: 0, complaints: [])
  }

  @Test("the score is the share of tests that pass, or whether all do")
  func scores() async throws {
    let answer = "Here:\n```python\n\(Self.adder)\n```\nDone."
    #expect(abs(try await score(answer, Self.cases, reward()) - 2.0 / 3) < 1e-12)
    #expect(try await score(answer, Self.cases, reward { $0.score = .all }) == 0)
    #expect(try await score("def add(a, b): return a + b", Self.assertions, reward()) == 0.5)
    #expect(try await score("I do not know.", Self.assertions, reward()) == 0)
    let both = Self.cases.merging(["test_code": "assert True"]) { $1 }
    #expect(try await score(Self.adder, both, reward()) == 0.5)
  }

  @Test("the code may stand in the last call")
  func lastCall() async throws {
    var episode = Episode(task: task(Self.assertions), seed: 0)
    let reward = reward { $0.source = .lastCall }
    #expect(try await reward.score(episode) == 0)
    episode.turns = [turn(["def add(a, b): return 0", "def add(a, b): return 5"]), turn([])]
    episode.answer = "done"
    #expect(try await reward.score(episode) == 0.5)
  }

  @Test("a turn is scored by its own last call")
  func turnReward() async throws {
    let episode = Episode(task: task(Self.assertions), seed: 0)
    let first = turn(["def add(a, b): return 5 if a == 2 else 3"])
    #expect(try await reward().score(first, in: episode) == 1)
    #expect(try await reward().score(turn([]), in: episode) == 0)
  }

  @Test("outputs are compared as the settings say")
  func comparison() async throws {
    let payload: JSONObject = ["tests": [["output": "0.3333333333\n"]]]
    #expect(try await score("print(1/3)", payload, reward()) == 0)
    #expect(try await score("print(1/3)", payload, reward { $0.comparison = .numeric(tolerance: 1e-6) }) == 1)
    #expect(try await score("print('0.3333333333')", payload, reward { $0.comparison = .exact }) == 1)
    #expect(try await score("print('0.3333333333', end='')", payload, reward { $0.comparison = .exact }) == 0)
  }

  @Test("time for all tests together ends")
  func totalTime() async throws {
    let slow = "import time\ndef add(a, b): time.sleep(30)"
    // Each of the two tests alone would take 10 s.
    let report = try await reward { $0.totalTimeout = .seconds(2) }.report(on: slow, task: task(Self.assertions))
    #expect(report.passed == 0)
    #expect(report.results[1].reason == "no time was left")
  }

  @Test("many episodes that end together are tested in turn")
  func crowd() async throws {
    let reward = reward()
    let scores = try await withThrowingTaskGroup(of: Double.self) { group in
      for index in 0..<40 {
        group.addTask {
          try await score("def add(a, b): return \(index.isMultiple(of: 2) ? 5 : 0)", Self.assertions, reward)
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(scores.sorted() == Array(repeating: 0, count: 20) + Array(repeating: 0.5, count: 20))
    #expect(await TestSandbox.shared.metrics.liveSessions == 0)
  }

  @Test(
    "a task without usable tests is an error that says why",
    arguments: [
      (["question": "?"], "has no `tests`"), (["tests": []], "no list of cases"),
      (["tests": [["input": "x"]]], "`tests[0]`"), (["tests": [["input": 1, "output": "x"]]], "`tests[0]`"),
      (["test_code": 5], "no text"), (["test_code": ["assert 1", 2]], "no text"),
      (["test_code": "assert 1", "entry_point": 3], "`entry_point` is no text"),
      (["test_code": "assert ("], "SyntaxError"),
    ] as [(JSONObject, String)])
  func badTasks(payload: JSONObject, reason: String) async throws {
    let error = await #expect(throws: EnvironmentError.self) { try await score("x = 1", payload, reward()) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }

  @Test("an episode with a stateful interpreter and tests ends with their verdict, and frees what it held")
  func episode() async throws {
    var settings = CodeExecutionSettings()
    settings.isStateful = true
    let python = settings
    var limits = EpisodeLimits()
    limits.turnTimeout = .seconds(60)
    let environment = try ToolEnvironment(
      ToolEnvironmentDesign(
        name: "coding", systemPrompt: "",
        makeTools: { [try CodeExecutionTool(name: "python", sandbox: TestSandbox.shared, settings: python)] },
        outcomeRewards: [OutcomeComponent(name: "tests", reward: reward())],
        turnRewards: [TurnComponent(name: "progress", reward: reward(), weight: 0.5)], limits: limits))
    _ = try await environment.reset(task(Self.assertions), seed: 4)
    func step(_ action: Action) async throws -> EnvironmentStep {
      try await environment.step(action, deadline: .now + .seconds(60))
    }
    func call(_ code: String) -> Action {
      Action(text: "", toolCalls: [ToolCall(id: "c", name: "python", arguments: ["code": .string(code)])])
    }
    let first = try await step(call("def add(a, b): return a + b\nadd(2, 3)"))
    #expect(first.toolResults.map(\.content) == ["5"])
    #expect(first.toolResults[0].isolation != nil)
    #expect(first.rewardComponents == ["progress": 0.25])
    #expect(try await step(call("add(1, 1)")).toolResults.map(\.content) == ["2"])
    let last = try await step(Action(text: "```python\ndef add(a, b): return 5 if a == 2 else 3\n```"))
    #expect(last.outcome?.rewardComponents == ["tests": 1])
    #expect(last.outcome?.isSuccess == true)
    await environment.close()
    #expect(await TestSandbox.shared.metrics.liveSessions == 0)
  }

  @Test("a sandbox that does not work is an error, not a score")
  func unavailable() async throws {
    var configuration = SandboxConfiguration()
    configuration.launcherPath = "/nowhere/agentenv-sandbox"
    let reward = ExecutionReward(sandbox: Sandbox(configuration))
    for payload in [Self.cases, Self.assertions] {
      let error = await #expect(throws: CodeTestError.self) { try await score(Self.adder, payload, reward) }
      #expect(error?.description.contains("could not be run") == true)
    }
  }
}
