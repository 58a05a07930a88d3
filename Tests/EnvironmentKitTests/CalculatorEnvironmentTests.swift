import AgentCore
import AgentTools
import BuiltinEnvironments
import EnvironmentKit
import Testing

@Suite struct CalculatorEnvironmentTests {
  private func definition(_ options: JSONObject = [:]) throws -> EnvironmentDefinition {
    try EnvironmentRegistry.builtin().definition("calculator", options: options)
  }

  @Test(
    "the oracle succeeds on every task",
    arguments: [
      [:], ["templates": "bare", "steps": 1, "digits": 2], ["digits": [1, 9], "steps": [1, 4]],
      ["operations": ["divide"], "steps": [1, 2], "digits": 1], ["digits": 1, "steps": 1, "operations": ["multiply"]],
    ] as [JSONObject])
  func oracle(options: JSONObject) async throws {
    let definition = try definition(options)
    let environment = try definition.makeEnvironment()
    for split in Split.allCases {
      for index in 0..<200 {
        let task = try definition.tasks.task(split, at: index)
        _ = try await environment.reset(task, seed: index)
        var outcome: Outcome?
        var turns = 0
        while outcome == nil {
          let action = try #require(try await environment.oracle())
          outcome = try await environment.step(action, deadline: .now + .seconds(10)).outcome
          turns += 1
        }
        #expect(outcome?.isSuccess == true, "\(task)")
        #expect(outcome?.reward == 1)
        #expect(turns == 2)
      }
    }
  }

  @Test("numbers of a test task never stand together in a training task, whatever the seed and options")
  func disjointSplits() throws {
    var seen: [Split: Set<[Int]>] = [:]
    for options: JSONObject in [
      ["digits": 1, "steps": 1, "seed": 1], ["digits": 2, "steps": 1, "seed": 2],
      ["digits": [1, 2], "steps": [1, 2]],
      ["digits": 2, "steps": 1, "operations": ["subtract", "divide"]],
    ] {
      let tasks = try definition(options).tasks
      for split in Split.allCases {
        for index in 0..<1500 {
          let operands = try tasks.task(split, at: index).payload["operands"]?.arrayValue?.compactMap(\.intValue) ?? []
          #expect(operands.count >= 2)
          seen[split, default: []].insert(operands.sorted())
        }
      }
    }
    let train = seen[.train] ?? []
    let validation = seen[.validation] ?? []
    let test = seen[.test] ?? []
    #expect(train.isDisjoint(with: test))
    #expect(train.isDisjoint(with: validation))
    #expect(validation.isDisjoint(with: test))
    // Small numbers are exhausted, so the test can fail: without the hash, the sets would overlap.
    #expect(train.count > 1000 && test.count > 100)
  }

  @Test("a task depends on split, index, seed and options alone")
  func deterministic() throws {
    let first = try definition(["seed": 3]).tasks
    let again = try definition(["seed": 3]).tasks
    let other = try definition(["seed": 4]).tasks
    let indices = [0, 7, 100_000, 1]
    #expect(
      try indices.map { try first.task(.train, at: $0) }
        == indices.reversed().map { try again.task(.train, at: $0) }.reversed())
    #expect(try indices.map { try first.task(.train, at: $0).id } != indices.map { try other.task(.train, at: $0).id })
    #expect(throws: EnvironmentError.self) { try first.task(.train, at: -1) }
    let ids = try (0..<2000).map { try first.task(.train, at: $0).id }
    #expect(Set(ids).count == ids.count)
  }

  @Test("answers are whole, expressions give them, difficulty lies between 0 and 1 and grows with the work")
  func tasks() throws {
    let tasks = try definition().tasks
    var categories: Set<String> = []
    var difficulty: [Int: [Double]] = [:]
    for index in 0..<1000 {
      let task = try tasks.task(.train, at: index)
      let expression = try #require(task.payload["expression"]?.stringValue)
      let answer = try #require(task.payload["answer"]?.stringValue)
      #expect(try Calculator().result(of: expression) == answer)
      #expect(
        answer.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }, "\(expression)=\(answer)")
      #expect((0...1).contains(task.difficulty))
      let question = try #require(task.payload["question"]?.stringValue)
      #expect(!question.contains("{"), "\(question)")
      categories.insert(task.category)
      difficulty[task.payload["operands"]?.arrayValue?.count ?? 0, default: []].append(task.difficulty)
    }
    #expect(categories == ["add", "subtract", "multiply", "divide", "multi_step"])
    func mean(_ operands: Int) -> Double { difficulty[operands].map { $0.reduce(0, +) / Double($0.count) } ?? 0 }
    #expect(mean(2) < mean(3) && mean(3) < mean(4))
  }

  @Test("the questions of small policies are short")
  func compact() throws {
    let tasks = try definition(["templates": "bare", "digits": [1, 3], "steps": [1, 4], "system_prompt": ""]).tasks
    for index in 0..<500 {
      let question = try #require(tasks.task(.train, at: index).payload["question"]?.stringValue)
      #expect(question.utf8.count <= 40, "\(question)")
      #expect(question.hasSuffix("=?"))
    }
  }

  @Test("options that leave a split without tasks are an error, not an endless search")
  func emptySplit() throws {
    let tasks = try definition(["digits": 18, "steps": 1, "operations": ["divide"]]).tasks
    #expect(throws: EnvironmentError.self) { try tasks.task(.train, at: 0) }
  }
}
