import Glibc

/// A number that no other slot on this machine has while this value is held, whatever process it belongs to.
///
/// Slots of root take their user ids from their numbers; two slots under one id could signal each other. The claim is a
/// name in the kernel's table of abstract sockets: it is atomic, and ends with this process however that ends.
final class SlotNumber: Sendable {
  let value: Int
  private let socket: Int32

  static let count = 2000

  /// Claims the lowest free number; nil if all are taken.
  init?() {
    for candidate in 0..<Self.count {
      guard let socket = Self.claim(candidate) else { continue }
      value = candidate
      self.socket = socket
      return
    }
    return nil
  }

  deinit { close(socket) }

  private static func claim(_ number: Int) -> Int32? {
    let file = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard file >= 0 else { return nil }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let name = Array("\0agentenv-sandbox-slot-\(number)".utf8)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
    let status = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(file, $0, length) }
    }
    guard status == 0 else {
      close(file)
      return nil
    }
    return file
  }
}
