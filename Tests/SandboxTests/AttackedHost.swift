import Foundation
import Glibc

/// The machine as attacks see it: a file to read and change, a secret in the environment, and servers that nobody from
/// inside the sandbox may reach.
final class AttackedHost: Sendable {
  let folder: String
  /// Arguments that tell an attack what to look for. The secret is told by half: what prints it whole has found it.
  let facts: [String]
  let secret: String
  /// What only the host may read, for attacks that cannot be told in an argument.
  var file: String { folder + "/file" }
  private let canary: String
  private let listeners: [Int32]

  static let secretVariable = "AGENTENV_TEST_SECRET"

  init() throws {
    let random = { (0..<16).map { _ in String(UInt8.random(in: 0...15), radix: 16) }.joined() }
    let half = random()
    secret = half + String(half.reversed())
    setenv(Self.secretVariable, secret, 1)
    canary = "canary " + random()
    folder = FileManager.default.temporaryDirectory.path + "/agentenv-attacks-" + random()
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o777])
    chmod(folder, 0o777)
    try canary.write(toFile: folder + "/file", atomically: false, encoding: .utf8)
    chmod(folder + "/file", 0o666)

    let stream = Int32(SOCK_STREAM.rawValue)
    let datagram = Int32(SOCK_DGRAM.rawValue)
    let (tcp, tcpPort) = try Self.listenOnLoopback(stream)
    let (udp, udpPort) = try Self.listenOnLoopback(datagram)
    let abstract = "agentenv-attack-" + random()
    listeners = [
      tcp, udp, try Self.listen("\0" + abstract, stream), try Self.listen("\0" + abstract + "d", datagram),
      try Self.listen(folder + "/socket", stream), try Self.listen(folder + "/socket.datagrams", datagram),
    ]
    chmod(folder + "/socket", 0o777)
    chmod(folder + "/socket.datagrams", 0o777)
    facts = [
      "tcp_port=\(tcpPort)", "udp_port=\(udpPort)", "abstract_socket=\(abstract)",
      "abstract_datagram_socket=\(abstract)d", "path_socket=\(folder)/socket", "home=\(NSHomeDirectory())",
      "current_directory=\(FileManager.default.currentDirectoryPath)", "host_directory=\(folder)",
      "host_file=\(folder)/file", "repository=\(Self.repository)", "host_name=\(ProcessInfo.processInfo.hostName)",
      "server_pid=\(getpid())", "secret_half=\(half)",
    ]
  }

  deinit {
    for listener in listeners { close(listener) }
    removeFolder()
  }

  func removeFolder() { try? FileManager.default.removeItem(atPath: folder) }

  /// What an attack has reached or changed.
  func damage() -> [String] {
    var damage: [String] = []
    for (listener, name) in zip(listeners, ["TCP", "UDP", "abstract", "abstract datagram", "path", "path datagram"]) {
      var look = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
      if poll(&look, 1, 0) != 0 { damage.append("somebody came to the \(name) socket") }
    }
    if (try? String(contentsOfFile: folder + "/file", encoding: .utf8)) != canary {
      damage.append("the file has changed")
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? []
    if names != ["file", "socket", "socket.datagrams"] { damage.append("the folder holds \(names)") }
    return damage
  }

  /// What of the host's is in these bytes.
  func leaks(in output: some Sequence<String>) -> [String] {
    output.flatMap { text in
      (text.contains(secret) ? ["the secret of the environment was printed"] : [])
        + (text.contains(canary) ? ["the file's contents were printed"] : [])
    }
  }

  private static var repository: String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .path
  }

  private static func listenOnLoopback(_ kind: Int32) throws -> (socket: Int32, port: Int) {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let file = socket(AF_INET, kind | Int32(SOCK_CLOEXEC.rawValue), 0)
    let status = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        var length = size
        return bind(file, address, size) | getsockname(file, address, &length)
      }
    }
    guard file >= 0, status == 0, kind != Int32(SOCK_STREAM.rawValue) || Glibc.listen(file, 16) == 0 else {
      throw POSIXError(.init(rawValue: errno) ?? .EIO)
    }
    return (file, Int(UInt16(bigEndian: address.sin_port)))
  }

  private static func listen(_ name: String, _ kind: Int32) throws -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(name.utf8)) }
    let size = socklen_t(MemoryLayout<sa_family_t>.size + name.utf8.count + (name.hasPrefix("\0") ? 0 : 1))
    let file = socket(AF_UNIX, kind | Int32(SOCK_CLOEXEC.rawValue), 0)
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(file, $0, size) }
    }
    guard file >= 0, status == 0, kind != Int32(SOCK_STREAM.rawValue) || Glibc.listen(file, 16) == 0 else {
      throw POSIXError(.init(rawValue: errno) ?? .EIO)
    }
    return file
  }
}
