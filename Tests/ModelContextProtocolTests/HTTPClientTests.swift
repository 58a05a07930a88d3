import AgentCore
import Testing

@testable import ModelContextProtocol

/// Servers of the official SDK over streamable HTTP.
@Suite(.serialized, .enabled(if: Peer.sdks.count == 2, Peer.sdkComment))
struct HTTPClientTests {
  /// One way in which a server is run and spoken to.
  struct Setup: Sendable, CustomStringConvertible {
    var major: Int
    var options: [String] = []
    var choice = ProtocolChoice.auto
    var version = ProtocolVersion.november2025

    var description: String { "SDK \(major).x \(options.joined(separator: " ")) \(choice.rawValue)" }
  }

  static let setups = [
    Setup(major: 1), Setup(major: 1, options: ["json"]), Setup(major: 1, options: ["stateless"]),
    Setup(major: 2), Setup(major: 2, options: ["json"], choice: .handshake),
    Setup(major: 2, choice: .stateless, version: .july2026),
    Setup(major: 2, options: ["json"], choice: .stateless, version: .july2026),
  ]

  private func with(_ setup: Setup, _ body: (MCPClient, MCPServerAddress) async throws -> Void) async throws {
    try await PeerProcess.with(Peer.python(setup.major), ["sdk_server.py", "http", "0"] + setup.options) { origin in
      let address = MCPServerAddress.http(url: "\(origin)/mcp")
      try await Peer.with(address, choice: setup.choice) { client async throws in
        #expect(client.version == setup.version)
        try await body(client, address)
      }
    }
  }

  @Test("tools are listed and called, side by side, and their failures are results", arguments: setups)
  func listAndCall(setup: Setup) async throws {
    try await with(setup) { client, _ async throws in
      let tools = try await client.listTools()
      #expect(tools.count == 11)
      let add = try #require(tools.first { $0.name == "add" })
      let sums = try await withThrowingTaskGroup(of: (Int, String).self) { group in
        for number in 0..<8 {
          group.addTask {
            (number, try await client.call(add, ["a": JSONValue(number)], deadline: .now + .seconds(20)).text)
          }
        }
        return try await group.reduce(into: [Int: String]()) { $0[$1.0] = $1.1 }
      }
      #expect(sums == Dictionary(uniqueKeysWithValues: (0..<8).map { ($0, "\($0 + 1)") }))
      #expect(try await client.call("fail", ["reason": "no luck"]).isError)
      #expect(try await client.call("count", ["to": 3]).text == "3")
      let long = String(repeating: "é", count: 10_000)
      #expect(try await client.call("repeat", ["text": .string(long), "times": 20]).text.utf8.count == 400_000)
    }
  }

  @Test("a late call ends, and the connection lives on", arguments: setups)
  func timeout(setup: Setup) async throws {
    try await with(setup) { client, _ async throws in
      let late = await failure { try await client.call("wait", ["seconds": 100.0], within: .milliseconds(400)) }
      #expect(late == .timeout(method: "tools/call"))
      let task = Task { try await client.call("wait", ["seconds": 100.0]) }
      try await Task.sleep(for: .milliseconds(100))
      task.cancel()
      let cancelled = await failure { try await task.value }
      #expect(cancelled == .cancelled)
      #expect(try await client.call("add", ["a": 1]).text == "2")
      // Without a session, or without a stream to close, the SDK's server has no way to hear of it.
      guard !setup.options.contains("stateless"), !(setup.choice == .stateless && setup.options == ["json"]) else {
        return
      }
      var notes = ""
      for _ in 0..<100 where !notes.contains("cancelled") {
        try await Task.sleep(for: .milliseconds(20))
        notes = try await client.call("remember", ["note": "."]).text
      }
      #expect(notes.contains("cancelled"), "the server never learned of it")
    }
  }

  @Test("a tool that asks for a model's answer fails", arguments: [setups[0], setups[3], setups[5]])
  func sampling(setup: Setup) async throws {
    try await with(setup) { client, _ async throws in
      switch await Result(asyncCatching: { try await client.call("ask") }) {
      case .success(let result): #expect(result.isError)
      case .failure(let error): #expect(error is MCPError)
      }
      #expect(try await client.call("add", ["a": 1]).text == "2")
    }
  }

  @Test(
    "each connection has a session of its own, and closing one leaves the other", arguments: [setups[0], setups[3]])
  func sessions(setup: Setup) async throws {
    try await with(setup) { client, address async throws in
      let other = try await MCPClient.open(address)
      #expect(try await other.call("add", ["a": 1]).text == "2")
      await other.close()
      let closed = await failure { try await other.call("add", ["a": 1]) }
      #expect(closed == .closed)
      #expect(try await client.call("add", ["a": 1]).text == "2")
    }
  }
}
