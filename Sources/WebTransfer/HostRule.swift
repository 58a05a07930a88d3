/// Which hosts a request may go to, by name; redirects included.
public struct HostRule: Hashable, Sendable {
  /// Patterns in lower case and ASCII; nil: any host.
  private let patterns: [String]?

  public static let any = HostRule(patterns: nil)

  private init(patterns: [String]?) { self.patterns = patterns }

  /// Hosts by name: `example.org` is that host alone, `*.example.org` every host below it (not itself), `*` any.
  ///
  /// An empty list allows nothing.
  /// - Throws: `badRequest` for a pattern that is not a host name (with a scheme, port or path, say).
  public init(allowing hosts: [String]) throws(WebError) {
    var patterns: [String] = []
    for host in hosts { patterns.append(try Self.normalised(host)) }
    self.patterns = patterns.contains("*") ? nil : patterns
  }

  func allows(_ address: WebAddress) -> Bool {
    guard let patterns else { return true }
    let host = address.comparableHost
    return patterns.contains { pattern in
      pattern.hasPrefix("*.") ? host.hasSuffix(pattern.dropFirst()) && host.count >= pattern.count : host == pattern
    }
  }

  private static func normalised(_ pattern: String) throws(WebError) -> String {
    if pattern == "*" { return pattern }
    let isBelow = pattern.hasPrefix("*.")
    let host = String(isBelow ? pattern.dropFirst(2) : pattern[...])
    let wrong = WebError.badRequest(
      reason: "`\(pattern)` is no host pattern; write `example.org`, `*.example.org` for the hosts below it, or `*`")
    guard !host.isEmpty, !host.contains(where: { "/:*@?# ".contains($0) }) || host.hasPrefix("[") else { throw wrong }
    guard let address = try? WebAddress("https://\(host)/") else { throw wrong }
    return (isBelow ? "*." : "") + address.comparableHost
  }
}

extension HostRule: CustomStringConvertible {
  public var description: String {
    guard let patterns else { return "any host" }
    return patterns.isEmpty ? "no host" : patterns.joined(separator: ", ")
  }
}
