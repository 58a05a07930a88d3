import AgentCore
import Foundation
import ModelContextProtocol
import Testing

@testable import AgentTools

/// Tools of external servers in a registry, as a session holds them.
enum MCPPeers {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("ModelContextProtocolTests/Peers").path
  static let sdks = ["AGENTENV_TEST_PYTHON_MCP1", "AGENTENV_TEST_PYTHON_MCP2"].compactMap {
    ProcessInfo.processInfo.environment[$0]
  }
  static let plainPython = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  static func hostile(_ behaviour: String) throws -> MCPToolSettings {
    var settings = MCPToolSettings(
      server: .process(command: [try #require(plainPython), "\(folder)/hostile_server.py", behaviour]))
    settings.limits.closeGrace = .milliseconds(200)
    return settings
  }

  static func sdk(_ python: String) -> MCPToolSettings {
    MCPToolSettings(server: .process(command: [python, "\(folder)/sdk_server.py", "stdio"]))
  }
}

extension ToolRegistry {
  func call(_ name: String, _ arguments: JSONValue = [:], within: Duration = .seconds(30)) async -> ToolResult {
    await call(ToolCall(id: "c", name: name, arguments: arguments), deadline: .now + within)
  }
}

@Suite(
  .serialized,
  .enabled(if: MCPPeers.sdks.count == 2, "set AGENTENV_TEST_PYTHON_MCP1 and _MCP2 (scripts/test-peers makes them)"))
struct MCPSDKToolTests {
  @Test("a session calls a server's tools like any other", arguments: MCPPeers.sdks)
  func calls(python: String) async throws {
    var settings = MCPPeers.sdk(python)
    settings.prefix = "peer_"
    settings.tools = ["add", "distance", "picture", "fail", "wait", "repeat"]
    settings.maxResultCharacters = 100
    let source = try await MCPToolSource.load(settings)
    #expect(source.schemas.map(\.name) == settings.tools?.map { "peer_\($0)" })
    let registry = try ToolRegistry(source.makeTools() + [CalculatorTool()])
    #expect(await registry.call("peer_add", ["a": 2, "b": 3]).content == "5")
    let distance = await registry.call("peer_distance", ["start": ["x": 0, "y": 0], "end": ["x": 3, "y": 4]])
    #expect(distance.status == .ok)
    #expect(distance.content.contains("5.0"))
    // What our reading of the schema shows to be wrong never reaches the server.
    #expect(
      await registry.call("peer_distance", ["start": ["x": 0], "end": [:], "unit": "ft"]).content.contains("`start.y`"))
    let label = await registry.call("peer_add", ["a": "two"])
    #expect(label.content == "error: bad arguments for `peer_add`: `a`: expected an integer, found a string")
    #expect(await registry.call("peer_picture").content == "[image image/gif 23 bytes]")
    let failed = await registry.call("peer_fail", ["reason": "no luck"])
    #expect(failed.status == .error)
    #expect(failed.content.hasPrefix("error: Error executing tool fail"))
    let late = await registry.call("peer_wait", ["seconds": 100], within: .milliseconds(300))
    #expect(late.status == .timeout)
    let long = await registry.call("peer_repeat", ["text": "é", "times": 150])
    #expect(long.content == String(repeating: "é", count: 100) + "… [50 more characters]")
    await registry.close()
    #expect(await registry.call("peer_add", ["a": 1]).content == "error: the connection is closed")
    await source.close()
  }

  @Test("sessions keep apart what the server holds, unless they share it", arguments: MCPToolSettings.Sharing.allCases)
  func sharing(share: MCPToolSettings.Sharing) async throws {
    var settings = MCPPeers.sdk(MCPPeers.sdks[0])
    settings.share = share
    let source = try await MCPToolSource.load(settings)
    let first = try ToolRegistry(source.makeTools())
    let second = try ToolRegistry(source.makeTools())
    #expect(await first.call("remember", ["note": "a"]).content == "a")
    #expect(await second.call("remember", ["note": "b"]).content == (share == .session ? "b" : "a, b"))
    await first.close()
    #expect(await second.call("remember", ["note": "c"]).content == (share == .session ? "b, c" : "a, b, c"))
    await second.close()
    await source.close()
  }

  @Test("several tools of one session share its connection", arguments: MCPPeers.sdks)
  func oneConnection(python: String) async throws {
    let source = try await MCPToolSource.load(MCPPeers.sdk(python))
    let registry = try ToolRegistry(source.makeTools())
    let calls = (0..<4).map { ToolCall(id: "\($0)", name: "remember", arguments: ["note": .string("n\($0)")]) }
    let results = await registry.call(calls, deadline: .now + .seconds(30))
    #expect(results.map { $0.content.split(separator: ",").count }.sorted() == [1, 2, 3, 4])
    await registry.close()
  }
}

@Suite(.serialized, .enabled(if: MCPPeers.plainPython != nil, "needs a python3"))
struct MCPToolTests {
  private func result(_ behaviour: String, within: Duration = .seconds(20)) async throws -> ToolResult {
    let source = try await MCPToolSource.load(MCPPeers.hostile(behaviour))
    let registry = try ToolRegistry(source.makeTools())
    let result = await registry.call("act", within: within)
    await registry.close()
    return result
  }

  @Test(
    "what goes wrong is an answer that the policy reads",
    arguments: [
      ("dies", "error: the server ended (exit status 3)"), ("is killed", "error: the server ended (signal 9)"),
      ("null id", "error: `act` was refused by its server: what? (-32700)"),
    ])
  func failures(behaviour: String, content: String) async throws {
    let result = try await result(behaviour)
    #expect(result.status == .error)
    #expect(result.content == content)
  }

  @Test("a server that hangs is a timeout, by the turn's deadline or by the call's own")
  func hangs() async throws {
    #expect(try await result("hangs", within: .milliseconds(300)).status == .timeout)
    var settings = try MCPPeers.hostile("hangs")
    settings.callTimeout = .milliseconds(200)
    let registry = try ToolRegistry(try await MCPToolSource.load(settings).makeTools())
    let result = await registry.call("act")
    #expect(result.status == .timeout)
    #expect(result.content == "error: `act` did not answer in time")
    await registry.close()
  }

  @Test("content that is no text is named, not dumped")
  func content() async throws {
    #expect(
      try await result("mixed content").content == """
        words
        [image image/png 3 bytes]
        [resource file:///a.txt]
        inside
        [resource file:///b.bin 6 bytes]
        [link c file:///c]
        [content of type hologram]
        """)
    #expect(try await result("structured only").content == #"{"sum":5}"#)
  }

  @Test("a schema that we cannot read is left to the server")
  func oddSchema() async throws {
    let source = try await MCPToolSource.load(MCPPeers.hostile("odd schema"))
    let registry = try ToolRegistry(source.makeTools())
    #expect(await registry.call("act", ["when": "x", "odd": 1, "self": []]).content == "ok")
    #expect(await registry.call("act", ["when": 1]).content.contains("`when`: expected a string"))
    await registry.close()
  }

  @Test("a shared server that ended is started again for new sessions, and only for them")
  func restart() async throws {
    var settings = try MCPPeers.hostile("dies")
    settings.share = .environment
    let source = try await MCPToolSource.load(settings)
    let old = try ToolRegistry(source.makeTools())
    #expect(await old.call("act").content.contains("exit status 3"))
    let new = try ToolRegistry(source.makeTools())
    #expect(await old.call("act").content.contains("exit status 3"))
    #expect(await new.call("act").content.contains("exit status 3"))
    await source.close()
    #expect(await new.call("act").content == "error: the connection is closed")
  }

  @Test("settings that name a tool that is not there, or a server that cannot be reached, are refused with the reason")
  func loading() async throws {
    var settings = try MCPPeers.hostile("plain")
    settings.tools = ["act", "actt"]
    await #expect { _ = try await MCPToolSource.load(settings) } throws: {
      "\($0)".contains("has no tool `actt`; its tools are: act")
    }
    let words = try MCPPeers.hostile("starts with words")
    await #expect { _ = try await MCPToolSource.load(words) } throws: { "\($0)".contains("not ready: no licence") }
  }

