/// One request to one address: a hop of a request that may be redirected.
final class TransferJob: Sendable {
  let request: WebRequest
  let hop: Hop
  let deadline: ContinuousClock.Instant
  let queue: ResponseQueue

  init(_ request: WebRequest, hop: Hop, deadline: ContinuousClock.Instant, queue: ResponseQueue) {
    self.request = request
    self.hop = hop
    self.deadline = deadline
    self.queue = queue
  }

  /// Whether this response's body is nobody's, because the next hop's will be handed over instead.
  func isFollowed(_ response: WebResponse) -> Bool {
    request.maxRedirects > 0 && response.redirectTarget != nil
  }
}

/// What is sent where; redirects change it.
struct Hop: Sendable {
  var address: WebAddress
  var method: String
  var headers: [(name: String, value: String)]
  var body: [UInt8]?

  init(_ request: WebRequest) throws(WebError) {
    address = try WebAddress(request.url)
    method = request.method
    headers = request.headers
    body = request.body
  }

  /// The request that a redirect asks for (RFC 9110, section 15.4): after 303 it is a GET, and so is a POST after 301
  /// and 302, as all clients have it. Another origin gets no header that could hold a secret.
  mutating func follow(_ response: WebResponse, to target: String) throws(WebError) {
    let next: WebAddress
    do {
      next = try WebAddress(target, relativeTo: address)
    } catch {
      guard case .badURL(_, let reason) = error else { throw error }
      throw .badRedirect(to: target, reason: reason)
    }
    let becomesGet =
      response.status == 303 && method != "HEAD" || [301, 302].contains(response.status) && method == "POST"
    if becomesGet {
      method = "GET"
      body = nil
      headers.removeAll { $0.name.lowercased().hasPrefix("content-") }
    }
    if !next.hasSameOrigin(as: address) {
      headers.removeAll { !Self.harmless.contains($0.name.lowercased()) }
    }
    address = next
  }

  private static let harmless: Set = [
    "accept", "accept-encoding", "accept-language", "cache-control", "content-encoding", "content-language",
    "content-type", "range", "user-agent",
  ]
}
