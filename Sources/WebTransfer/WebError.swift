/// Why a request has no response. What the server answers, 404 and 500 included, is a response and no error.
public enum WebError: Error, Sendable, Hashable {
  /// What took too long.
  public enum Phase: String, Sendable {
    /// Looking up the name, connecting, and the TLS handshake.
    case connecting
    /// Nothing came for the stall timeout.
    case waiting
    /// The whole, redirects included.
    case whole
  }

  case badURL(String, reason: String)
  /// The request itself cannot be sent.
  case badRequest(reason: String)
  case refusedHost(String, allowed: String)
  case refusedAddress(String, host: String, reason: String)
  case cannotResolve(host: String)
  case cannotConnect(host: String, port: Int, reason: String)
  /// The server's certificate, or the handshake with it.
  case untrusted(host: String, reason: String)
  case timeout(Phase, after: Duration, host: String)
  /// The body is longer, decompressed, than `limit` bytes.
  case tooLarge(limit: Int, host: String)
  case headersTooLarge(limit: Int, host: String)
  case wrongContentType(String?, expected: [String])
  case tooManyRedirects(limit: Int, last: String)
  case badRedirect(to: String, reason: String)
  /// The connection broke, or what came is no HTTP.
  case interrupted(host: String, reason: String)
  case cancelled
  /// libcurl cannot work here.
  case unavailable(reason: String)

  /// Whether the same request may work a moment later.
  public var isTransient: Bool {
    switch self {
    case .cannotResolve, .cannotConnect, .timeout, .interrupted: true
    default: false
    }
  }
}

extension WebError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .badURL(let url, let reason): "cannot request `\(url.prefix(200))`: \(reason)"
    case .badRequest(let reason): "the request cannot be sent: \(reason)"
    case .refusedHost(let host, let allowed): "the host \(host) is not allowed; allowed: \(allowed)"
    case .refusedAddress(let address, let host, let reason):
      "\(host) leads to \(address), which is refused: \(reason), and only public ones are allowed"
    case .cannotResolve(let host): "there is no address for the host \(host); check the name and the network"
    case .cannotConnect(let host, let port, let reason):
      "cannot connect to \(host) port \(port): \(reason); is the server running?"
    case .untrusted(let host, let reason): "no trusted TLS connection to \(host): \(reason)"
    case .timeout(.connecting, let limit, let host): "\(host) took no connection within \(limit)"
    case .timeout(.waiting, let limit, let host): "\(host) sent nothing for \(limit)"
    case .timeout(.whole, let limit, let host): "\(host) did not answer in full within \(limit)"
    case .tooLarge(let limit, let host): "what \(host) sends is longer than the limit of \(limit) bytes"
    case .headersTooLarge(let limit, let host): "the headers that \(host) sends are longer than \(limit) bytes"
    case .wrongContentType(let found, let expected):
      "the content type is \(found.map { "`\($0)`" } ?? "not said"); expected: \(expected.joined(separator: ", "))"
    case .tooManyRedirects(let limit, let last): "more than \(limit) redirects, the last one to \(last)"
    case .badRedirect(let target, let reason): "it redirects to `\(target.prefix(200))`: \(reason)"
    case .interrupted(let host, let reason): "the transfer from \(host) broke off: \(reason)"
    case .cancelled: "the request was cancelled"
    case .unavailable(let reason): "HTTP is not available: \(reason)"
    }
  }
}
