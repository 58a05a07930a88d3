import Foundation
import Synchronization
import Testing
import WebTestServer

@testable import WebTransfer

@Suite(.timeLimit(.minutes(2)))
struct WebTransferTests {
  @Test("method, headers and body arrive, and status, headers and body come back")
  func roundTrip() async throws {
    let server = try WebTestServer { request, connection in
      connection.respond(
        201, ["X-Echo": request.headers["x-one"] ?? "", "Content-Type": "a/b; charset=\"Q\""], body: request.body)
    }
    let body = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let response = try await WebTransfer.send(
      WebRequest(url: server.url + "/p?q=1#f", method: "PUT", headers: [("X-One", "1"), ("X-Empty", "")], body: body))
    #expect(response.status == 201 && response.body == body && response.url == server.url + "/p?q=1")
    #expect(response.headers["x-ECHO"] == "1")
    #expect(response.mediaType == "a/b" && response.contentTypeParameter("charset") == "Q")
    let seen = try #require(server.requests.first)
    #expect(seen.method == "PUT" && seen.path == "/p?q=1" && seen.body == body)
    #expect(seen.headers["x-empty"] == "" && seen.headers["content-type"] == nil && seen.headers["expect"] == nil)
    #expect(seen.headers["cookie"] == nil && seen.headers["authorization"] == nil)
  }

  @Test("an empty body, HEAD, DELETE and POST are sent as they are", arguments: ["HEAD", "DELETE", "POST", "PATCH"])
  func methods(method: String) async throws {
    let server = try WebTestServer { request, connection in
      request.method == "HEAD"
        ? connection.write("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n") : connection.respond(text: "x")
    }
    let response = try await WebTransfer.send(
      WebRequest(url: server.url, method: method, body: ["POST", "PATCH"].contains(method) ? [] : nil, maxBodyBytes: 9))
    #expect(response.status == 200 && response.body.count == (method == "HEAD" ? 0 : 1))
    #expect(server.requests.first?.method == method)
  }

  @Test("connections are kept for the next request")
  func reuse() async throws {
    let server = try WebTestServer { _, connection in connection.respond(text: "hello") }
    for _ in 0..<5 { _ = try await WebTransfer.send(WebRequest(url: server.url)) }
    // Other tests may crowd an idle connection out of those that are kept.
    #expect(server.requests.count == 5 && server.connections < 5)
  }

  @Test("what the server refuses is a response", arguments: [301, 404, 500])
  func statuses(status: Int) async throws {
    let server = try WebTestServer { _, connection in connection.respond(status, ["Location": "/x"], text: "why") }
    let response = try await WebTransfer.send(WebRequest(url: server.url))
    #expect(response.status == status && response.body == Array("why".utf8))
  }

  @Test("responses in chunks, with trailers, and until the connection closes are whole")
  func framings() async throws {
    let server = try WebTestServer { request, connection in
      if request.path == "/chunked" {
        return connection.write(
          "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: t\r\n\r\n")
      }
      connection.write("HTTP/1.1 200 OK\r\n\r\nabcde")
      return false
    }
    for path in ["/chunked", "/close"] {
      let response = try await WebTransfer.send(WebRequest(url: server.url + path))
      #expect(response.body == Array("abcde".utf8) && response.headers["x-trailer"] == nil)
    }
  }

  @Test("a certificate that nobody vouches for ends the request before it is sent", .enabled(if: PythonTLS.isThere))
  func untrusted() async throws {
    let server = try PythonTLS()
    let error = await #expect(throws: WebError.self) { try await WebTransfer.send(WebRequest(url: server.url)) }
    guard case .untrusted("localhost", _)? = error else {
      Issue.record("expected distrust, got \(String(describing: error))")
      return
    }
    var request = WebRequest(url: server.url)
    request.certificateAuthorities = server.certificate
    #expect(try await WebTransfer.send(request).status == 200)
  }

  // MARK: - Side by side

