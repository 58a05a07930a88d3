import AgentCore
import Foundation
import Glibc
import Testing

@testable import ModelContextProtocol

/// Servers that misbehave: each gives a defined error, never a hang or a crash, and leaves no process behind.
@Suite(.serialized, .enabled(if: Peer.plainPython != nil, "needs a python3"))
struct HostileServerTests {
  private static let limits = ConnectionLimits(
    startTimeout: .seconds(20), maxFrameBytes: 1 << 20, maxUnaskedFrames: 2000, closeGrace: .milliseconds(200))

  /// The error of one call to a server of that behaviour.
  private func callError(_ behaviour: String, within: Duration = .seconds(20)) async throws -> MCPError? {
    try await Peer.with(Peer.hostile(behaviour), limits: Self.limits) { client async throws in
      await failure { try await client.call("act", within: within) }
    }
  }

  private func call(_ behaviour: String) async throws -> CallResult {
    try await Peer.with(Peer.hostile(behaviour), limits: Self.limits) { try await $0.call("act") }
  }

  private func openingError(_ behaviour: String, within: Duration = .seconds(20)) async throws -> MCPError? {
    let address = try Peer.hostile(behaviour)
    return await failure {
      try await MCPClient.open(
        address, limits: ConnectionLimits(startTimeout: within, closeGrace: .milliseconds(100)))
    }
  }

  @Test("a server that ends in a call is named with its status and last words")
  func dies() async throws {
    #expect(try await callError("dies") == .serverEnded(how: "exit status 3", lastWords: "a last word"))
    #expect(try await callError("is killed") == .serverEnded(how: "signal 9", lastWords: ""))
    #expect(try await callError("dies with a child") == .serverEnded(how: "exit status 0", lastWords: ""))
    #expect(try await callError("closes output") == .serverEnded(how: "it closed its output", lastWords: ""))
  }

  @Test("a server that ended stays ended")
  func staysEnded() async throws {
    try await Peer.with(Peer.hostile("dies"), limits: Self.limits) { client async throws in
      let first = await failure { try await client.call("act") }
      let second = await failure { try await client.call("act") }
      #expect(first != nil)
      #expect(second == first)
      #expect(first?.endsConnection == true)
    }
  }

  @Test("a server that hangs, or answers something else, is left at the deadline")
  func hangs() async throws {
    #expect(try await callError("hangs", within: .milliseconds(300)) == .timeout(method: "tools/call"))
    #expect(try await callError("wrong id", within: .milliseconds(300)) == .timeout(method: "tools/call"))
  }

