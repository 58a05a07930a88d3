import CCurl
import Foundation

/// An http or https address, taken apart by the same parser that will use it.
///
/// Odd spellings are made plain: `http://2130706433/` and `http://0x7f.1/` have the host `127.0.0.1`, and names outside
/// ASCII their punycode.
public struct WebAddress: Hashable, Sendable {
  /// The whole address without its fragment.
  public let text: String
  public let scheme: String
  /// In lower case and ASCII; an IPv6 address in its brackets.
  public let host: String
  public let port: Int

  /// - Throws: `badURL` for anything but an absolute http or https address, and for one that holds a user name.
  public init(_ text: String) throws(WebError) {
    try self.init(parts: [text])
  }

  /// The address that a `Location` header or a link names, which may be relative to the address it came from.
  ///
  /// - Throws: `badURL`, as `init(_:)`.
  public init(_ reference: String, relativeTo base: WebAddress) throws(WebError) {
    try self.init(parts: [base.text, reference])
  }

  private init(parts: [String]) throws(WebError) {
    let given = parts.last ?? ""
    func wrong(_ reason: String) -> WebError { .badURL(given, reason: reason) }
    guard !parts.contains(where: { $0.utf8.contains(0) }) else { throw wrong("it holds a NUL byte") }
    guard let handle = curl_url() else { throw .unavailable(reason: "libcurl has no memory") }
    defer { curl_url_cleanup(handle) }
    for part in parts {
      let code = curl_url_set(
        handle, CURLUPART_URL, part,
        UInt32(CURLU_DISALLOW_USER | CURLU_URLENCODE | CURLU_ALLOW_SPACE | CURLU_NON_SUPPORT_SCHEME))
      guard code == CURLUE_OK else { throw wrong(Self.reason(for: code)) }
    }
    guard let scheme = Self.part(CURLUPART_SCHEME, of: handle)?.lowercased(), ["http", "https"].contains(scheme) else {
      throw wrong("only http:// and https:// can be requested")
    }
    guard let name = Self.part(CURLUPART_HOST, of: handle)?.lowercased(), let host = Self.ascii(host: name),
      Self.part(CURLUPART_ZONEID, of: handle) == nil, curl_url_set(handle, CURLUPART_HOST, host, 0) == CURLUE_OK
    else { throw wrong("its host is no host name") }
    curl_url_set(handle, CURLUPART_FRAGMENT, nil, 0)
    guard let port = Self.part(CURLUPART_PORT, of: handle, flags: UInt32(CURLU_DEFAULT_PORT)).flatMap({ Int($0) }),
      let text = Self.part(CURLUPART_URL, of: handle), text.utf8.count <= 8192
    else { throw wrong("it is too long") }
    // A name that was not ASCII may have been a number in wide digits.
    guard host == name else {
      self = try WebAddress(text)
      return
    }
    self.text = text
    self.scheme = scheme
    self.host = host
    self.port = port
  }

  private static func part(_ part: CURLUPart, of handle: OpaquePointer, flags: UInt32 = 0) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(handle, part, &text, flags) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }

  /// libcurl would turn a name into punycode by the process's locale, which may know ASCII only.
  private static func ascii(host: String) -> String? {
    var ascii = host
    if !host.utf8.allSatisfy({ $0 < 128 }) {
      var components = URLComponents()
      components.host = host
      ascii = components.encodedHost ?? ""
    }
    let isName = !ascii.isEmpty && ascii.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "%") }
    return isName ? ascii : nil
  }

  private static func reason(for code: CURLUcode) -> String {
    switch code {
    case CURLUE_USER_NOT_ALLOWED: "it holds a user name or password, which are not sent; leave them out"
    case CURLUE_BAD_SCHEME, CURLUE_UNSUPPORTED_SCHEME: "it does not start with http:// or https://"
    default: String(cString: curl_url_strerror(code))
    }
  }

  /// Without the dot at the end that a fully qualified name may have.
  var comparableHost: String { host.hasSuffix(".") ? String(host.dropLast()) : host }

  /// Same scheme, host and port: the only place that may see a secret meant for the other.
  public func hasSameOrigin(as other: WebAddress) -> Bool {
    scheme == other.scheme && host == other.host && port == other.port
  }
}

extension WebAddress: CustomStringConvertible {
  public var description: String { text }
}
