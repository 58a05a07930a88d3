import AgentCore
import Synchronization
import Testing

@testable import AgentTools

/// A tool whose answer is a closure.
private struct ScriptedTool: Tool {
  var name = "scripted"
  var parameters: JSONValue = ["type": "object"]
  var body: @Sendable (JSONObject) async throws -> ToolOutput = { _ in .ok("done") }

  var schema: ToolSchema { ToolSchema(name: name, description: "", parameters: parameters) }

  func call(_ arguments: JSONObject, context: ToolContext) async throws -> ToolOutput { try await body(arguments) }
}

/// A tool that notes when its calls begin and end, and when it is closed.
private final class RecordingTool: Tool {
  let isSequential: Bool
  let schema: ToolSchema
  let events = Mutex<[String]>([])

  init(name: String, isSequential: Bool) {
    self.isSequential = isSequential
    schema = ToolSchema(name: name, description: "", parameters: ["type": "object"])
  }

  func call(_ arguments: JSONObject, context: ToolContext) async throws -> ToolOutput {
    events.withLock { $0.append("begin \(context.callID)") }
    try await Task.sleep(for: .milliseconds(2))
    events.withLock { $0.append("end \(context.callID)") }
    return ToolOutput(status: .ok, content: "", isolation: Isolation(mode: "full"))
  }

  func close() async { events.withLock { $0.append("close") } }
}

private struct Broken: Error {}

@Suite struct ToolRegistryTests {
  private func call(_ tool: ScriptedTool, _ arguments: JSONValue = [:], within: Duration = .seconds(30)) async throws
    -> ToolResult
  {
    try await ToolRegistry([tool]).call(
      ToolCall(id: "c1", name: tool.name, arguments: arguments), deadline: .now + within)
  }

  @Test("a good call gives the tool's output under the call's id")
  func good() async throws {
    let result = try await ToolRegistry([CalculatorTool()]).call(
      ToolCall(id: "c7", name: "calculator", arguments: ["expression": "6*7"]), deadline: .now + .seconds(5))
    #expect(result.id == "c7")
    #expect(result.status == .ok)
    #expect(result.content == "42")
  }

  @Test("a tool's own error is a result")
  func toolError() async throws {
    let result = try await ToolRegistry([CalculatorTool()]).call(
      ToolCall(id: "c", name: "calculator", arguments: ["expression": "1/0"]), deadline: .now + .seconds(5))
    #expect(result.status == .error)
    #expect(result.content == "error: division by zero at position 2")
  }

  @Test("an unknown tool is answered with the list of tools")
  func unknown() async throws {
    let result = try await ToolRegistry([CalculatorTool(), ScriptedTool()]).call(
      ToolCall(id: "c", name: "calc", arguments: [:]), deadline: .now + .seconds(5))
    #expect(result.status == .error)
    #expect(result.content == "error: there is no tool `calc`; the tools are: calculator, scripted")
  }

  @Test("a tool that throws is a result")
  func throwing() async throws {
    let result = try await call(ScriptedTool { _ in throw Broken() })
    #expect(result.status == .error)
    #expect(result.content.contains("`scripted` failed"))
  }

  @Test("a tool that hangs, and ignores being cancelled, is left at the deadline")
  func hanging() async throws {
    let released = Mutex(false)
    let tool = ScriptedTool { _ in
      while !released.withLock({ $0 }) { await Task.yield() }
      return .ok("late")
    }
    let result = try await call(tool, within: .milliseconds(50))
    #expect(result.status == .timeout)
    #expect(result.content == "error: `scripted` did not answer in time")
    released.withLock { $0 = true }
  }

  @Test("a tool is cancelled at the deadline")
  func cancelledAtDeadline() async throws {
    let (started, cancelled) = AsyncStream.makeStream(of: Void.self)
    let tool = ScriptedTool { _ in
      do { try await Task.sleep(for: .seconds(1000)) } catch { cancelled.finish() }
      return .ok("late")
    }
    #expect(try await call(tool, within: .milliseconds(50)).status == .timeout)
    for await _ in started {}
  }

  @Test("a deadline that has passed gives a timeout without a call")
  func past() async throws {
    let calls = Mutex(0)
    let tool = ScriptedTool { _ in
      calls.withLock { $0 += 1 }
      return .ok("")
    }
    #expect(try await call(tool, within: .seconds(-1)).status == .timeout)
    #expect(calls.withLock { $0 } == 0)
  }

  @Test("calls run at the same time, and answers keep the order of the calls")
  func concurrent() async throws {
    let running = Mutex(0)
    // Each call waits until all three run: one after the other would time out.
    let tool = ScriptedTool { arguments in
      running.withLock { $0 += 1 }
      while running.withLock({ $0 }) < 3 { try await Task.sleep(for: .milliseconds(1)) }
      return .ok(arguments["n"]?.serialized() ?? "")
    }
    let calls = (0..<3).map { ToolCall(id: "c\($0)", name: "scripted", arguments: ["n": JSONValue($0)]) }
    let results = try await ToolRegistry([tool]).call(calls, deadline: .now + .seconds(30))
    #expect(results.map(\.id) == ["c0", "c1", "c2"])
    #expect(results.map(\.content) == ["0", "1", "2"])
    #expect(await (try ToolRegistry([tool])).call([], deadline: .now + .seconds(1)).isEmpty)
  }

