import AgentCore
import BuiltinEnvironments
import EnvironmentKit
import Testing

@Suite struct CodingEnvironmentTests {
  private func definition(_ options: JSONObject = [:]) throws -> EnvironmentDefinition {
    try EnvironmentRegistry.builtin().definition("coding", options: options)
  }

  @Test("the oracle succeeds, and the record says what its code ran under", TestSandbox.isAvailable)
  func oracle() async throws {
    let definition = try definition()
    let environment = try definition.makeEnvironment()
    for (index, split) in Split.allCases.enumerated() {
      let task = try definition.tasks.task(split, at: index)
      _ = try await environment.reset(task, seed: index)
      let first = try #require(try await environment.oracle())
      let tried = try await environment.step(first, deadline: .now + .seconds(30))
      #expect(tried.outcome == nil)
      #expect(tried.toolResults.first?.status == .ok)
      #expect(tried.toolResults.first?.isolation != nil)
      let second = try #require(try await environment.oracle())
      let outcome = try #require(try await environment.step(second, deadline: .now + .seconds(30)).outcome)
      #expect(outcome.isSuccess, "\(task)")
    }
    await environment.close()
  }

  @Test("an answer that is wrong for one hidden test does not succeed", TestSandbox.isAvailable)
  func wrong() async throws {
    let definition = try definition()
    let environment = try definition.makeEnvironment()
    let task = try definition.tasks.task(.train, at: 0)
    for answer in ["```python\ndef solve(values):\n    return 12345\n```", "no code", ""] {
      _ = try await environment.reset(task, seed: 0)
      let outcome = try await environment.step(Action(text: answer), deadline: .now + .seconds(30)).outcome
      #expect(outcome?.isSuccess == false)
    }
    await environment.close()
  }

  @Test("a function of the test split is never one of the training split, whatever the seed")
  func disjointSplits() throws {
    var seen: [Split: Set<String>] = [:]
    for seed in 0..<3 {
      let tasks = try definition(["seed": .int(Int64(seed))]).tasks
      for split in Split.allCases {
        for index in 0..<500 {
          let task = try tasks.task(split, at: index)
          seen[split, default: []].insert(try #require(task.payload["solution"]?.stringValue))
        }
      }
    }
    let train = seen[.train] ?? []
    let shared = [train.intersection(seen[.test] ?? []), train.intersection(seen[.validation] ?? [])]
    #expect(shared == [[], []])
    #expect(train.count > 300 && (seen[.test]?.count ?? 0) > 50)
  }

  @Test("a task depends on split, index, seed and options alone, and begins its tests with the empty list")
  func deterministic() throws {
    let first = try definition(["seed": 3, "tests": 5]).tasks
    let again = try definition(["seed": 3, "tests": 5]).tasks
    for index in [0, 7, 100_000] {
      let task = try first.task(.train, at: index)
      #expect(try again.task(.train, at: index) == task)
      let lines = try #require(task.payload["test_code"]?.arrayValue)
      let tests = lines.compactMap(\.stringValue)
      #expect(tests.count == 5)
      #expect(tests.first?.hasPrefix("assert solve([]) == ") == true)
    }
    #expect(throws: EnvironmentError.self) { try first.task(.train, at: -1) }
  }
}
