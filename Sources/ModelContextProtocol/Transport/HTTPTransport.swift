import AgentCore
import Synchronization
import WebTransfer

/// A connection over streamable HTTP: every message is a POST, an answer comes as JSON or as a stream of events.
///
/// In the handshake era the server may give the connection a session, which every later request names and `close`
/// deletes; a stream is then open for what the server asks outside of any request, so that it can be refused.
final class HTTPTransport: MessageTransport {
  /// How often a broken stream of events is taken up again for one request.
  private static let maxResumptions = 5
  /// For messages whose outcome changes nothing: cancellations, refusals, the goodbye.
  private static let courtesyTimeout = Duration.seconds(5)

  struct State {
    var version: ProtocolVersion?
    var sessionID: String?
    var counts = MessageCounts()
    var unasked = 0
    var end: MCPError?
    /// Tasks that tell the server of cancelled calls; `close` waits for them.
    var couriers: [RPCID: Task<Void, Never>] = [:]
    /// Reads what the server says outside of requests, until `close`.
    var listener: Task<Void, Never>?
  }

  let url: String
  let limits: ConnectionLimits
  let state = Mutex(State())
  private let headers: [HeaderField]

  init(url: String, headers: [String: String], limits: ConnectionLimits) {
    self.url = url
    self.headers = headers.sorted { $0.key < $1.key }.map { HeaderField(name: $0.key, value: $0.value) }
    self.limits = limits
  }

  var counts: MessageCounts { state.withLock { $0.counts } }

  func adopt(_ version: ProtocolVersion) { state.withLock { $0.version = version } }

  func exchange(
    _ request: RPCRequest, headers: [HeaderField], deadline: ContinuousClock.Instant
  ) async throws(MCPError) -> JSONValue {
    if let end = state.withLock({ $0.end }) { throw end }
    do {
      return try await answer(to: request, headers, deadline)
    } catch {
      if error == .cancelled || error == .timeout(method: request.method) { tellCancelled(request) }
      if error.endsConnection { state.withLock { if $0.end == nil { $0.end = error } } }
      throw error
    }
  }

  func notify(_ method: String, _ params: JSONObject) async throws(MCPError) {
    let headers =
      state.withLock { $0.version?.isStateless == true } ? [HeaderField(name: "Mcp-Method", value: method)] : []
    try await post(.notification(method: method, params: params), headers)
    if method == "notifications/initialized" { listen() }
  }

  func close() async {
    let (sessionID, tasks) = state.withLock { state in
      if state.end == nil { state.end = .closed }
      state.listener?.cancel()
      defer { (state.sessionID, state.listener) = (nil, nil) }
      return (state.sessionID, Array(state.couriers.values) + [state.listener].compactMap(\.self))
    }
    for task in tasks { await task.value }
    guard let sessionID else { return }
    var request = webRequest("DELETE", timeout: Self.courtesyTimeout)
    request.headers.append(("Mcp-Session-Id", sessionID))
    // A server that does not let clients end sessions says so (405); it then ends them itself.
    _ = try? await WebTransfer.send(request)
  }

  // MARK: Requests

  func webRequest(_ method: String, timeout: Duration) -> WebRequest {
    var request = WebRequest(url: url, method: method, timeout: timeout, maxBodyBytes: limits.maxFrameBytes)
    request.headers = headers.map { ($0.name, $0.value) }
    let (version, sessionID) = state.withLock { ($0.version, $0.sessionID) }
    if let version, version.hasVersionHeader { request.headers.append(("MCP-Protocol-Version", version.rawValue)) }
    if let sessionID { request.headers.append(("Mcp-Session-Id", sessionID)) }
    return request
  }

  private func postRequest(_ message: RPCMessage, _ headers: [HeaderField], timeout: Duration) -> WebRequest {
    var request = webRequest("POST", timeout: timeout)
    request.headers.append(("Content-Type", "application/json"))
    request.headers.append(("Accept", "application/json, text/event-stream"))
    for header in headers { request.headers.append((header.name, header.value)) }
    request.body = message.json.serializedBytes()
    return request
  }

  /// Sends a message that is owed no answer.
  private func post(_ message: RPCMessage, _ headers: [HeaderField] = []) async throws(MCPError) {
    try await deliver(postRequest(message, headers, timeout: Self.courtesyTimeout))
  }

  private func deliver(_ request: WebRequest) async throws(MCPError) {
    let response: WebResponse
    do {
      response = try await WebTransfer.send(request)
    } catch {
      throw error == .cancelled ? .cancelled : .transfer(url: url, reason: "\(error)")
    }
    guard response.isSuccess else { throw failure(response, response.body) }
  }

