/// One HTTP request and the limits that it keeps.
public struct WebRequest: Sendable {
  /// Absolute, http or https.
  public var url: String
  public var method: String
  /// Sent besides those that HTTP itself needs. Names and values may not hold line breaks.
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]?

  /// For everything: name lookup, connection, redirects, the last byte of the body.
  public var timeout: Duration
  /// For name lookup, connection and TLS handshake, of each hop.
  public var connectTimeout: Duration = .seconds(10)
  /// Without a byte coming or going, from when the connection stands; nil: no limit of its own.
  public var stallTimeout: Duration?
  /// Bytes a second; less, on average over the stall timeout (in whole seconds), counts as a stall.
  public var minimumRate: Int?
  /// Of the body, decompressed. A longer one is the error `tooLarge`.
  public var maxBodyBytes: Int
  /// 0: a redirect is the response.
  public var maxRedirects: Int
  public var addressRule: AddressRule
  public var hostRule: HostRule = .any
  /// Of a successful (2xx) response: `text/html`, `text/*`, `*/*+json`. Another is the error `wrongContentType`, before
  /// its body comes; nil: any.
  public var contentTypes: [String]?
  /// Says that the body may come compressed; it is handed on decompressed.
  public var acceptsCompression = true
  /// Goes through the proxy that `https_proxy` and its like name. With `AddressRule.publicOnly` an error: the proxy, not
  /// we, would choose the address.
  public var usesEnvironmentProxy = false
  /// A PEM file of certificate authorities to trust instead of the system's.
  public var certificateAuthorities: String?

  public init(
    url: String, method: String = "GET", headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
    timeout: Duration = .seconds(30), maxBodyBytes: Int = 8 << 20, maxRedirects: Int = 0,
    addressRule: AddressRule = .any, contentTypes: [String]? = nil
  ) {
    self.url = url
    self.method = method
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.maxBodyBytes = maxBodyBytes
    self.maxRedirects = maxRedirects
    self.addressRule = addressRule
    self.contentTypes = contentTypes
  }

  /// - Throws: `badRequest` for what would not arrive as it is written here.
  func check() throws(WebError) {
    guard !method.isEmpty, method.utf8.allSatisfy(Self.isTokenByte) else {
      throw .badRequest(reason: "`\(method)` is no HTTP method")
    }
    for (name, value) in headers {
      guard !name.isEmpty, name.utf8.allSatisfy(Self.isTokenByte) else {
        throw .badRequest(reason: "`\(name)` is no header name")
      }
      guard !value.utf8.contains(where: { [0, 10, 13].contains($0) }) else {
        throw .badRequest(reason: "the value of the header \(name) holds a line break or NUL")
      }
    }
    if usesEnvironmentProxy, addressRule != .any {
      throw .badRequest(reason: "a request to public addresses only cannot go through a proxy")
    }
  }

  /// What a method or a header name is made of (RFC 9110, `tchar`).
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
