import Glibc

/// An internet address as a number: IPv6 as it is, IPv4 in its mapped form, `::ffff:a.b.c.d`.
///
/// So a mapped IPv6 address and the IPv4 address that it leads to are the same thing, and are judged alike.
struct IPAddress: Hashable, Sendable {
  let value: UInt128

  var isIPv4: Bool { value >> 32 == 0xffff }

  init(value: UInt128) { self.value = value }

  /// Reads the usual spelling of an address, and no other (no `127.1`, no `2130706433`).
  init?(_ text: String) {
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      self.init(four: four)
      return
    }
    var six = in6_addr()
    guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
    self.init(six: six)
  }

  /// The address of a socket; nil for another family, or for a structure that is too short.
  init?(_ address: UnsafeRawPointer, count: Int) {
    guard count >= MemoryLayout<sa_family_t>.size else { return nil }
    switch Int32(address.loadUnaligned(as: sa_family_t.self)) {
    case AF_INET where count >= MemoryLayout<sockaddr_in>.size:
      self.init(four: address.loadUnaligned(as: sockaddr_in.self).sin_addr)
    case AF_INET6 where count >= MemoryLayout<sockaddr_in6>.size:
      self.init(six: address.loadUnaligned(as: sockaddr_in6.self).sin6_addr)
    default: return nil
    }
  }

  private init(four: in_addr) {
    value = 0xffff_0000_0000 | UInt128(UInt32(bigEndian: four.s_addr))
  }

  private init(six: in6_addr) {
    value = withUnsafeBytes(of: six) { $0.reduce(0) { $0 << 8 | UInt128($1) } }
  }
}

extension IPAddress: CustomStringConvertible {
  var description: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    if isIPv4 {
      var four = in_addr(s_addr: UInt32(truncatingIfNeeded: value).bigEndian)
      inet_ntop(AF_INET, &four, &text, socklen_t(text.count))
    } else {
      var six = value.bigEndian
      inet_ntop(AF_INET6, &six, &text, socklen_t(text.count))
    }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

/// A range of addresses, as `10.0.0.0/8`, `fd00::/8` or a single `192.168.1.7`.
public struct AddressBlock: Hashable, Sendable {
  private let prefix: UInt128
  private let mask: UInt128

  /// - Throws: `badRequest` if the text is not an address with, perhaps, `/` and a prefix length.
  public init(_ text: String) throws(WebError) {
    guard let block = AddressBlock(parsing: text) else {
      throw .badRequest(
        reason: "`\(text)` is no address range; write it like `10.0.0.0/8`, `fd00::/8` or `192.168.1.7`")
    }
    self = block
  }

  init?(parsing text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let address = IPAddress(String(parts[0])) else { return nil }
    let width = address.isIPv4 ? 32 : 128
    guard let length = parts.count == 2 ? Int(parts[1]) : width, (0...width).contains(length) else { return nil }
    mask = length == 0 && width == 128 ? 0 : UInt128.max << UInt128(width - length)
    prefix = address.value & mask
  }

  func contains(_ address: IPAddress) -> Bool { address.value & mask == prefix }
}
