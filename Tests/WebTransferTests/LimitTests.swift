import Foundation
import Testing
import WebTestServer

@testable import WebTransfer

@Suite(.timeLimit(.minutes(2)))
struct LimitTests {
  private func error(_ request: WebRequest) async -> WebError? {
    await #expect(throws: WebError.self) { try await WebTransfer.send(request) }
  }

  @Test("a body is cut at the limit, whether announced or endless", arguments: ["/said", "/endless"])
  func tooLarge(path: String) async throws {
    let server = try WebTestServer { request, connection in
      if request.path == "/said" { return connection.respond(body: [UInt8](repeating: 1, count: 1001)) }
      connection.write("HTTP/1.1 200 OK\r\n\r\n")
      while connection.write([UInt8](repeating: 1, count: 4096)) {}
      return false
    }
    let failure = await error(WebRequest(url: server.url + path, maxBodyBytes: 1000))
    #expect(failure == .tooLarge(limit: 1000, host: "127.0.0.1"))
    let response = try await WebTransfer.send(WebRequest(url: server.url + "/said", maxBodyBytes: 1001))
    #expect(response.body.count == 1001)
  }

  @Test("the decompressed size counts")
  func gzipBomb() async throws {
    let bomb = try gzip([UInt8](repeating: 0, count: 50 << 20))
    #expect(bomb.count < 100_000)
    let server = try WebTestServer { _, connection in
      connection.respond(200, ["Content-Encoding": "gzip"], body: bomb)
    }
    let failure = await error(WebRequest(url: server.url, maxBodyBytes: 1 << 20))
    #expect(failure == .tooLarge(limit: 1 << 20, host: "127.0.0.1"))
    let whole = try await WebTransfer.send(WebRequest(url: server.url, maxBodyBytes: 50 << 20))
    #expect(whole.body.count == 50 << 20)
  }

  @Test("what trickles in ends with the time for the whole")
  func slowLoris() async throws {
    let server = try WebTestServer { _, connection in
      connection.write("HTTP/1.1 200 OK\r\n\r\n")
      while connection.write("x") { Thread.sleep(forTimeInterval: 0.02) }
      return false
    }
    let failure = await error(WebRequest(url: server.url, timeout: .milliseconds(300)))
    #expect(failure == .timeout(.whole, after: .milliseconds(300), host: "127.0.0.1"))
  }

  @Test(
    "a server that falls silent ends with the stall timeout, before and in the middle of its response",
    arguments: [true, false])
  func stall(answers: Bool) async throws {
    let server = try WebTestServer { _, connection in
      if answers { connection.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc") }
      connection.awaitEnd()
      return false
    }
    var request = WebRequest(url: server.url)
    request.stallTimeout = .milliseconds(200)
    #expect(await error(request) == .timeout(.waiting, after: .milliseconds(200), host: "127.0.0.1"))
  }

  @Test("a connection that is never accepted ends with the connect timeout")
  func connectTimeout() async throws {
    let listener = try FullListener()
    var request = WebRequest(url: "http://127.0.0.1:\(listener.port)/")
    request.connectTimeout = .milliseconds(300)
    #expect(await error(request) == .timeout(.connecting, after: .milliseconds(300), host: "127.0.0.1"))
  }

  @Test("a port where nobody listens and a name that does not exist are told apart")
  func unreachable() async throws {
    let port = try WebTestServer { _, _ in false }.port
    try await Task.sleep(for: .milliseconds(50))
    guard case .cannotConnect("127.0.0.1", Int(port), _)? = await error(WebRequest(url: "http://127.0.0.1:\(port)/"))
    else {
      Issue.record("expected no connection")
      return
    }
    #expect(await error(WebRequest(url: "http://nowhere.invalid/")) == .cannotResolve(host: "nowhere.invalid"))
  }

  @Test("headers without end are cut")
  func hugeHeaders() async throws {
    let server = try WebTestServer { _, connection in
      connection.write("HTTP/1.1 200 OK\r\n")
      while connection.write("X-Filler: \(String(repeating: "y", count: 1000))\r\n") {}
      return false
    }
    let failure = await error(WebRequest(url: server.url))
    #expect(failure == .headersTooLarge(limit: Transfer.maxHeaderBytes, host: "127.0.0.1"))
  }

  @Test(
    "a body that ends early, a reset and what is no HTTP are interruptions",
    arguments: ["/short", "/reset", "/junk", "/none", "/chunk"])
  func broken(path: String) async throws {
    let server = try WebTestServer { request, connection in
      switch request.path {
      case "/short": connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
      case "/junk": connection.write("SSH-2.0-OpenSSH_9.2p1\r\n")
      case "/chunk": connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\nabc")
      case "/reset":
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
        connection.reset()
      default: break
      }
      return false
    }
    let failure = await error(WebRequest(url: server.url + path))
    guard case .interrupted("127.0.0.1", _)? = failure else {
      Issue.record("expected an interruption, got \(String(describing: failure))")
      return
    }
  }

  @Test("a content type that was not asked for is refused before its body, of a success only")
  func contentTypes() async throws {
    let server = try WebTestServer { request, connection in
      connection.write(
        "HTTP/1.1 \(request.path == "/404" ? 404 : 200) X\r\nContent-Type: image/png\r\nContent-Length: 5\r\n\r\n")
      if request.path == "/404" { return connection.write("sorry") }
      connection.awaitEnd()
      return false
    }
    let failure = await error(WebRequest(url: server.url, contentTypes: ["text/*", "*/*+json"]))
    #expect(failure == .wrongContentType("image/png", expected: ["text/*", "*/*+json"]))
    let response = try await WebTransfer.send(WebRequest(url: server.url + "/404", contentTypes: ["text/*"]))
    #expect(response.status == 404 && response.body.count == 5)
  }
}

/// A listener whose queue is full: connecting to it hangs.
private final class FullListener {
  let port: UInt16
  private var descriptors: [Int32] = []

  init() throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    var clients: [Int32] = []
    port = try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        guard bind(listener, generic, length) == 0, listen(listener, 0) == 0,
          getsockname(listener, generic, &length) == 0
        else { throw POSIXError(.EADDRNOTAVAIL) }
        for _ in 0..<8 {
          let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
          connect(client, generic, length)
          clients.append(client)
        }
      }
      return UInt16(bigEndian: pointer.pointee.sin_port)
    }
    descriptors = clients + [listener]
  }

  deinit { for descriptor in descriptors { close(descriptor) } }
}

private func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/bin/gzip")
  process.arguments = ["-9c"]
  let (input, output) = (Pipe(), Pipe())
  process.standardInput = input
  process.standardOutput = output
  try process.run()
  Thread.detachNewThread {
    input.fileHandleForWriting.write(Data(bytes))
    try? input.fileHandleForWriting.close()
  }
  let data = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return Array(data)
}
