import AgentCore
import Testing
import WebTransfer

@testable import ModelContextProtocol

/// Endpoints that misbehave: each gives a defined error, never a hang or a crash.
@Suite(.serialized, .enabled(if: Peer.plainPython != nil, "needs a python3"))
struct HostileHTTPTests {
  private static let limits = ConnectionLimits(
    startTimeout: .seconds(10), maxFrameBytes: 1 << 20, maxUnaskedFrames: 2000)

  private func withServer<Value>(_ body: (_ origin: String) async throws -> Value) async throws -> Value {
    try await PeerProcess.with(try #require(Peer.plainPython), ["hostile_http.py"], body)
  }

  private func address(_ origin: String, _ behaviour: String) -> MCPServerAddress {
    .http(url: "\(origin)/\(behaviour.split(separator: " ").joined(separator: "%20"))")
  }

  private func log(_ origin: String, _ behaviour: String) async throws -> [[String?]] {
    let name = behaviour.split(separator: " ").joined(separator: "%20")
    let response = try await WebTransfer.send(WebRequest(url: "\(origin)/log?\(name)"))
    return try JSONValue(parsing: response.body).arrayValue?.map { $0.arrayValue?.map(\.stringValue) ?? [] } ?? []
  }

  private func callError(_ origin: String, _ behaviour: String, within: Duration = .seconds(10)) async throws
    -> MCPError?
  {
    try await Peer.with(address(origin, behaviour), limits: Self.limits) { client async throws in
      await failure { try await client.call("act", within: within) }
    }
  }

  @Test("requests carry session and version, a late call is cancelled, and closing deletes the session")
  func conversation() async throws {
    try await withServer { origin async throws in
      try await Peer.with(address(origin, "hangs"), limits: Self.limits) { client async throws in
        _ = try await client.listTools()
        let late = await failure { try await client.call("act", within: .milliseconds(200)) }
        #expect(late == .timeout(method: "tools/call"))
      }
      let v = "2025-11-25"
      let log = try await log(origin, "hangs").filter { $0[0] != "GET" }
      #expect(
        log == [
          ["POST", "initialize", nil, nil], ["POST", "notifications/initialized!", "session 1", v],
          ["POST", "tools/list", "session 1", v], ["POST", "tools/call", "session 1", v],
          ["POST", "notifications/cancelled!", "session 1", v], ["DELETE", nil, "session 1", v],
        ])
    }
  }

  @Test("a server without the handshake is spoken to without one")
  func stateless() async throws {
    try await withServer { origin async throws in
      try await Peer.with(address(origin, "only stateless"), limits: Self.limits) { client async throws in
        #expect(client.version == .july2026)
        #expect(try await client.call("act").text == "done")
      }
      let v = "2026-07-28"
      #expect(
        try await log(origin, "only stateless") == [
          ["POST", "initialize", nil, nil], ["POST", "server/discover", nil, v], ["POST", "tools/call", nil, v],
        ])
      #expect(try await callError(origin, "asks for input") == .needsInput(tool: "act"))
    }
  }

  @Test("a server that cannot be opened says why")
  func opening() async throws {
    try await withServer { origin async throws in
      func error(_ behaviour: String) async -> MCPError? {
        await failure { try await MCPClient.open(address(origin, behaviour), limits: Self.limits) }
      }
      #expect(
        await error("needs a key")
          == .status(401, url: "\(origin)/needs%20a%20key", body: #"{"detail": "no key"}"#))
      #expect(await error("is not here") == .status(404, url: "\(origin)/is%20not%20here", body: "nothing here"))
      #expect(await error("has moved")?.description.contains("redirects to") == true)
      #expect(await error("speaks of the future") == .noCommonVersion(server: "2031-01-01"))
      guard case .malformed = await error("is a web page") else {
        Issue.record("a web page was taken for a server")
        return
      }
    }
    let nobody = await failure { try await MCPClient.open(.http(url: "http://127.0.0.1:9/mcp")) }
    #expect(nobody?.description.contains("cannot connect") == true)
    let bad = await failure { try await MCPClient.open(.http(url: "nonsense")) }
    #expect(bad != nil)
  }

  @Test("a lost session stays lost", arguments: ["loses the session silently", "loses the session"])
  func lostSession(behaviour: String) async throws {
    try await withServer { origin async throws in
      try await Peer.with(address(origin, behaviour), limits: Self.limits) { client async throws in
        let first = await failure { try await client.call("act") }
        let second = await failure { try await client.call("act") }
        guard case .sessionLost = first else {
          Issue.record("\(String(describing: first))")
          return
        }
        #expect(second == first)
      }
      let methods = try await log(origin, behaviour).map { $0[1] }
      #expect(methods.filter { $0 == "initialize" }.count == 1)
      #expect(methods.filter { $0 == "tools/call" }.count == 1)
    }
  }

  @Test("each misbehaviour in a call has its error")
  func calls() async throws {
    try await withServer { origin async throws in
      for behaviour in [
        "accepts", "answers nothing", "answers half", "wrong id", "streams garbage", "breaks off at once",
        "breaks off for ever",
      ] {
        let error = try await callError(origin, behaviour)
        guard case .malformed = error else {
          Issue.record("\(behaviour): \(String(describing: error))")
          continue
        }
      }
      guard case .status(500, _, let body) = try await callError(origin, "fails") else {
        Issue.record("a failing server was taken")
        return
      }
      #expect(body == "Traceback (most recent call last)")
      #expect(
        try await callError(origin, "null id")
          == .refused(method: "tools/call", RPCFault(code: -32700, message: "what?")))
      guard case .transfer = try await callError(origin, "hangs up") else {
        Issue.record("a broken connection went unnoticed")
        return
      }
      for behaviour in ["answers without end", "one endless event"] {
        let error = try await callError(origin, behaviour)
        #expect(error == .frameTooLarge(limitBytes: 1 << 20), "\(behaviour)")
      }
    }
  }

  @Test("a flood of events ends the connection") func flood() async throws {
    try await withServer { origin async throws in
      switch try await callError(origin, "streams without end") {
      case .flooded, .frameTooLarge: break
      case let error: Issue.record("\(String(describing: error))")
      }
    }
  }

  @Test("a stream that breaks off is taken up again where it broke")
  func resumption() async throws {
    try await withServer { origin async throws in
      let text = try await Peer.with(address(origin, "breaks off"), limits: Self.limits) { client async throws in
        try await client.call("act").text
      }
      #expect(text == "taken up again")
      let gets = try await log(origin, "breaks off").filter { $0[0] == "GET" && $0[1] != nil }
      #expect(gets.map { $0[1] } == ["1", "2", "3"])
    }
  }

  @Test("what the server asks on the way is answered before the answer")
  func serverRequests() async throws {
    try await withServer { origin async throws in
      try await Peer.with(address(origin, "asks on the way"), limits: Self.limits) { client async throws in
        #expect(try await client.call("act").text == "done")
        #expect(client.counts.requests == 2)
        #expect(client.counts.progress == 1)
      }
      let answers = try await log(origin, "asks on the way").filter { $0[0] == "POST" && $0[1] == nil }
      #expect(answers.count == 2)
    }
  }
}
