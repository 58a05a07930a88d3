import Testing
import WebTestServer

@testable import WebTransfer

@Suite(.timeLimit(.minutes(1)))
struct RedirectTests {
  private func error(_ request: WebRequest) async -> WebError? {
    await #expect(throws: WebError.self) { try await WebTransfer.send(request) }
  }

  @Test("redirects are followed, relative ones too, and the last address is told")
  func follows() async throws {
    let server = try WebTestServer { request, connection in
      switch request.path {
      case "/a/b": connection.respond(302, ["Location": "../c d?x=é"], text: "moved")
      case "/c%20d?x=%c3%a9": connection.respond(307, ["Location": "/end"], text: "moved")
      default: connection.respond(text: "here")
      }
    }
    let response = try await WebTransfer.send(WebRequest(url: server.url + "/a/b", maxRedirects: 2))
    #expect(response.status == 200 && response.url == server.url + "/end" && response.body == Array("here".utf8))
    #expect(server.requests.count == 3)
  }

  @Test("a circle ends", arguments: [1, 5])
  func loop(limit: Int) async throws {
    let server = try WebTestServer { _, connection in connection.respond(302, ["Location": "/again"]) }
    let failure = await error(WebRequest(url: server.url, maxRedirects: limit))
    #expect(failure == .tooManyRedirects(limit: limit, last: "/again"))
    #expect(server.requests.count == limit + 1)
  }

  @Test("a redirect's body is not read to its end")
  func endlessRedirect() async throws {
    let server = try WebTestServer { request, connection in
      if request.path == "/end" { return connection.respond(text: "here") }
      connection.write("HTTP/1.1 302 Found\r\nLocation: /end\r\n\r\n")
      while connection.write([UInt8](repeating: 1, count: 4096)) {}
      return false
    }
    let response = try await WebTransfer.send(WebRequest(url: server.url, maxBodyBytes: 10, maxRedirects: 1))
    #expect(response.body == Array("here".utf8))
  }

  @Test(
    "a redirect to anything but http and https is refused",
    arguments: [
      "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:25/_HELO", "http://user:word@127.0.0.1/",
      "http://[",
    ])
  func schemes(location: String) async throws {
    let server = try WebTestServer { _, connection in connection.respond(302, ["Location": location]) }
    guard case .badRedirect(location, _)? = await error(WebRequest(url: server.url, maxRedirects: 3)) else {
      Issue.record("expected a refusal")
      return
    }
  }

  @Test("a redirect to a host that is not allowed is not followed")
  func hosts() async throws {
    let other = try WebTestServer { _, connection in connection.respond(text: "secret") }
    let server = try WebTestServer { [port = other.port] _, connection in
      connection.respond(302, ["Location": "http://localhost:\(port)/"])
    }
    var request = WebRequest(url: server.url, maxRedirects: 3)
    request.hostRule = try HostRule(allowing: ["127.0.0.1"])
    #expect(await error(request) == .refusedHost("localhost", allowed: "127.0.0.1"))
    #expect(server.requests.count == 1 && other.connections == 0)
  }

  @Test("a redirect to a refused address is not followed, though the first one was allowed")
  func addresses() async throws {
    // The rule lets 127.0.0.1 through, and nothing else that is not public.
    let server = try WebTestServer { request, connection in
      connection.respond(302, ["Location": "http://127.0.0.2:\(request.path.dropFirst())/"])
    }
    let url = "\(server.url)/\(server.port)"
    let rule = AddressRule.publicOnly(allowing: [try AddressBlock("127.0.0.1")])
    let failure = await error(WebRequest(url: url, maxRedirects: 3, addressRule: rule))
    #expect(failure == .refusedAddress("127.0.0.2", host: "127.0.0.2", reason: "it is a loopback address"))
    #expect(server.requests.count == 1)
  }

  @Test(
    "method and body survive 307 and 308; after 303, and a POST after 301 and 302, it is a GET",
    arguments: [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
  func methods(status: Int, method: String) async throws {
    let server = try WebTestServer { request, connection in
      request.path == "/end" ? connection.respond(text: "") : connection.respond(status, ["Location": "/end"])
    }
    _ = try await WebTransfer.send(
      WebRequest(url: server.url, method: "POST", headers: [("Content-Type", "a/b")], body: [1, 2], maxRedirects: 1))
    let last = try #require(server.requests.last)
    #expect(last.method == method && last.body == (method == "GET" ? [] : [1, 2]))
    #expect(last.headers["content-type"] == (method == "GET" ? nil : "a/b"))
  }

  @Test("headers that may hold a secret stay with their origin")
  func secrets() async throws {
    let other = try WebTestServer { _, connection in connection.respond(text: "") }
    let server = try WebTestServer { [url = other.url] request, connection in
      connection.respond(307, ["Location": request.path == "/" ? "/same" : url])
    }
    _ = try await WebTransfer.send(
      WebRequest(
        url: server.url, headers: [("Authorization", "Bearer s"), ("X-Api-Key", "s"), ("Accept", "a/b")],
        maxRedirects: 2))
    #expect(server.requests.last?.headers["authorization"] == "Bearer s")
    let last = try #require(other.requests.last)
    #expect(last.headers["authorization"] == nil && last.headers["x-api-key"] == nil && last.headers["accept"] == "a/b")
  }
}
