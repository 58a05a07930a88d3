import AgentCore
import Synchronization
import Testing
import WebTestServer

@testable import AgentTools

@Suite(.timeLimit(.minutes(2)))
struct FetchToolTests {
  private static let html = ["Content-Type": "text/html; charset=utf-8"]

  /// A tool that may go to the test's server.
  private func tool(_ change: (inout FetchSettings) -> Void = { _ in }) throws -> FetchTool {
    var settings = FetchSettings(allow: ["127.0.0.1"])
    settings.allowsPrivate = true
    change(&settings)
    return try FetchTool(settings: settings)
  }

  private func fetch(_ tool: FetchTool, _ arguments: JSONValue, within: Duration = .seconds(30)) async throws
    -> ToolResult
  {
    try await ToolRegistry([tool]).call(
      ToolCall(id: "c", name: "fetch", arguments: arguments), deadline: .now + within)
  }

  private func fetch(_ tool: FetchTool, _ url: String, within: Duration = .seconds(30)) async throws -> ToolResult {
    try await fetch(tool, ["url": .string(url)], within: within)
  }

  @Test("a page comes as text, under its address and title")
  func page() async throws {
    let server = try WebTestServer { _, connection in
      connection.respond(
        200, Self.html, text: "<title>The  page</title><h1>Head</h1><p>Some <a href='/b'>link</a>.<script>x()</script>")
    }
    let result = try await fetch(tool(), server.url + "/a")
    #expect(result.status == .ok)
    #expect(
      result.content == "URL: \(server.url)/a\nTitle: The page\n\n# Head\n\nSome [link](\(server.url)/b).")
  }

  @Test("text and JSON come as they are", arguments: ["text/plain", "application/json", "application/ld+json"])
  func plain(type: String) async throws {
    let server = try WebTestServer { _, connection in
      connection.respond(200, ["Content-Type": type], text: "{\"a\":  [1,\n 2.50]}")
    }
    let result = try await fetch(tool(), server.url)
    #expect(result.content == "URL: \(server.url)/\n\n{\"a\":  [1,\n 2.50]}")
  }

  @Test("a long document comes in pages that make up the whole, fetched once")
  func pages() async throws {
    let text = (0..<2000).map { "word\($0)\u{e9}" }.joined(separator: " ")
    let server = try WebTestServer { _, connection in connection.respond(text: text) }
    let tool = try tool()
    var whole = ""
    var start = 0
    while true {
      let result = try await fetch(tool, ["url": .string(server.url), "start": .int(Int64(start)), "max_chars": 1000])
      #expect(result.status == .ok)
      let parts = result.content.split(separator: "\n\n", maxSplits: 1)
      whole += parts[1]
      guard let next = parts[0].split(separator: "call again with start ").dropFirst().first else {
        #expect(parts[0].contains("of \(text.unicodeScalars.count), the end"))
        break
      }
      start = try #require(Int(next))
      #expect(start == whole.unicodeScalars.count)
    }
    #expect(whole == text)
    #expect(server.requests.count == 1)
    let past = try await fetch(tool, ["url": .string(server.url), "start": 1_000_000])
    #expect(past.status == .error && past.content.contains("past the end"))
  }

  // MARK: - Refusals

  @Test(
    "hosts that are not allowed are denied, and so are other schemes and user names",
    arguments: [
      "http://example.com/", "http://127.0.0.1.example.com/", "http://localhost/", "file:///etc/passwd",
      "ftp://127.0.0.1/", "http://user:word@127.0.0.1/", "127.0.0.1", "http://[::1]/", "", " ",
    ])
  func denied(url: String) async throws {
    let result = try await fetch(tool(), url)
    #expect(result.status == (url.isEmpty ? .error : .denied), "\(result.content)")
  }

  @Test("without a list nothing is allowed, and the policy is told what is")
  func nothingAllowed() async throws {
    let tool = try FetchTool(settings: FetchSettings())
    let result = try await fetch(tool, "http://example.org/")
    #expect(result.status == .denied)
    #expect(result.content == "denied: the host example.org is not allowed; allowed: no host")
    #expect(try self.tool().schema.description.contains("127.0.0.1"))
  }

  @Test(
    "private addresses are denied though every host is allowed, however they are spelled",
    arguments: [
      "127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "localhost", "localhost.", "[::1]", "[::ffff:127.0.0.1]",
      "0.0.0.0", "127\u{3002}0.0.1", "\u{ff11}27.1",
    ])
  func privateAddresses(host: String) async throws {
    let server = try WebTestServer { _, connection in connection.respond(text: "secret") }
    let tool = try FetchTool(settings: FetchSettings(allow: ["*"]))
    let result = try await fetch(tool, "http://\(host):\(server.port)/")
    // A resolver may know no address for a name with a dot at its end.
    #expect(result.status == .denied || host == "localhost." && result.status == .error, "\(result.content)")
    #expect(server.requests.isEmpty)
  }

  @Test("cloud metadata is denied", arguments: ["169.254.169.254", "[fd00:ec2::254]", "100.100.100.200"])
  func metadata(host: String) async throws {
    let tool = try FetchTool(settings: FetchSettings(allow: ["*"]))
    let result = try await fetch(tool, "http://\(host)/latest/meta-data/")
    #expect(result.status == .denied, "\(result.content)")
  }

  @Test("a redirect to a host that is not allowed is denied, and not followed")
  func redirects() async throws {
    let server = try WebTestServer { request, connection in
      connection.respond(
        302,
        [
          "Location": request.path == "/host"
            ? "http://localhost:\(request.headers["host"]?.split(separator: ":").last ?? "")/" : "file:///etc/passwd"
        ])
    }
    for path in ["/host", "/file"] {
      let result = try await fetch(tool(), server.url + path)
      #expect(result.status == .denied, "\(result.content)")
    }
    #expect(server.requests.count == 2)
  }

  // MARK: - Failures

  @Test("what the server refuses is an error with its meaning")
  func statuses() async throws {
    let server = try WebTestServer { request, connection in
      request.path == "/busy" ? connection.respond(429, ["Retry-After": "7"]) : connection.respond(404, text: "no")
    }
    let missing = try await fetch(tool(), server.url + "/x")
    #expect(missing.status == .error)
    #expect(missing.content == "error: HTTP 404 (not found) from \(server.url)/x")
    #expect(try await fetch(tool(), server.url + "/busy").content.hasSuffix("; it asks to wait: 7"))
  }

  @Test("a document that is too long, or of another type, is an error that says so")
  func unsuitable() async throws {
    let server = try WebTestServer { request, connection in
      connection.respond(
        200, ["Content-Type": request.path == "/image" ? "image/png" : "text/plain"],
        body: [UInt8](repeating: 65, count: 5000))
    }
    let long = try await fetch(tool { $0.maxBytes = 4999 }, server.url)
    #expect(long.status == .error && long.content.contains("longer than the limit of 4999 bytes"))
    let image = try await fetch(tool(), server.url + "/image")
    #expect(image.status == .error && image.content.contains("`image/png`"))
    let nobody = try await fetch(tool(), "http://127.0.0.1:1/")
    #expect(nobody.status == .error && nobody.content.contains("cannot connect"))
  }

  @Test("time runs out by the setting or by the call's deadline, whichever is first", arguments: [true, false])
  func timeouts(bySetting: Bool) async throws {
    let server = try WebTestServer { _, connection in
      connection.awaitEnd()
      return false
    }
    let tool = try tool { if bySetting { $0.timeout = .milliseconds(200) } }
    let result = try await fetch(tool, server.url, within: bySetting ? .seconds(30) : .seconds(2))
    #expect(result.status == .timeout)
    // On a machine that is busy the call's deadline may be noticed by the registry first.
    let prefix = bySetting ? "error: 127.0.0.1 did not answer in full within" : "error: "
    #expect(result.content.hasPrefix(prefix), "\(result.content)")
  }

  @Test("a pattern that is none is refused when the tool is made", arguments: ["https://example.org", "", "a b"])
  func badPattern(pattern: String) {
    #expect(throws: (any Error).self) { try FetchTool(settings: FetchSettings(allow: [pattern])) }
  }
}
