import AgentCore
import BuiltinEnvironments
import Configuration
import Foundation
import Testing

@testable import EnvironmentKit

@Suite struct EnvironmentRegistryTests {
  static let manifest = """
    name: quiz
    version: 2.1.0
    kind: tool
    tools: [calculator]
    tasks: {file: tasks.jsonl}
    rewards:
      outcome: {answer: {kind: exact_match, ignore_case: true}}
    """
  static let tasks = """
    {"id":"a","split":"train","payload":{"question":"Capital of France?","answer":"Paris"}}

    {"id":"b","split":"test","category":"geo","difficulty":0.5,"payload":{"question":"?","answer":"x"}}
    """

  /// Writes an environment's folder and returns its path.
  private func folder(_ manifest: String = Self.manifest, tasks: String? = Self.tasks) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("environment-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try manifest.write(toFile: "\(folder)/environment.yaml", atomically: true, encoding: .utf8)
    try tasks?.write(toFile: "\(folder)/tasks.jsonl", atomically: true, encoding: .utf8)
    return folder
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test("an environment of a folder plays an episode")
  func load() async throws {
    var registry = try EnvironmentRegistry.builtin()
    let name = try registry.resolve(folder())
    #expect(name == "quiz")
    #expect(registry.names == ["calculator", "coding", "quiz"])
    #expect(try registry.resolve("quiz") == "quiz")
    let definition = try registry.definition(name)
    #expect(definition.version == "2.1.0")
    #expect(definition.tasks.count(of: .train) == 1)
    #expect(definition.tasks.count(of: .validation) == 0)
    let environment = try definition.makeEnvironment()
    _ = try await environment.reset(definition.tasks.task(.train, at: 0), seed: 0)
    let step = try await environment.step(Action(text: " paris\n"), deadline: .now + .seconds(10))
    #expect(step.outcome?.isSuccess == true)
    #expect(try await environment.oracle() == nil)
  }

  @Test("an unknown environment is answered with the nearest and the known ones")
  func unknown() throws {
    let registry = try EnvironmentRegistry.builtin()
    #expect(
      throws: EnvironmentError.unknownEnvironment(
        name: "calculater", known: ["calculator", "coding"], nearest: "calculator")
    ) { try registry.definition("calculater") }
    var other = registry
    #expect(message { _ = try other.resolve("/no/such/folder") }.contains("/no/such/folder/environment.yaml"))
    #expect(message { _ = try other.resolve("calc") }.contains("known: calculator"))
  }

  @Test(
    "a wrong manifest says where",
    arguments: [
      (
        "tools: [calculator]", "tools: [calculater]",
        ":4:9: tools[0].name: there is no `calculater`; did you mean `calculator`?"
      ),
      ("kind: tool", "knd: tool", ":3:6: knd: unknown key; did you mean `kind`?"),
      ("exact_match", "exact", "there is no `exact` (known: contains, exact_match, execution, numeric_match)"),
      (
        "ignore_case: true", "ignore_cas: true",
        "rewards.outcome.answer.ignore_cas: unknown key; did you mean `ignore_case`?"
      ),
      ("{file: tasks.jsonl}", "{generator: arithmetics}", "there is no `arithmetics`; did you mean `arithmetic`?"),
      ("{file: tasks.jsonl}", "{generator: arithmetic, digit: 3}", "tasks.digit: unknown key; did you mean `digits`?"),
      (
        "{file: tasks.jsonl}", "{generator: arithmetic, operations: [ad]}",
        "`ad` is none of add, subtract, multiply, divide; did you mean `add`?"
      ),
      (
        "{file: tasks.jsonl}", "{generator: arithmetic, digits: [3, 1]}",
        "expected a number or [least, greatest] within 1 to 18"
      ),
      ("{file: tasks.jsonl}", "{}", "give `file: tasks.jsonl` or `generator: NAME`"),
      ("{file: tasks.jsonl}", "{file: nothing.jsonl}", "nothing.jsonl: cannot be read"),
      ("name: quiz", "name: My Quiz", "use lower-case letters"),
      ("version: 2.1.0", "", "version: missing"),
      ("outcome: {answer: {kind: exact_match, ignore_case: true}}", "turn: {}", "an environment needs at least one"),
      ("kind: tool", "kind: tool\nlimits: {max_turns: 0}", "limits.max_turns: 0 is outside 1 to 100000"),
      ("kind: tool", "kind: tool\nlimits: {turn_timeout: 10}", "expected a duration such as 10s"),
      ("kind: tool", "kind: tool\noracle: nobody", "there is no `nobody`"),
    ])
  func wrongManifest(from: String, to: String, expected: String) throws {
    let path = try folder(Self.manifest.replacing(from, with: to))
    var registry = try EnvironmentRegistry.builtin()
    let text = message { _ = try registry.load(path: path) }
    #expect(text.contains(expected), "\(text)")
  }

  @Test(
    "a wrong task file says file, line and field",
    arguments: [
      ("{\"id\":\"a\"", ":1: invalid JSON"),
      ("\n{\"id\":\"a\",\"payload\":{\"question\":\"q\"}}", ":2: split: missing"),
      ("{\"id\":\"a\",\"split\":\"train\",\"payload\":{}}", ":1: payload.question: missing"),
      ("{\"id\":\"a\",\"split\":\"train\",\"payload\":{\"question\":\"q\"},\"x\":1}", ":1: x: unknown field"),
      (
        "{\"id\":\"a\",\"split\":\"train\",\"payload\":{\"question\":\"q\"}}\n{\"id\":\"a\",\"split\":\"test\",\"payload\":{\"question\":\"q\"}}",
        ":2: id `a` is already used in line 1"
      ),
    ])
  func wrongTasks(tasks: String, expected: String) throws {
    let path = try folder(tasks: tasks)
    var registry = EnvironmentRegistry()
    let text = message { _ = try registry.load(path: path) }
    #expect(text.contains("tasks.jsonl" + expected), "\(text)")
  }

  @Test("options change the manifest, and are recorded")
  func options() throws {
    let registry = try EnvironmentRegistry.builtin()
    let definition = try registry.definition(
      "calculator",
      options: [
        "digits": 2, "steps": 1, "operations": ["add"], "templates": "bare", "system_prompt": "", "limits.max_turns": 2,
      ])
    #expect(definition.limits.maxTurns == 2)
    #expect(definition.reference.options["digits"] == 2)
    let question = try #require(definition.tasks.task(.train, at: 0).payload["question"]?.stringValue)
    #expect(question.utf8.count == "37+85=?".utf8.count)
    #expect(
      message { _ = try registry.definition("calculator", options: ["digit": 2]) }.contains("did you mean `digits`?"))
    #expect(
      message { _ = try registry.definition("calculator", options: ["limits.max_turn": 2]) }.contains("max_turns"))
    #expect(
      message { _ = try registry.definition("calculator", options: ["templates": "bar"]) }.contains(
        "did you mean `bare`?"))
  }

  @Test("a count bounds an endless generator")
  func count() throws {
    let definition = try EnvironmentRegistry.builtin().definition("calculator", options: ["count": 5])
    #expect(definition.tasks.count(of: .test) == 5)
    _ = try definition.tasks.task(.test, at: 4)
    #expect(throws: EnvironmentError.self) { try definition.tasks.task(.test, at: 5) }
  }

  @Test("two environments of one name are refused")
  func duplicate() throws {
    var registry = EnvironmentRegistry()
    let path = try folder()
    try registry.load(path: path)
    #expect(throws: EnvironmentError.duplicateName("quiz")) { try registry.load(path: path) }
  }
}
