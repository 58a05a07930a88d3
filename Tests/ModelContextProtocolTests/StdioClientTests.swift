import AgentCore
import Foundation
import Testing

@testable import ModelContextProtocol

/// Servers of the official SDK over standard streams.
@Suite(.serialized, .enabled(if: Peer.sdks.count == 2, Peer.sdkComment))
struct StdioClientTests {
  @Test("tools are listed with their schemas, and called", arguments: Peer.majors)
  func listAndCall(major: Int) async throws {
    try await Peer.with(Peer.sdkServer(major)) { client async throws in
      #expect(client.version == .november2025)
      #expect(client.server.name == "test server")
      let tools = try await client.listTools()
      #expect(tools.count == 11)
      let add = try #require(tools.first { $0.name == "add" })
      #expect(add.description == "Adds two whole numbers.")
      #expect(add.inputSchema["required"] == ["a"])
      let result = try await client.call(add, ["a": 2, "b": 3], deadline: .now + .seconds(20))
      #expect(result.text == "5")
      #expect(result.structuredContent == ["result": 5])
      #expect(!result.isError)
    }
  }

  @Test("the stateless revision is spoken over standard streams, too; late calls are cancelled")
  func stateless() async throws {
    try await Peer.with(Peer.sdkServer(2), choice: .stateless) { client async throws in
      #expect(client.version == .july2026)
      #expect(try await client.listTools().count == 11)
      #expect(try await client.call("add", ["a": 2, "b": 3]).text == "5")
      #expect(try await client.call("fail", ["reason": "no luck"]).isError)
      let late = await failure { try await client.call("wait", ["seconds": 100.0], within: .milliseconds(300)) }
      #expect(late == .timeout(method: "tools/call"))
      var notes = ""
      for _ in 0..<100 where !notes.contains("cancelled") {
        try await Task.sleep(for: .milliseconds(20))
        notes = try await client.call("remember", ["note": "."]).text
      }
      #expect(notes.contains("cancelled"))
    }
    let old = await failure { try await MCPClient.open(try Peer.sdkServer(1), choice: .stateless) }
    switch old {
    case .refused(let method, _): #expect(method == "server/discover")
    default: Issue.record("\(String(describing: old))")
    }
  }

  @Test("a server keeps its state from call to call", arguments: Peer.majors)
  func state(major: Int) async throws {
    try await Peer.with(Peer.sdkServer(major)) { client async throws in
      #expect(try await client.call("remember", ["note": "a"]).text == "a")
      #expect(try await client.call("remember", ["note": "é🙂\n\u{2028}"]).text == "a, é🙂\n\u{2028}")
    }
  }

  @Test("a tool's failure is a result, a tool that does not exist is one, too", arguments: Peer.majors)
  func failures(major: Int) async throws {
    try await Peer.with(Peer.sdkServer(major)) { client async throws in
      let failed = try await client.call("fail", ["reason": "no luck"])
      #expect(failed.isError)
      #expect(failed.text.contains("Error executing tool fail"))
      let bad = try await client.call("add", ["a": "x"])
      #expect(bad.isError)
      let unknown = await failure { try await client.call("nothing") }
      switch unknown {
      case nil, .refused: break
      default: Issue.record("\(String(describing: unknown))")
      }
      #expect(try await client.call("add", ["a": 1]).text == "2")
    }
  }

  @Test("calls run side by side, and a slow one does not hold up the others", arguments: Peer.majors)
  func concurrent(major: Int) async throws {
    try await Peer.with(Peer.sdkServer(major)) { client async throws in
      async let slow = client.call("wait", ["seconds": 1.0])
      let sums = try await withThrowingTaskGroup(of: (Int, String).self) { group in
        for number in 0..<20 {
          group.addTask { (number, try await client.call("add", ["a": JSONValue(number), "b": 1]).text) }
        }
        return try await group.reduce(into: [Int: String]()) { $0[$1.0] = $1.1 }
      }
      #expect(sums == Dictionary(uniqueKeysWithValues: (0..<20).map { ($0, "\($0 + 1)") }))
      #expect(try await slow.text == "waited")
    }
  }

  @Test("a call that is late is cancelled at the server, and the connection lives on", arguments: Peer.majors)
  func timeout(major: Int) async throws {
    try await Peer.with(Peer.sdkServer(major)) { client async throws in
      let late = await failure { try await client.call("wait", ["seconds": 100.0], within: .milliseconds(300)) }
      #expect(late == .timeout(method: "tools/call"))
      let task = Task { try await client.call("wait", ["seconds": 100.0]) }
      try await Task.sleep(for: .milliseconds(200))
      task.cancel()
      let cancelled = await failure { try await task.value }
      #expect(cancelled == .cancelled)
      var notes = ""
      for _ in 0..<50 where !notes.contains("cancelled, cancelled") {
        try await Task.sleep(for: .milliseconds(20))
        notes = try await client.call("remember", ["note": "."]).text
      }
      #expect(notes.contains("cancelled, cancelled"))
    }
  }

  @Test("reports of progress are counted and change nothing", arguments: Peer.majors)
  func notifications(major: Int) async throws {
    try await Peer.with(Peer.sdkServer(major)) { client async throws in
      #expect(try await client.call("count", ["to": 3]).text == "3")
      // Without a progress token the SDK reports none; its log messages do come.
      #expect(client.counts.notifications >= (major == 1 ? 3 : 0))
    }
  }

  @Test("a request for a model's answer is refused, and the tool fails", arguments: Peer.majors)
  func sampling(major: Int) async throws {
    try await Peer.with(Peer.sdkServer(major)) { client async throws in
      // 1.x makes the tool's failure a result, 2.x hands our refusal back as it is.
      switch await Result(asyncCatching: { try await client.call("ask") }) {
      case .success(let result): #expect(result.isError)
      case .failure(let error): #expect("\(error)".contains("does not offer `sampling/createMessage`"))
      }
      #expect(try await client.call("add", ["a": 1]).text == "2")
    }
  }

  @Test("the server sees the environment it is given and none of ours", arguments: Peer.majors)
  func environment(major: Int) async throws {
    setenv("AGENTENV_TEST_SECRET", "hidden", 1)
    let address = MCPServerAddress.process(
      command: [try Peer.python(major), "\(Peer.folder)/sdk_server.py", "stdio"],
      environment: ["GIVEN": "a b=c"], folder: "/tmp")
    try await Peer.with(address) { client async throws in
      let variables = try JSONValue(parsing: try await client.call("environment").text)
      #expect(variables["GIVEN"] == "a b=c")
      #expect(variables["AGENTENV_TEST_SECRET"] == nil)
      #expect(variables["PATH"] != nil)
      #expect(try await client.call("folder").text == "/tmp")
    }
  }

  @Test("large answers arrive whole", arguments: Peer.majors)
  func large(major: Int) async throws {
    try await Peer.with(Peer.sdkServer(major)) { client async throws in
      let long = String(repeating: "é", count: 100_000)
      #expect(try await client.call("repeat", ["text": .string(long), "times": 5]).text.utf8.count == 1_000_000)
    }
  }
}