  @Test("calls of a sequential tool run one after the other, in their order, while others run")
  func sequential() async throws {
    let (ordered, free) = (RecordingTool(name: "a", isSequential: true), RecordingTool(name: "b", isSequential: false))
    let calls = (0..<20).map { ToolCall(id: "c\($0)", name: $0.isMultiple(of: 2) ? "a" : "b", arguments: [:]) }
    let results = try await ToolRegistry([ordered, free]).call(calls, deadline: .now + .seconds(30))
    #expect(results.map(\.id) == calls.map(\.id))
    #expect(
      ordered.events.withLock { $0 } == stride(from: 0, to: 20, by: 2).flatMap { ["begin c\($0)", "end c\($0)"] })
    #expect(free.events.withLock { $0.count } == 20)
  }

  @Test("closing closes every tool, and what isolated a call is in its result")
  func closing() async throws {
    let tools = [RecordingTool(name: "a", isSequential: true), RecordingTool(name: "b", isSequential: false)]
    let registry = try ToolRegistry(tools)
    let result = await registry.call(ToolCall(id: "c", name: "b", arguments: [:]), deadline: .now + .seconds(30))
    #expect(result.isolation == Isolation(mode: "full"))
    await registry.close()
    #expect(tools.map { $0.events.withLock { $0.last } } == ["close", "close"])
  }

  @Test("cancelling the caller ends the wait")
  func cancelled() async throws {
    let registry = try ToolRegistry([
      ScriptedTool { _ in
        try await Task.sleep(for: .seconds(1000))
        return .ok("")
      }
    ])
    let task = Task {
      await registry.call(ToolCall(id: "c", name: "scripted", arguments: [:]), deadline: .now + .seconds(1000))
    }
    task.cancel()
    #expect(await task.value.status == .timeout)
  }

  @Test("two tools of one name are refused")
  func duplicate() {
    #expect(throws: ToolError.duplicateName("scripted")) { try ToolRegistry([ScriptedTool(), ScriptedTool()]) }
  }
}

@Suite struct ArgumentSchemaTests {
  static let schema: JSONValue = [
    "type": "object",
    "properties": [
      "query": ["type": "string", "minLength": 1, "maxLength": 5, "description": "…"],
      "count": ["type": "integer", "minimum": 1, "maximum": 10],
      "ratio": ["type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1],
      "mode": ["enum": ["fast", "slow", 3]],
      "tags": ["type": "array", "items": ["type": "string"], "maxItems": 2, "minItems": 1],
      "nested": ["type": "object", "properties": ["x": ["type": ["number", "null"]]], "required": ["x"]],
    ],
    "required": ["query"],
    "additionalProperties": false,
  ]

  private func problems(_ arguments: JSONValue) throws -> [String] {
    try ArgumentSchema(ToolSchema(name: "t", description: "", parameters: Self.schema)).problems(with: arguments)
  }

  @Test(
    "arguments that fit",
    arguments: [
      ["query": "a"], ["query": "abcde", "count": 10, "ratio": 0.5], ["query": "é🙂", "mode": "slow"],
      ["query": "a", "mode": 3.0], ["query": "a", "count": 2.0], ["query": "a", "tags": ["x", "y"]],
      ["query": "a", "nested": ["x": nil, "other": 1]],
    ] as [JSONValue])
  func fits(arguments: JSONValue) throws {
    #expect(try problems(arguments) == [])
  }

  @Test(
    "arguments that do not fit are named",
    arguments: [
      ([:], "`query` is missing"),
      (nil, "expected an object, found null"),
      ("query", "expected an object, found a string"),
      (["query": 1], "`query`: expected a string, found an integer"),
      (["query": ""], "`query`: needs at least 1 characters, found 0"),
      (["query": "abcdef"], "`query`: may have at most 5 characters, found 6"),
      (["query": "a", "count": 0], "`count`: must be at least 1"),
      (["query": "a", "count": 11], "`count`: must be at most 10"),
      (["query": "a", "count": 1.5], "`count`: expected an integer, found a number"),
      (["query": "a", "count": "1"], "`count`: expected an integer, found a string"),
      (["query": "a", "ratio": 1], "`ratio`: must be below 1"),
      (["query": "a", "ratio": 0], "`ratio`: must be above 0"),
      (["query": "a", "mode": "none"], "`mode`: expected one of \"fast\", \"slow\", 3"),
      (["query": "a", "tags": []], "`tags`: needs at least 1 elements, found 0"),
      (["query": "a", "tags": ["x", 2]], "`tags[1]`: expected a string, found an integer"),
      (["query": "a", "nested": [:]], "`nested.x` is missing"),
      (["query": "a", "nested": ["x": "y"]], "`nested.x`: expected a number or null, found a string"),
      (["query": "a", "other": 1], "unknown argument `other` (known: query, count, ratio, mode, tags, nested)"),
    ] as [(JSONValue, String)])
  func misfits(arguments: JSONValue, problem: String) throws {
    #expect(try problems(arguments) == [problem])
  }

  @Test("a schema that could not be checked is refused when the tool is offered")
  func badSchemas() {
    func error(_ parameters: JSONValue) -> ToolError? {
      do {
        _ = try ArgumentSchema(ToolSchema(name: "t", description: "", parameters: parameters))
        return nil
      } catch {
        return error
      }
    }
    #expect(error(["type": "string"]) != nil)
    #expect(
      error(["type": "object", "properties": ["x": ["pattern": "a+"]]])
        == .badSchema(tool: "t", path: "properties.x.pattern", reason: "unknown field"))
    #expect(error(["type": "object", "properties": ["x": ["type": "text"]]])?.description.contains("text") == true)
    #expect(error(["type": "object"]) == nil)
  }

  @Test("endless arguments give few problems")
  func manyProblems() throws {
    let fields = (0..<1000).map { ("k\($0)", JSONValue.int(1)) }
    let object = JSONValue.object(JSONObject(uniqueKeysWithValues: fields))
    #expect(try problems(object).count <= 4)
  }
}
