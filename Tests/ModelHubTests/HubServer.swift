import Foundation
import Glibc
import Synchronization

/// A request as the server saw it.
struct SeenRequest: Sendable {
  let path: String
  /// By lower-case name.
  let headers: [String: String]
}

/// What to answer: written to the socket piece by piece, then the connection is closed.
struct Answer: Sendable {
  var status = 200
  var headers: [String: String] = [:]
  var body: [UInt8] = []
  /// Announced instead of the body's real length, to break off in the middle.
  var announcedLength: Int?
  /// Pause in the middle of the body, while the connection stays open.
  var stallSeconds: Double = 0

  static func json(_ text: String, status: Int = 200) -> Answer {
    Answer(status: status, headers: ["Content-Type": "application/json"], body: Array(text.utf8))
  }
}

/// A small HTTP/1.1 server on a loopback port of its own, one connection at a time, for as long as it lives.
final class HubServer: Sendable {
  let port: UInt16
  private let listener: Int32
  private let seen = Mutex<[SeenRequest]>([])
  private let answer: @Sendable (SeenRequest, _ count: Int) -> Answer

  var url: String { "http://127.0.0.1:\(port)" }
  var requests: [SeenRequest] { seen.withLock { $0 } }

  /// The answer may depend on the request and on how many requests for the same path came before it.
  init(answer: @escaping @Sendable (SeenRequest, _ count: Int) -> Answer) throws {
    self.answer = answer
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    port = try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        guard bind(listener, generic, length) == 0, listen(listener, 16) == 0,
          getsockname(listener, generic, &length) == 0
        else { throw POSIXError(.EADDRNOTAVAIL) }
      }
      return UInt16(bigEndian: pointer.pointee.sin_port)
    }
    Thread.detachNewThread { [weak self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        self?.serve(connection)
        close(connection)
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  private func serve(_ connection: Int32) {
    guard let request = Self.read(from: connection) else { return }
    let earlier = seen.withLock { requests in
      requests.append(request)
      return requests.count { $0.path == request.path } - 1
    }
    let answer = answer(request, earlier)
    var head = "HTTP/1.1 \(answer.status) Test\r\nConnection: close\r\n"
    head += "Content-Length: \(answer.announcedLength ?? answer.body.count)\r\n"
    for (name, value) in answer.headers { head += "\(name): \(value)\r\n" }
    let half = answer.stallSeconds > 0 ? answer.body.count / 2 : answer.body.count
    Self.write(Array((head + "\r\n").utf8), to: connection)
    Self.write(Array(answer.body[..<half]), to: connection)
    if answer.stallSeconds > 0 {
      Thread.sleep(forTimeInterval: answer.stallSeconds)
      Self.write(Array(answer.body[half...]), to: connection)
    }
    shutdown(connection, Int32(SHUT_WR))
    // Read the peer's end, so that closing does not reset what it has not read yet.
    var rest = [UInt8](repeating: 0, count: 1024)
    var deadline = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &deadline, socklen_t(MemoryLayout<timeval>.size))
    while recv(connection, &rest, rest.count, 0) > 0 {}
  }

  private static func read(from connection: Int32) -> SeenRequest? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while bytes.suffix(4) != [13, 10, 13, 10] {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      bytes += buffer[..<count]
    }
    let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    let fields = lines[0].split(separator: " ")
    guard fields.count == 3 else { return nil }
    return SeenRequest(path: String(fields[1]), headers: headers)
  }

  private static func write(_ bytes: [UInt8], to connection: Int32) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        let rest = UnsafeRawBufferPointer(rebasing: buffer[sent...])
        return send(connection, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }
}