  @Test("an answer without an id belongs to the only call under way")
  func nullID() async throws {
    #expect(
      try await callError("null id")
        == .refused(method: "tools/call", RPCFault(code: -32700, message: "what?")))
  }

  @Test("answers to nothing are counted")
  func unknownAnswers() async throws {
    try await Peer.with(Peer.hostile("twice"), limits: Self.limits) { client async throws in
      #expect(try await client.call("act").text == "one")
      #expect(try await client.call("act").text == "one")
      #expect(client.counts.unknownAnswers >= 1)
    }
  }

  @Test(
    "a frame that cannot be read fails the call at once",
    arguments: ["broken frame", "not a number", "no version", "bad result", "null result"])
  func malformed(behaviour: String) async throws {
    guard case .malformed = try await callError(behaviour) else {
      Issue.record("\(behaviour) was taken")
      return
    }
  }

  @Test("stray lines among the frames are passed over")
  func strayLines() async throws {
    try await Peer.with(Peer.hostile("prints"), limits: Self.limits) { client async throws in
      #expect(try await client.call("act").text == "done")
      #expect(client.counts.strayFrames == 1)
    }
  }

  @Test("a flood ends the connection", arguments: ["floods", "floods notifications"])
  func floods(behaviour: String) async throws {
    guard case .flooded = try await callError(behaviour) else {
      Issue.record("\(behaviour) was let through")
      return
    }
  }

  @Test("a message past the limit ends the connection")
  func tooLarge() async throws {
    #expect(try await callError("one endless line") == .frameTooLarge(limitBytes: 1 << 20))
    #expect(try await call("long answer").text.count == 300_000)
  }

  @Test("what the server asks for is answered: it is told that we live, the rest is refused")
  func serverRequests() async throws {
    let replies = try JSONValue(parsing: try await call("asks").text).arrayValue ?? []
    #expect(replies.count == 4)
    #expect(replies.first == ["jsonrpc": "2.0", "id": "s0", "result": [:]])
    for reply in replies.dropFirst() { #expect(reply["error"]?["code"] == -32601) }
  }

  @Test("a batch is read") func batches() async throws {
    #expect(try await call("batches").text == "in a batch")
  }

  @Test("a late call is cancelled by its id, and its late answer goes nowhere")
  func cancellation() async throws {
    try await Peer.with(Peer.hostile("notes cancellations"), limits: Self.limits) { client async throws in
      let late = await failure { try await client.call("act", within: .milliseconds(200)) }
      #expect(late == .timeout(method: "tools/call"))
      let note = try JSONValue(parsing: try await client.call("act").text)
      #expect(note["method"] == "notifications/cancelled")
      #expect(note["params"]?["requestId"] == 2)
      #expect(client.counts.unknownAnswers == 1)
    }
  }

  @Test("a server that cannot be opened says why")
  func opening() async throws {
    #expect(
      try await openingError("starts with words")
        == .serverEnded(how: "exit status 7", lastWords: "not ready: no licence"))
    #expect(try await openingError("never answers", within: .milliseconds(500)) == .timeout(method: "initialize"))
    #expect(try await openingError("does not read", within: .milliseconds(500)) == .timeout(method: "initialize"))
    #expect(try await openingError("future") == .noCommonVersion(server: "2099-01-01"))
    #expect(try await openingError("refuses") == .noCommonVersion(server: "2031-01-01"))
    #expect(try await openingError("no tools") == .offersNoTools(server: "hostile 1"))
    let missing = await failure { try await MCPClient.open(.process(command: ["/no/such/program"])) }
    #expect(missing == .cannotStart(command: "/no/such/program", reason: "No such file or directory"))
    let folder = await failure { try await MCPClient.open(.process(command: ["true"], folder: "/no/such")) }
    #expect(folder == .cannotStart(command: "true", reason: "its folder /no/such cannot be entered"))
    let empty = await failure { try await MCPClient.open(.process(command: [])) }
    #expect(empty == .cannotStart(command: "", reason: "the command is empty"))
  }

  @Test("an old server is spoken to in its own revision")
  func oldVersion() async throws {
    try await Peer.with(Peer.hostile("old"), limits: Self.limits) { client async throws in
      #expect(client.version == .november2024)
      #expect(try await client.call("act").text == "ok")
    }
  }

  @Test("a server without the handshake is spoken to without one")
  func onlyStateless() async throws {
    try await Peer.with(Peer.hostile("only stateless"), limits: Self.limits) { client async throws in
      #expect(client.version == .july2026)
      let meta = try JSONValue(parsing: try await client.call("act").text)
      #expect(meta[RequestEnvelope.versionKey] == "2026-07-28")
      #expect(meta[RequestEnvelope.clientInfoKey]?["name"] == "agentenv")
      #expect(meta[RequestEnvelope.clientCapabilitiesKey] == [:])
    }
  }

  @Test("whatever bytes a server writes, a call ends, and so does its process", arguments: 0..<12)
  func fuzz(seed: Int) async throws {
    let address = MCPServerAddress.process(
      command: [try #require(Peer.plainPython), "\(Peer.folder)/hostile_server.py", "fuzz", "\(seed)"])
    let client = try await MCPClient.open(address, limits: Self.limits)
    for _ in 0..<6 {
      let start = ContinuousClock.now
      _ = await failure { try await client.call("act", within: .milliseconds(400)) }
      // A hang would be endless; a busy machine may be slow.
      #expect(ContinuousClock.now - start < .seconds(20), "seed \(seed)")
    }
    await client.close()
  }

  @Test("tools are listed page by page, and a listing without an end is refused")
  func pages() async throws {
    let names = try await Peer.with(Peer.hostile("pages"), limits: Self.limits) { try await $0.listTools().map(\.name) }
    #expect(names == ["act0", "act1", "act2", "act3", "act4"])
    for behaviour in ["same page", "endless pages", "bad tools"] {
      let error = try await Peer.with(Peer.hostile(behaviour), limits: Self.limits) { client async throws in
        await failure { try await client.listTools() }
      }
      guard case .malformed = error else {
        Issue.record("\(behaviour): \(String(describing: error))")
        return
      }
    }
  }

  @Test("closing ends the process, its children, and those that left its group")
  func wholeTree() async throws {
    let client = try await MCPClient.open(try Peer.hostile("ignores the end"), limits: Self.limits)
    let pids = try JSONValue(parsing: try await client.call("act").text).arrayValue?.compactMap(\.intValue) ?? []
    #expect(pids.count == 3)
    for pid in pids { #expect(isRunning(pid)) }
    await client.close()
    // What another process reaps is gone a moment later.
    for _ in 0..<100 where pids.contains(where: isRunning) { try await Task.sleep(for: .milliseconds(10)) }
    for pid in pids { #expect(!isRunning(pid)) }
    let after = await failure { try await client.call("act") }
    #expect(after == .closed)
    await client.close()
  }

  /// Whether a process is there and no zombie.
  private func isRunning(_ pid: Int) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
    return !status.contains(") Z ")
  }

  @Test("closing ends a call under way")
  func closeInCall() async throws {
    let client = try await MCPClient.open(try Peer.hostile("hangs"), limits: Self.limits)
    let task = Task { await failure { try await client.call("act") } }
    try await Task.sleep(for: .milliseconds(100))
    await client.close()
    #expect(await task.value == .closed)
  }

  @Test("many connections at once are apart, and leave no process behind")
  func manyConnections() async throws {
    let address = try Peer.hostile("names itself")
    let pids = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<12 {
        group.addTask {
          let text = try await Peer.with(address, limits: Self.limits) { try await $0.call("act").text }
          return try #require(Int(text))
        }
      }
      return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
    }
    #expect(pids.count == 12)
    for pid in pids { #expect(!FileManager.default.fileExists(atPath: "/proc/\(pid)"), "not even as a zombie") }
  }
}