  @Test("keys come from our environment, and a missing one is named")
  func variables() throws {
    let address = MCPServerAddress.http(
      url: "http://x/${A}", headers: ["Authorization": "Bearer ${KEY}, ${A}$", "Plain": "${", "Empty": ""])
    #expect(
      try address.resolved(["KEY": "k", "A": "${KEY}"])
        == .http(
          url: "http://x/${A}", headers: ["Authorization": "Bearer k, ${KEY}$", "Plain": "${", "Empty": ""]))
    #expect { try address.resolved([:]) } throws: { "\($0)".contains("has no variable") }
    let process = MCPServerAddress.process(command: ["a", "${KEY}"], environment: ["K": "${KEY}"], folder: "f")
    #expect(
      try process.resolved(["KEY": "k"])
        == .process(command: ["a", "${KEY}"], environment: ["K": "k"], folder: "f"))
  }

  @Test("many sessions at once, each with its own server, leave nothing behind")
  func manySessions() async throws {
    let source = try await MCPToolSource.load(MCPPeers.hostile("plain"))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<16 {
        group.addTask {
          let registry = try ToolRegistry(source.makeTools())
          let calls = (0..<5).map { ToolCall(id: "\($0)", name: "act", arguments: [:]) }
          let results = await registry.call(calls, deadline: .now + .seconds(60))
          #expect(results.map(\.content) == Array(repeating: "ok", count: 5))
          await registry.close()
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("tools are listed on a thread that blocks, too")
  func blocking() async throws {
    let settings = try MCPPeers.hostile("plain")
    let names: [String] = try await withCheckedThrowingContinuation { continuation in
      Thread {
        continuation.resume(with: Result { try MCPToolSource.loadBlocking(settings).schemas.map(\.name) })
      }.start()
    }
    #expect(names == ["act"])
  }

  @Test("a session that calls nothing starts nothing, and closing it waits for nothing")
  func unused() async throws {
    let source = try await MCPToolSource.load(MCPPeers.hostile("plain"))
    let registry = try ToolRegistry(source.makeTools())
    await registry.close()
    #expect(await registry.call("act").content == "error: the connection is closed")
  }
}
