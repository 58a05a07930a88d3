/// Which addresses a request may connect to. Checked on the address that the socket is opened for, and again before the
/// request goes out over a connection that was open already; what a name resolves to elsewhere or later plays no part.
public enum AddressRule: Hashable, Sendable {
  case any
  /// Addresses of the public internet and, besides, those listed. Refused are loopback, private, link-local (cloud
  /// metadata with it), carrier-grade NAT, multicast, unspecified, documentation and reserved ones, 6to4 and Teredo.
  /// IPv6 that stands for an IPv4 address (mapped, NAT64) is judged by that address.
  case publicOnly(allowing: [AddressBlock] = [])

  /// Why the address is refused ("it is a loopback address"); nil if it is not.
  func refusal(of address: IPAddress) -> String? {
    guard case .publicOnly(let allowed) = self, !allowed.contains(where: { $0.contains(address) }) else { return nil }
    return SpecialAddresses.kind(of: address).map { "it is a \($0) address" }
  }
}

/// The registries of special-purpose addresses (IANA; RFC 6890 and its updates), as far as they are not reachable by all.
private enum SpecialAddresses {
  static func kind(of address: IPAddress) -> String? {
    if let entry = table.first(where: { $0.block.contains(address) }) { return entry.kind }
    if address.isIPv4 { return nil }
    if nat64.contains(address) {
      return kind(of: IPAddress(value: 0xffff_0000_0000 | address.value & 0xffff_ffff))
    }
    // 2000::/3 is all that is assigned to the public internet.
    return address.value >> 125 == 1 ? nil : "reserved"
  }

  private static let nat64 = block("64:ff9b::/96")

  private static let table: [(block: AddressBlock, kind: String)] = [
    ("0.0.0.0/8", "unspecified"), ("10.0.0.0/8", "private"), ("100.64.0.0/10", "carrier-grade NAT"),
    ("127.0.0.0/8", "loopback"), ("169.254.0.0/16", "link-local"), ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "reserved"), ("192.0.2.0/24", "documentation"), ("192.88.99.0/24", "6to4 relay"),
    ("192.168.0.0/16", "private"), ("198.18.0.0/15", "benchmarking"), ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"), ("224.0.0.0/4", "multicast"), ("240.0.0.0/4", "reserved"),
    // Answers Azure's machines only, from a range that is public otherwise.
    ("168.63.129.16", "cloud metadata"),
    ("::/128", "unspecified"), ("::1/128", "loopback"), ("64:ff9b:1::/48", "local NAT64"), ("100::/64", "discard"),
    ("2001::/23", "protocol (Teredo, ORCHID)"), ("2001:db8::/32", "documentation"), ("2002::/16", "6to4"),
    ("3fff::/20", "documentation"), ("fc00::/7", "private"), ("fe80::/10", "link-local"),
    ("fec0::/10", "site-local"), ("ff00::/8", "multicast"),
  ].map { (block($0.0), $0.1) }

  private static func block(_ text: String) -> AddressBlock {
    guard let block = AddressBlock(parsing: text) else { preconditionFailure("\(text) is no address range") }
    return block
  }
}