  @Test("fifty requests go side by side, and a slow one holds up none of them")
  func concurrent() async throws {
    let server = try WebTestServer { request, connection in
      if request.path == "/slow" {
        connection.awaitEnd()
        return false
      }
      return connection.respond(text: request.path)
    }
    let url = server.url
    let slow = Task { try await WebTransfer.send(WebRequest(url: url + "/slow")) }
    try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
      for index in 0..<50 {
        group.addTask { (index, try await WebTransfer.send(WebRequest(url: url + "/\(index)")).body) }
      }
      for try await (index, body) in group { #expect(body == Array("/\(index)".utf8)) }
    }
    slow.cancel()
    await #expect(throws: WebError.cancelled) { try await slow.value }
  }

  @Test("cancelling ends a request at once and closes its connection", arguments: ["/head", "/body"])
  func cancellation(path: String) async throws {
    let (ends, ended) = AsyncStream.makeStream(of: Void.self)
    let (starts, started) = AsyncStream.makeStream(of: Void.self)
    let server = try WebTestServer { request, connection in
      if request.path == "/body" { connection.write("HTTP/1.1 200 OK\r\n\r\nabc") }
      started.yield()
      connection.awaitEnd()
      ended.yield()
      return false
    }
    let url = server.url + path
    let task = Task { try await WebTransfer.send(WebRequest(url: url)) }
    for await _ in starts { break }
    task.cancel()
    await #expect(throws: WebError.cancelled) { try await task.value }
    for await _ in ends { break }
    let late = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await WebTransfer.send(WebRequest(url: url))
    }
    await #expect(throws: WebError.cancelled) { try await late.value }
  }

  @Test("requests that are cancelled at any moment end, and leave the others whole")
  func randomCancellation() async throws {
    let server = try WebTestServer { request, connection in
      switch request.path {
      case "/redirect": return connection.respond(302, ["Location": "/pieces"])
      case "/pieces":
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n")
        for _ in 0..<4 where connection.write([UInt8](repeating: 5, count: 10_000)) { usleep(500) }
        return true
      default: return connection.respond(body: [UInt8](repeating: 5, count: 40_000))
      }
    }
    let url = server.url
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<200 {
        let path = ["/redirect", "/pieces", "/whole"].randomElement() ?? ""
        let delay = Duration.microseconds(Int.random(in: 0..<20_000))
        group.addTask {
          let task = Task { try await WebTransfer.send(WebRequest(url: url + path, maxRedirects: 1)).body }
          if index % 2 == 0 {
            try await Task.sleep(for: delay)
            task.cancel()
          }
          do {
            #expect(try await task.value == [UInt8](repeating: 5, count: 40_000))
          } catch {
            #expect(error as? WebError == .cancelled && index % 2 == 0)
          }
        }
      }
      try await group.waitForAll()
    }
  }
}

/// Python's server behind TLS, with a certificate of its own making for `localhost`.
private final class PythonTLS {
  static let isThere = ["/usr/bin/openssl", "/usr/bin/python3"].allSatisfy(FileManager.default.isExecutableFile)

  let url: String
  let certificate: String
  private let folder: URL
  private let process = Process()

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "web-tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    certificate = folder.path + "/cert.pem"
    let key = folder.path + "/key.pem"
    let maker = Process()
    maker.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    maker.arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
      "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
    ]
    maker.standardError = FileHandle.nullDevice
    try maker.run()
    maker.waitUntilExit()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = [
      "-c",
      """
      import http.server, ssl, sys
      server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
      context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      context.load_cert_chain(sys.argv[1], sys.argv[2])
      server.socket = context.wrap_socket(server.socket, server_side=True)
      print(server.server_address[1], flush=True)
      server.serve_forever()
      """, certificate, key,
    ]
    process.currentDirectoryURL = folder
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let port = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    url = "https://localhost:\(port.trimmed)/"
  }

  deinit {
    // It inherits a mask in which SIGTERM is blocked.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }
}
