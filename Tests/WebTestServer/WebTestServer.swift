import Foundation
import Glibc
import Synchronization

/// A request as the server saw it.
public struct SeenRequest: Sendable {
  public let method: String
  public let path: String
  /// By lower-case name.
  public let headers: [String: String]
  public let body: [UInt8]
}

/// An HTTP/1.1 server on a loopback port of its own, with a thread per connection: what it answers is written byte by
/// byte by the test, so it can misbehave in any way.
public final class WebTestServer: Sendable {
  public let port: UInt16
  private let listener: Int32
  private let seen = Mutex<(requests: [SeenRequest], connections: Int)>(([], 0))

  public var url: String { "http://127.0.0.1:\(port)" }
  public var requests: [SeenRequest] { seen.withLock { $0.requests } }
  public var connections: Int { seen.withLock { $0.connections } }

  /// - Parameter answer: Called for each request; the connection is kept for the next one if it returns true.
  public init(_ answer: @escaping @Sendable (SeenRequest, Connection) -> Bool) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    self.listener = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    port = try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        guard bind(listener, generic, length) == 0, listen(listener, 128) == 0,
          getsockname(listener, generic, &length) == 0
        else { throw POSIXError(.EADDRNOTAVAIL) }
      }
      return UInt16(bigEndian: pointer.pointee.sin_port)
    }
    Thread.detachNewThread { [weak self] in
      while true {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else {
          // Here and not in deinit: a closed number may already be another server's.
          close(listener)
          return
        }
        self?.seen.withLock { $0.connections += 1 }
        Thread.detachNewThread { [weak self] in
          let connection = Connection(descriptor: descriptor)
          while let request = connection.read() {
            guard let self else { break }
            self.seen.withLock { $0.requests.append(request) }
            guard answer(request, connection) else { break }
          }
          connection.end()
        }
      }
    }
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }
}

/// The server's end of one connection.
public struct Connection: Sendable {
  let descriptor: Int32

  /// Writes a whole response. Returns whether the peer took it.
  @discardableResult
  public func respond(
    _ status: Int = 200, _ headers: [String: String] = ["Content-Type": "text/plain"], body: [UInt8] = []
  ) -> Bool {
    var head = "HTTP/1.1 \(status) Test\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    if headers["Content-Length"] == nil { head += "Content-Length: \(body.count)\r\n" }
    return write(Array((head + "\r\n").utf8) + body)
  }

  @discardableResult
  public func respond(_ status: Int = 200, _ headers: [String: String] = ["Content-Type": "text/plain"], text: String)
    -> Bool
  {
    respond(status, headers, body: Array(text.utf8))
  }

  @discardableResult
  public func write(_ text: String) -> Bool { write(Array(text.utf8)) }

  /// False once the peer is gone.
  @discardableResult
  public func write(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        let rest = UnsafeRawBufferPointer(rebasing: buffer[sent...])
        return send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  /// Blocks until the peer closes.
  public func awaitEnd() {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while recv(descriptor, &buffer, buffer.count, 0) > 0 {}
  }

  /// Makes the end a reset.
  public func reset() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
    var none = sockaddr(sa_family: sa_family_t(AF_UNSPEC), sa_data: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    // Connecting to nothing disconnects, here with a reset; the descriptor stays ours.
    connect(descriptor, &none, socklen_t(MemoryLayout.size(ofValue: none)))
  }

  func end() {
    shutdown(descriptor, Int32(SHUT_WR))
    // Read the peer's end, so that closing does not reset what it has not read yet.
    var limit = timeval(tv_sec: 2, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    awaitEnd()
    close(descriptor)
  }

  func read() -> SeenRequest? {
    var bytes: [UInt8] = []
    while bytes.suffix(4) != [13, 10, 13, 10] {
      guard let byte = read(1) else { return nil }
      bytes += byte
    }
    let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    let fields = lines[0].split(separator: " ")
    guard fields.count == 3, let body = read(headers["content-length"].flatMap { Int($0) } ?? 0) else { return nil }
    return SeenRequest(method: String(fields[0]), path: String(fields[1]), headers: headers, body: body)
  }

  private func read(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var got = 0
    while got < count {
      let more = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress.map { $0 + got }, count - got, 0) }
      guard more > 0 else { return nil }
      got += more
    }
    return bytes
  }
}
