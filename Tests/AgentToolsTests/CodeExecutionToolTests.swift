import AgentCore
import Sandbox
import Testing

@testable import AgentTools

@Suite(SandboxForTests.isAvailable) struct CodeExecutionToolTests {
  private func tool(
    _ language: String = "python", stateful: Bool = false, _ change: (inout CodeExecutionSettings) -> Void = { _ in }
  ) throws -> CodeExecutionTool {
    var settings = CodeExecutionSettings(language: language)
    settings.isStateful = stateful
    settings.timeout = .seconds(20)
    change(&settings)
    return try CodeExecutionTool(name: language, sandbox: SandboxForTests.shared, settings: settings)
  }

  private func run(_ tool: CodeExecutionTool, _ code: String, stdin: String? = nil) async throws -> ToolOutput {
    var arguments: JSONObject = ["code": .string(code)]
    arguments["stdin"] = stdin.map(JSONValue.string)
    return try await tool.call(arguments, context: ToolContext(callID: "c", seed: 3, deadline: .now + .seconds(60)))
  }

  @Test("what a program prints is the result, and says what isolated it")
  func output() async throws {
    let output = try await run(try tool(), "print(6 * 7)\nprint(input()[::-1])", stdin: "åbc\n")
    #expect(output.status == .ok)
    #expect(output.content == "42\ncbå")
    #expect(output.isolation != nil && output.isolation?.mode != "none")
    #expect(try await run(try tool(), "x = 1").content == "(no output)")
    #expect(try await run(try tool("bash"), "echo a; echo b >&2").content == "a\n[stderr]\nb")
  }

  @Test("a failing program is an error that ends with how it ended")
  func failure() async throws {
    let output = try await run(try tool(), "print('before')\n1/0")
    #expect(output.status == .error)
    #expect(output.content.hasPrefix("before\n[stderr]\n"))
    #expect(output.content.contains("ZeroDivisionError: division by zero"))
    #expect(output.content.hasSuffix("\n[exit code 1]"))
    #expect(try await run(try tool("bash"), "exit 3").content == "[exit code 3]")
    let killed = try await run(try tool("bash"), "kill -SEGV $$").content
    #expect(killed == "[ended by signal 11]", "\(killed)")
  }

  @Test("limits end a program and say so")
  func limits() async throws {
    let endless = try await run(
      try tool { $0.timeout = .milliseconds(300) }, "print('x', flush=True)\nwhile True: pass")
    #expect(endless.status == .timeout)
    #expect(endless.content.hasPrefix("x\n[stopped: it "))
    let greedy = try await run(try tool { $0.memoryBytes = 64 << 20 }, "x = bytearray(1 << 30)\nprint(len(x))")
    #expect(greedy.status == .error)
    #expect(greedy.content.contains("MemoryError") || greedy.content.contains("more than 64 MiB"))
    let loud = try await run(try tool(), "print('x' * 5000)\nprint('end')")
    #expect(loud.content.unicodeScalars.count <= 1900)
    #expect(loud.content.hasSuffix("x\nend"))
  }

  @Test("a long error keeps its last lines")
  func longError() async throws {
    let code = "def f(n):\n    return f(n + 1)\nprint('y' * 4000)\nf(0)"
    let output = try await run(try tool(), code)
    #expect(output.content.contains("RecursionError"))
    #expect(output.content.hasSuffix("[exit code 1]"))
    #expect(output.content.unicodeScalars.count <= 1900)
  }

  @Test("a program that attacks the kernel is denied")
  func violation() async throws {
    let code = "import ctypes\nctypes.CDLL(None).ptrace(0, 0, 0, 0)\nprint('went on')"
    let output = try await run(try tool(), code)
    #expect(output.status == .denied)
    #expect(output.content.contains("[stopped: "))
  }

  @Test("a language that does not exist is refused when the tool is made")
  func unknownLanguage() {
    #expect(throws: SandboxError.self) { try tool("klingon") }
  }

  // MARK: State

  @Test("a stateful interpreter keeps its variables, and shows the value of a last expression")
  func state() async throws {
    let tool = try tool(stateful: true)
    #expect(try await run(tool, "import math\nx = 20").content == "(no output)")
    #expect(try await run(tool, "x + math.floor(1.5)").content == "21")
    #expect(try await run(tool, "open('f', 'w').write('kept')").content == "4")
    #expect(try await run(tool, "open('f').read()").content == "'kept'")
    let error = try await run(tool, "undefined")
    #expect(error.status == .error)
    #expect(error.content.contains("NameError"))
    #expect(try await run(tool, "x").content == "20")
    await tool.close()
  }

  @Test("sessions do not see each other, and random numbers follow the session's seed")
  func isolation() async throws {
    let (first, second) = (try tool(stateful: true), try tool(stateful: true))
    _ = try await run(first, "secret = 5")
    #expect(try await run(second, "secret").content.contains("NameError"))
    let code = "import random\n[random.random() for _ in range(3)]"
    let numbers = try await run(first, code).content
    #expect(try await run(second, code).content == numbers)
    await first.close()
    await second.close()
  }

  @Test("an interpreter that is lost is started anew, and the policy is told")
  func lost() async throws {
    let tool = try tool(stateful: true)
    _ = try await run(tool, "x = 1")
    let ended = try await run(tool, "import os\nos._exit(3)")
    #expect(ended.status != .ok)
    let next = try await run(tool, "'x' in globals()")
    #expect(next.content.contains("False"))
    #expect(next.content.contains("[the interpreter was started anew"))
    #expect(try await run(tool, "1").content == "1")
    await tool.close()
  }

  @Test("closing ends the interpreter; a tool that made no call holds nothing")
  func closing() async throws {
    let tool = try tool(stateful: true)
    _ = try await run(tool, "x = 1")
    await tool.close()
    await #expect(throws: CancellationError.self) { try await run(tool, "x") }
    await (try self.tool(stateful: true)).close()
  }

  @Test("calls of one turn run in their order in one interpreter")
  func order() async throws {
    let registry = try ToolRegistry([tool(stateful: true)])
    let calls = (0..<8).map { index in
      ToolCall(
        id: "c\(index)", name: "python",
        arguments: ["code": .string(index == 0 ? "log = []" : "log.append(\(index)) or log[-1]")])
    }
    let results = await registry.call(calls, deadline: .now + .seconds(60))
    #expect(results.map(\.content) == ["(no output)"] + (1..<8).map(String.init))
    await registry.close()
  }

  @Test("cancelling a call ends its program")
  func cancellation() async throws {
    let tool = try tool()
    let call = Task { try await run(tool, "while True: pass") }
    try await Task.sleep(for: .milliseconds(100))
    call.cancel()
    await #expect(throws: CancellationError.self) { try await call.value }
  }
}
