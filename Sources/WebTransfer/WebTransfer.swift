/// HTTP requests over libcurl: HTTP/1.1 and HTTP/2, TLS verified, no cookies, no `.netrc`, no proxy unless asked for.
///
/// All requests of the process share one thread of their own, and the connections that it keeps; none takes a thread of
/// Swift's pool. Cancelling the task ends its request.
public enum WebTransfer {
  /// Sends a request and gives its response with the whole body.
  ///
  /// - Throws: `WebError`. What the server answers, 404 and 500 included, is a response.
  public static func send(_ request: WebRequest) async throws(WebError) -> WebResponse {
    var exchange = try Exchange(request, capacity: nil)
    var response = WebResponse()
    while true {
      switch try await exchange.next() {
      case .head(let head): response = head
      case .body(let bytes): response.body = bytes
      case .end: return response
      }
    }
  }

  /// Hands over a response while it comes, as server-sent events need it.
  ///
  /// Both closures run in the calling task. While one of them is at work the sender is held back, so a slow reader costs
  /// no memory. When one returns false the transfer ends there, without an error.
  ///
  /// - Parameter head: Called once, after redirects, before the body.
  /// - Parameter onBytes: Called with the next bytes of the body, never with none.
  /// - Returns: The response without its body.
  /// - Throws: `WebError`, or what a closure throws.
  @discardableResult
  public static func stream(
    _ request: WebRequest, head: @escaping @Sendable (WebResponse) async throws -> Bool = { _ in true },
    onBytes: @escaping @Sendable ([UInt8]) async throws -> Bool
  ) async throws -> WebResponse {
    var exchange = try Exchange(request, capacity: 256 * 1024)
    defer { exchange.cancel() }
    var response = WebResponse()
    while true {
      switch try await exchange.next() {
      case .head(let answer):
        response = answer
        guard try await head(answer) else { return response }
      case .body(let bytes): guard try await onBytes(bytes) else { return response }
      case .end: return response
      }
    }
  }

  /// As `stream`, on the calling thread, which it blocks: for work that has a thread of its own.
  ///
  /// - Parameter isCancelled: Asked at least every 50 ms; true ends the transfer with `WebError.cancelled`.
  /// - Parameter onBytes: Called with the head and the next bytes; false ends the transfer without an error.
  public static func streamBlocking(
    _ request: WebRequest, isCancelled: () -> Bool, onBytes: (WebResponse, [UInt8]) -> Bool
  ) throws(WebError) -> WebResponse {
    var exchange = try Exchange(request, capacity: 256 * 1024)
    defer { exchange.cancel() }
    var response = WebResponse()
    while true {
      switch try exchange.waitForNext(isCancelled: isCancelled) {
      case .head(let answer): response = answer
      case .body(let bytes): guard onBytes(response, bytes) else { return response }
      case .end: return response
      }
    }
  }
}
