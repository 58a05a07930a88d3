import AgentCore

/// One POST of JSON to a search server.
public struct RetrieverRequest: Sendable {
  public var url: String
  public var body: [UInt8]
  public var timeout: Duration
  /// Longest answer that is read.
  public var maxBodyBytes: Int
}

/// What came back.
public struct RetrieverAnswer: Sendable {
  public var status: Int
  public var body: [UInt8]

  public init(status: Int, body: [UInt8]) {
    self.status = status
    self.body = body
  }
}

/// Why nothing came back.
public enum RetrieverTransportError: Error, Sendable {
  /// No connection was made: the same request may be sent again.
  case cannotConnect(String)
  case timeout
  case other(String)
}

/// Sends a request. Throws `RetrieverTransportError` or `CancellationError`.
public typealias RetrieverTransport = @Sendable (RetrieverRequest) async throws -> RetrieverAnswer

/// A search server over HTTP.
public struct RemoteRetriever: Retriever {
  static let maxBodyBytes = 8 << 20

  public let url: String
  public let shape: RetrieverShape
  public let timeout: Duration
  public let filterFields: [FilterField]
  private let transport: RetrieverTransport

  /// - Parameter filterFields: metadata that the server filters by; only `plain` carries filters.
  public init(
    url: String, shape: RetrieverShape, timeout: Duration = .seconds(10), filterFields: [FilterField] = [],
    transport: @escaping RetrieverTransport
  ) {
    self.url = url
    self.shape = shape
    self.timeout = timeout
    self.filterFields = shape == .plain ? filterFields : []
    self.transport = transport
  }

  public func search(_ query: SearchQuery, deadline: ContinuousClock.Instant) async throws -> [SearchHit] {
    let end = min(deadline, .now + timeout)
    let body = shape.body(query).serializedBytes()
    let answer = try await send(body, until: end)
    guard answer.status == 200 else {
      let text = String(decoding: answer.body.prefix(200), as: UTF8.self)
      let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      throw RetrievalError.status(url: url, status: answer.status, body: line)
    }
    do {
      return Array(try shape.hits(JSONValue(parsing: answer.body)).prefix(query.limit))
    } catch {
      throw RetrievalError.badAnswer(url: url, reason: "\(error)")
    }
  }

  /// Sends the request, and once more if no connection was made.
  private func send(_ body: [UInt8], until end: ContinuousClock.Instant) async throws -> RetrieverAnswer {
    var isRetry = false
    while true {
      let left = end - .now
      guard left > .zero else { throw RetrievalError.timeout(url: url) }
      do {
        return try await transport(
          RetrieverRequest(url: url, body: body, timeout: left, maxBodyBytes: Self.maxBodyBytes))
      } catch let error as RetrieverTransportError {
        switch error {
        case .cannotConnect(let reason):
          guard !isRetry else { throw RetrievalError.unreachable(url: url, reason: reason) }
          isRetry = true
          try await Task.sleep(for: min(.milliseconds(100), left))
        case .timeout: throw RetrievalError.timeout(url: url)
        case .other(let reason): throw RetrievalError.unreachable(url: url, reason: reason)
        }
      }
    }
  }
}
