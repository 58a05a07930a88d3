import Foundation
import Synchronization
import Testing
import WebTestServer
import WebTransfer

@Suite(.timeLimit(.minutes(2)))
struct StreamTests {
  @Test("pieces are handed over as they come, until the closure has enough")
  func streaming() async throws {
    let server = try WebTestServer { _, connection in
      connection.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
      var number = 0
      while connection.write("data: \(number)\n\n") {
        number += 1
        Thread.sleep(forTimeInterval: 0.005)
      }
      return false
    }
    let text = Mutex("")
    let response = try await WebTransfer.stream(WebRequest(url: server.url)) { head in
      #expect(head.mediaType == "text/event-stream")
      return true
    } onBytes: { bytes in
      text.withLock {
        $0 += String(decoding: bytes, as: UTF8.self)
        return !$0.contains("data: 5")
      }
    }
    #expect(response.status == 200 && response.body.isEmpty)
    #expect(text.withLock { $0 }.hasPrefix("data: 0\n\ndata: 1\n\n"))
    let unread = try await WebTransfer.stream(WebRequest(url: server.url)) { _ in
      false
    } onBytes: { _ in
      Issue.record("no bytes were wanted")
      return true
    }
    #expect(unread.status == 200)
  }

  @Test("a slow reader holds the sender back, and loses nothing")
  func backPressure() async throws {
    let size = 32 << 20
    let sent = Mutex(0)
    let server = try WebTestServer { _, connection in
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
      let piece = [UInt8](repeating: 7, count: 1 << 16)
      for _ in 0..<(size >> 16) where connection.write(piece) { sent.withLock { $0 += piece.count } }
      return true
    }
    let got = Mutex(0)
    try await WebTransfer.stream(WebRequest(url: server.url, maxBodyBytes: size)) { bytes in
      if got.withLock({ $0 }) == 0 {
        try await Task.sleep(for: .milliseconds(300))
        // What two sockets and the queue hold, which is far from all.
        #expect(sent.withLock { $0 } < size - (4 << 20))
      }
      got.withLock { $0 += bytes.count }
      return true
    }
    #expect(got.withLock { $0 } == size)
  }

  @Test("a reader that pauses for longer than the stall timeout is no stall")
  func pausedIsNotStalled() async throws {
    let size = 16 << 20
    let body = [UInt8](repeating: 1, count: size)
    let server = try WebTestServer { _, connection in connection.respond(body: body) }
    var request = WebRequest(url: server.url, maxBodyBytes: size)
    request.stallTimeout = .milliseconds(500)
    let got = Mutex(0)
    try await WebTransfer.stream(request) { bytes in
      if got.withLock({ $0 }) == 0 { try await Task.sleep(for: .seconds(1)) }
      got.withLock { $0 += bytes.count }
      return true
    }
    #expect(got.withLock { $0 } == size)
  }

  @Test("an error that a closure throws ends the transfer")
  func throwingReader() async throws {
    struct Enough: Error {}
    let server = try WebTestServer { _, connection in
      connection.write("HTTP/1.1 200 OK\r\n\r\n")
      while connection.write("x") {}
      return false
    }
    await #expect(throws: Enough.self) {
      try await WebTransfer.stream(WebRequest(url: server.url)) { _ in throw Enough() }
    }
  }

  @Test("what came before a connection broke is handed over, and then the break", arguments: [true, false])
  func partial(blocking: Bool) async throws {
    let server = try WebTestServer { _, connection in
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
      return false
    }
    let got = Mutex<[UInt8]>([])
    let request = WebRequest(url: server.url)
    let error = await #expect(throws: WebError.self) {
      if blocking {
        try await onThread {
          try WebTransfer.streamBlocking(request) {
            false
          } onBytes: { _, bytes in
            got.withLock { $0 += bytes }
            return true
          }
        }
      } else {
        try await WebTransfer.stream(request) { bytes in
          got.withLock { $0 += bytes }
          return true
        }
      }
    }
    #expect(error?.isTransient == true)
    #expect(got.withLock { $0 } == Array("abc".utf8))
  }

  @Test("a blocking stream ends when its caller says so")
  func blockingCancellation() async throws {
    let server = try WebTestServer { _, connection in
      connection.awaitEnd()
      return false
    }
    let request = WebRequest(url: server.url)
    let asked = Mutex(0)
    await #expect(throws: WebError.cancelled) {
      try await onThread {
        try WebTransfer.streamBlocking(request) {
          asked.withLock {
            $0 += 1; return $0 > 3
          }
        } onBytes: { _, _ in
          true
        }
      }
    }
  }

  @discardableResult
  private func onThread(_ work: @escaping @Sendable () throws -> WebResponse) async throws -> WebResponse {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Result(catching: work)) }
    }
  }
}
