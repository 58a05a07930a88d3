import AgentCore
import WebTransfer

/// A search server over HTTP.
public struct RemoteRetriever: Retriever {
  private static let maxBodyBytes = 8 << 20

  public let url: String
  public let shape: RetrieverShape
  /// Longest wait for an answer.
  public let timeout: Duration
  public let filterFields: [FilterField]

  /// - Parameter filters: the metadata keys that the server filters by; only the shape `plain` carries filters.
  public init(url: String, shape: RetrieverShape, timeout: Duration = .seconds(10), filters: [String] = []) {
    self.url = url
    self.shape = shape
    self.timeout = timeout
    filterFields = shape == .plain ? filters.map { FilterField(name: $0) } : []
  }

  public func search(_ query: SearchQuery, deadline: ContinuousClock.Instant) async throws -> [SearchHit] {
    let response = try await send(shape.body(query).serializedBytes(), until: min(deadline, .now + timeout))
    guard response.status == 200 else {
      let text = String(decoding: response.body.prefix(200), as: UTF8.self)
      let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      throw RetrievalError.status(url: url, status: response.status, body: line)
    }
    do {
      return Array(try shape.hits(JSONValue(parsing: response.body)).prefix(query.limit))
    } catch {
      throw RetrievalError.badAnswer(url: url, reason: error.description)
    }
  }

  /// Sends the request, and once more if the connection failed: a search changes nothing on the server.
  private func send(_ body: [UInt8], until end: ContinuousClock.Instant) async throws -> WebResponse {
    var isRetry = false
    while true {
      let left = end - .now
      guard left > .zero else { throw RetrievalError.timeout(url: url) }
      let request = WebRequest(
        url: url, method: "POST", headers: [("content-type", "application/json"), ("accept", "application/json")],
        body: body, timeout: left, maxBodyBytes: Self.maxBodyBytes)
      do {
        return try await WebTransfer.send(request)
      } catch {
        switch error {
        case .cancelled: throw CancellationError()
        case .timeout: throw RetrievalError.timeout(url: url)
        case .cannotResolve, .cannotConnect, .interrupted:
          guard !isRetry else { throw RetrievalError.unreachable(url: url, reason: error.description) }
          isRetry = true
          try await Task.sleep(for: min(.milliseconds(100), left))
        default: throw RetrievalError.unreachable(url: url, reason: error.description)
        }
      }
    }
  }
}