  /// In the stateless era the end of the transfer says it all.
  private func tellCancelled(_ request: RPCRequest) {
    let cancellation = postRequest(
      .notification(
        method: "notifications/cancelled", params: ["requestId": request.id.json, "reason": "nobody waits any more"]),
      [], timeout: Self.courtesyTimeout)
    state.withLock { state in
      guard state.end == nil, state.version?.isStateless == false, request.method != "initialize" else { return }
      // The caller's task may be cancelled, and its requests with it.
      state.couriers[request.id] = Task(executorPreference: ConnectionExecutor.shared) {
        try? await self.deliver(cancellation)
        self.state.withLock { $0.couriers[request.id] = nil }
      }
    }
  }

  // MARK: Answers

  /// Posts the request, and takes a stream that breaks before the answer up again where it broke.
  private func answer(
    to request: RPCRequest, _ headers: [HeaderField], _ deadline: ContinuousClock.Instant
  ) async throws(MCPError) -> JSONValue {
    let reader = HTTPAnswer(request: request, transport: self)
    var next = postRequest(.request(request), headers, timeout: max(deadline - .now, .zero))
    for attempt in 0...Self.maxResumptions {
      let breakage = try await transfer(next, reader, request)
      if let answer = reader.answer { return try answer.get() }
      let isResumable = state.withLock { $0.version?.isStateless != true }
      guard isResumable, let lastEventID = reader.lastEventID, attempt < Self.maxResumptions else {
        throw breakage ?? .malformed(reason: "the answer to `\(request.method)` ended without a result")
      }
      let pause = min(Duration.milliseconds(reader.retryMilliseconds ?? 1000), deadline - .now)
      do { try await Task.sleep(for: pause) } catch { throw .cancelled }
      guard ContinuousClock.now < deadline else { throw .timeout(method: request.method) }
      next = webRequest("GET", timeout: deadline - .now)
      next.headers.append(("Accept", "text/event-stream"))
      next.headers.append(("Last-Event-ID", lastEventID))
    }
    throw .malformed(reason: "the answer to `\(request.method)` never came")
  }

  /// One transfer into the reader. A transfer that broke is returned as an error, since it may be taken up again.
  private func transfer(
    _ web: WebRequest, _ reader: HTTPAnswer, _ request: RPCRequest
  ) async throws(MCPError) -> MCPError? {
    do {
      let response = try await WebTransfer.stream(
        web, head: { await reader.begin($0) }, onBytes: { try await reader.receive($0) })
      return try finish(reader, response, request)
    } catch let error as MCPError {
      throw error
    } catch WebError.timeout(.whole, _, _) {
      throw .timeout(method: request.method)
    } catch WebError.cancelled {
      throw .cancelled
    } catch WebError.tooLarge(let limit, _) {
      throw .frameTooLarge(limitBytes: limit)
    } catch WebError.interrupted(_, let reason) {
      return .transfer(url: url, reason: reason)
    } catch {
      throw .transfer(url: url, reason: "\(error)")
    }
  }

  private func finish(
    _ reader: HTTPAnswer, _ response: WebResponse, _ request: RPCRequest
  ) throws(MCPError) -> MCPError? {
    if reader.answer != nil { return nil }
    if reader.isStream { return nil }
    try reader.readBody()
    // A session that ended is told by the status, often with an error that only repeats it.
    if response.status == 404, !reader.isUnknownMethod, state.withLock({ $0.sessionID }) != nil {
      throw .sessionLost(url: url)
    }
    if reader.answer != nil { return nil }
    guard response.isSuccess else { throw failure(response, reader.body) }
    if response.status == 202 { throw .malformed(reason: "`\(request.method)` was accepted without an answer") }
    return nil
  }

  /// What a status without a JSON-RPC answer means.
  private func failure(_ response: WebResponse, _ body: [UInt8]) -> MCPError {
    if response.status == 404, state.withLock({ $0.sessionID }) != nil { return .sessionLost(url: url) }
    if let target = response.redirectTarget {
      return .transfer(url: url, reason: "it redirects to \(target): use that address if it is the server meant")
    }
    let words = String(decoding: body.prefix(300), as: UTF8.self).split(whereSeparator: \.isWhitespace)
    return .status(response.status, url: url, body: words.joined(separator: " "))
  }

  func adoptSession(_ id: String) { state.withLock { $0.sessionID = id } }

  /// Counts a message that is no answer, and answers what it asks.
  func receive(_ message: RPCMessage) async throws(MCPError) {
    let unasked = state.withLock { state in
      state.unasked += 1
      switch message {
      case .request: state.counts.requests += 1
      case .notification(let method, _): state.counts.count(notification: method)
      case .result, .failure: state.counts.unknownAnswers += 1
      }
      return state.unasked
    }
    guard unasked <= limits.maxUnaskedFrames else {
      throw .flooded(reason: "more than \(limits.maxUnaskedFrames) messages that nobody asked for")
    }
    if case .request(let request) = message { try? await post(ServerRequests.answer(to: request)) }
  }

  func countAnswer() { state.withLock { $0.unasked = 0 } }
  func countStray() { state.withLock { $0.counts.strayFrames += 1 } }
}
