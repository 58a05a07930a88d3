import CCurl

/// An http or https address, taken apart by the same parser that will use it.
struct WebAddress: Equatable {
  let text: String
  let scheme: String
  let host: String
  let port: String

  /// Nil for anything but an absolute http or https address.
  init?(_ text: String) {
    self.init(parts: [text])
  }

  /// The address that a `Location` header names, which may be relative to the address it came from.
  init?(_ location: String, relativeTo base: WebAddress) {
    self.init(parts: [base.text, location])
  }

  private init?(parts: [String]) {
    guard let handle = curl_url() else { return nil }
    defer { curl_url_cleanup(handle) }
    for part in parts {
      guard curl_url_set(handle, CURLUPART_URL, part, 0) == CURLUE_OK else { return nil }
    }
    guard
      let text = Self.part(CURLUPART_URL, of: handle),
      let scheme = Self.part(CURLUPART_SCHEME, of: handle)?.lowercased(), ["http", "https"].contains(scheme),
      let host = Self.part(CURLUPART_HOST, of: handle)?.lowercased(), !host.isEmpty,
      let port = Self.part(CURLUPART_PORT, of: handle, flags: UInt32(CURLU_DEFAULT_PORT))
    else { return nil }
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

  /// Same scheme, host and port: the only place that may see a token meant for the other.
  func hasSameOrigin(as other: WebAddress) -> Bool {
    scheme == other.scheme && host == other.host && port == other.port
  }

  /// One path component, percent-encoded: everything but letters, digits and `-._~`.
  static func encoded(component: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in component.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A relative path, each component percent-encoded.
  static func encoded(path: String) -> String {
    path.split(separator: "/", omittingEmptySubsequences: false)
      .map { encoded(component: String($0)) }.joined(separator: "/")
  }
}
