import CCurl

/// Where a body goes. Called on the thread that transfers.
protocol BodyReceiver: AnyObject {
  /// Takes the next bytes of a successful (2xx) response's body.
  func receive(_ bytes: UnsafeRawBufferPointer, of response: HTTPResponse) throws(ModelHubError)
}

/// Why a request has no complete response.
enum TransferFailure: Error {
  /// libcurl's reason. `isTransient` if the same request may work a moment later.
  case transport(reason: String, isTransient: Bool)
  /// The receiver refused the body.
  case receiver(ModelHubError)
  case cancelled
}

/// One libcurl handle: GET requests one after the other, over connections that are kept open between them.
///
/// Follows no redirect by itself, so that what is sent to whom is decided in one place (`HubClient`).
final class HTTPConnection {
  private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_SSL)) == CURLE_OK

  private let curl: UnsafeMutableRawPointer
  private let limits: TransferLimits
  private let cancellation: CancellationFlag
  private var errorText = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))

  /// - Throws: `fileSystem` if libcurl has no memory for a handle.
  init(limits: TransferLimits, cancellation: CancellationFlag) throws(ModelHubError) {
    guard Self.isLibraryReady, let curl = curl_easy_init() else {
      throw .fileSystem(operation: "start", path: "libcurl", reason: "it could not be initialised")
    }
    self.curl = curl
    self.limits = limits
    self.cancellation = cancellation
  }

  deinit { curl_easy_cleanup(curl) }

  /// Requests an address. Bodies of 2xx responses go to the receiver; of any other, the first 4 kB come back as text.
  func get(
    _ address: WebAddress, headers: [String], receiver: some BodyReceiver
  ) throws(TransferFailure) -> (response: HTTPResponse, errorBody: String) {
    let exchange = Exchange(receiver: receiver, cancellation: cancellation, stallTimeout: limits.stallTimeout)
    var list: UnsafeMutablePointer<curl_slist>?
    for header in headers { list = curl_slist_append(list, header) }
    defer { curl_slist_free_all(list) }

    let result = withExtendedLifetime(exchange) {
      configure(address, list, exchange)
      return errorText.withUnsafeMutableBufferPointer { buffer in
        buffer.update(repeating: 0)
        _ = acurl_set_pointer(curl, CURLOPT_ERRORBUFFER, buffer.baseAddress)
        defer { _ = acurl_set_pointer(curl, CURLOPT_ERRORBUFFER, nil) }
        return curl_easy_perform(curl)
      }
    }
    if let failure = exchange.failure { throw .receiver(failure) }
    if cancellation.isRaised { throw .cancelled }
    if exchange.isStalled {
      throw .transport(reason: "nothing came for \(limits.stallTimeout)", isTransient: true)
    }
    guard result == CURLE_OK else {
      throw .transport(reason: reason(for: result), isTransient: Self.isTransient(result))
    }
    return (exchange.response, String(decoding: exchange.errorBody, as: UTF8.self))
  }

  private func configure(
    _ address: WebAddress, _ headers: UnsafeMutablePointer<curl_slist>?, _ exchange: Exchange
  ) {
    let context = Unmanaged.passUnretained(exchange).toOpaque()
    curl_easy_reset(curl)
    var results = [
      acurl_set_string(curl, CURLOPT_URL, address.text),
      acurl_set_string(curl, CURLOPT_PROTOCOLS_STR, "http,https"),
      acurl_set_string(curl, CURLOPT_USERAGENT, "agentrl"),
      acurl_set_list(curl, CURLOPT_HTTPHEADER, headers),
      acurl_set_long(curl, CURLOPT_HTTPGET, 1),
      acurl_set_long(curl, CURLOPT_NOSIGNAL, 1),
      acurl_set_long(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1),
      acurl_set_long(curl, CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(limits.connectTimeout / .milliseconds(1)))),
      acurl_set_long(curl, CURLOPT_LOW_SPEED_LIMIT, 1000),
      acurl_set_long(curl, CURLOPT_LOW_SPEED_TIME, max(1, Int(limits.stallTimeout / .seconds(1)))),
      acurl_set_long(curl, CURLOPT_NOPROGRESS, 0),
    ]
    results += [
      acurl_set_callback(curl, CURLOPT_WRITEFUNCTION) { data, size, count, context in
        Exchange.from(context).receive(body: UnsafeRawBufferPointer(start: data, count: size * count))
      },
      acurl_set_pointer(curl, CURLOPT_WRITEDATA, context),
      acurl_set_callback(curl, CURLOPT_HEADERFUNCTION) { data, size, count, context in
        Exchange.from(context).receive(header: UnsafeRawBufferPointer(start: data, count: size * count))
      },
      acurl_set_pointer(curl, CURLOPT_HEADERDATA, context),
      acurl_set_progress(curl) { context, _, _, _, _ in Exchange.from(context).mayGoOn() ? 0 : 1 },
      acurl_set_pointer(curl, CURLOPT_XFERINFODATA, context),
    ]
    precondition(results.allSatisfy { $0 == CURLE_OK }, "libcurl refuses an option: \(results.map(\.rawValue))")
  }

  private func reason(for code: CURLcode) -> String {
    let detail = errorText.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    return detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
  }

  private static func isTransient(_ code: CURLcode) -> Bool {
    [
      CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT, CURLE_PARTIAL_FILE,
      CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM,
      CURLE_SSL_CONNECT_ERROR, CURLE_WEIRD_SERVER_REPLY,
    ].contains(code)
  }
}

/// What libcurl's callbacks share during one request.
private final class Exchange {
  let receiver: any BodyReceiver
  let cancellation: CancellationFlag
  var response = HTTPResponse()
  var errorBody: [UInt8] = []
  var failure: ModelHubError?
  private(set) var isStalled = false
  private let stallTimeout: Duration
  private let clock = ContinuousClock()
  private var lastArrival: ContinuousClock.Instant
  private var headerBytes = 0

  init(receiver: any BodyReceiver, cancellation: CancellationFlag, stallTimeout: Duration) {
    self.receiver = receiver
    self.cancellation = cancellation
    self.stallTimeout = stallTimeout
    lastArrival = clock.now
  }

  /// Asked about once a second, and more often while bytes arrive. libcurl's own limit on low speed looks at an
  /// average over seconds, in which a burst hides that nothing comes any more.
  func mayGoOn() -> Bool {
    isStalled = clock.now - lastArrival > stallTimeout
    return !isStalled && !cancellation.isRaised
  }

  static func from(_ context: UnsafeMutableRawPointer?) -> Exchange {
    guard let context else { preconditionFailure("libcurl calls back without its context") }
    return Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
  }

  /// Any count but the full one makes libcurl stop.
  func receive(header: UnsafeRawBufferPointer) -> Int {
    lastArrival = clock.now
    headerBytes += header.count
    guard headerBytes <= 256 * 1024 else { return 0 }
    response.receive(headerLine: String(decoding: header, as: UTF8.self))
    return header.count
  }

  func receive(body: UnsafeRawBufferPointer) -> Int {
    lastArrival = clock.now
    guard response.isSuccess else {
      errorBody.append(contentsOf: body.prefix(max(0, 4096 - errorBody.count)))
      return body.count
    }
    do {
      try receiver.receive(body, of: response)
      return body.count
    } catch {
      failure = error
      return 0
    }
  }
}
