import CCurl

/// One libcurl handle at work. Lives on the transfer thread and is called back there.
final class Transfer {
  static let maxHeaderBytes = 256 * 1024
  /// Of a redirect's body, read so that the connection can be used again.
  private static let maxDiscardedBytes = 16 * 1024

  let curl: UnsafeMutableRawPointer
  let job: TransferJob
  private let clock = ContinuousClock()
  private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private var response: WebResponse
  private var headerBytes = 0
  private var bodyBytes = 0
  private var hasHead = false
  private var isPaused = false
  private var lastMove: ContinuousClock.Instant
  private var sentBytes: curl_off_t = 0
  /// Why a callback stopped libcurl; nil in it: all that is wanted has come.
  private var stop: WebError??
  private var refused: WebError?

  /// - Throws: `unavailable` if libcurl has no memory, or refuses an option.
  init(_ job: TransferJob) throws(WebError) {
    guard let curl = curl_easy_init() else { throw .unavailable(reason: "libcurl has no memory") }
    self.curl = curl
    self.job = job
    response = WebResponse(url: job.hop.address.text)
    lastMove = clock.now
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    let results = setLimits() + setRequest() + setCallbacks()
    if let code = results.first(where: { $0 != CURLE_OK }) {
      throw .unavailable(reason: "libcurl refuses an option: \(String(cString: curl_easy_strerror(code)))")
    }
  }

  deinit {
    curl_easy_cleanup(curl)
    curl_slist_free_all(headerList)
    errorText.deallocate()
  }

  // MARK: - Options

  private func setLimits() -> [CURLcode] {
    let left = min(job.request.connectTimeout, job.deadline - clock.now)
    var results = [
      acurl_set_string(curl, CURLOPT_PROTOCOLS_STR, "http,https"),
      acurl_set_long(curl, CURLOPT_FOLLOWLOCATION, 0),
      acurl_set_long(curl, CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue)),
      acurl_set_long(curl, CURLOPT_NOSIGNAL, 1),
      acurl_set_long(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1),
      acurl_set_long(curl, CURLOPT_TCP_KEEPALIVE, 1),
      acurl_set_long(curl, CURLOPT_CONNECTTIMEOUT_MS, left.clampedMilliseconds),
      acurl_set_quick_exit(curl),
    ]
    if !job.request.usesEnvironmentProxy { results.append(acurl_set_string(curl, CURLOPT_PROXY, "")) }
    if let rate = job.request.minimumRate, let stall = job.request.stallTimeout {
      results += [
        acurl_set_long(curl, CURLOPT_LOW_SPEED_LIMIT, rate),
        acurl_set_long(curl, CURLOPT_LOW_SPEED_TIME, max(1, stall.clampedMilliseconds / 1000)),
      ]
    }
    if let file = job.request.certificateAuthorities {
      results.append(acurl_set_string(curl, CURLOPT_CAINFO, file))
    }
    return results
  }

  private func setRequest() -> [CURLcode] {
    let hop = job.hop
    var results = [
      acurl_set_string(curl, CURLOPT_URL, hop.address.text), acurl_set_string(curl, CURLOPT_USERAGENT, "agentenv"),
    ]
    if job.request.acceptsCompression { results.append(acurl_set_string(curl, CURLOPT_ACCEPT_ENCODING, "")) }
    if let body = hop.body {
      results += [
        acurl_set_long(curl, CURLOPT_POST, 1),
        acurl_set_offset(curl, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)),
        // Copied by libcurl; a body of no bytes may have no address of its own.
        body.isEmpty
          ? acurl_set_string(curl, CURLOPT_COPYPOSTFIELDS, "")
          : body.withUnsafeBytes {
            acurl_set_pointer(curl, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: $0.baseAddress))
          },
      ]
    } else {
      results.append(acurl_set_long(curl, hop.method == "HEAD" ? CURLOPT_NOBODY : CURLOPT_HTTPGET, 1))
    }
    let plain = hop.body == nil ? ["GET", "HEAD"] : ["POST"]
    if !plain.contains(hop.method) { results.append(acurl_set_string(curl, CURLOPT_CUSTOMREQUEST, hop.method)) }
    // No pause for a `100 Continue`, and no content type that was not asked for.
    var lines = ["Expect:"]
    if hop.body != nil, !hop.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
      lines.append("Content-Type:")
    }
    // libcurl takes `Name:` as "leave it out" and `Name;` as the empty field.
    lines += hop.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
    for line in lines { headerList = curl_slist_append(headerList, line) }
    return results + [acurl_set_list(curl, CURLOPT_HTTPHEADER, headerList)]
  }

  private func setCallbacks() -> [CURLcode] {
    let context = Unmanaged.passUnretained(self).toOpaque()
    return [
      acurl_set_pointer(curl, CURLOPT_ERRORBUFFER, errorText),
      acurl_set_callback(curl, CURLOPT_WRITEFUNCTION) { data, size, count, context in
        Transfer.from(context).receive(body: UnsafeRawBufferPointer(start: data, count: size * count))
      },
      acurl_set_pointer(curl, CURLOPT_WRITEDATA, context),
      acurl_set_callback(curl, CURLOPT_HEADERFUNCTION) { data, size, count, context in
        Transfer.from(context).receive(header: UnsafeRawBufferPointer(start: data, count: size * count))
      },
      acurl_set_pointer(curl, CURLOPT_HEADERDATA, context),
      acurl_set_open_socket(curl) { context, _, address in
        guard let address else { return CURL_SOCKET_BAD }
        return Transfer.from(context).openSocket(address)
      },
      acurl_set_pointer(curl, CURLOPT_OPENSOCKETDATA, context),
      acurl_set_before_request(curl) { context, address, _, _, _ in
        Transfer.from(context).mayRequest(from: address.map { String(cString: $0) } ?? "") ? 0 : 1
      },
      acurl_set_pointer(curl, CURLOPT_PREREQDATA, context),
    ]
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer {
    guard let context else { preconditionFailure("libcurl calls back without its context") }
    return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  }
}

// MARK: - Addresses

extension Transfer {
  /// Opens a socket for an address that libcurl is about to connect to, unless the rule refuses it.
  private func openSocket(_ target: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
    // The address is longer than its C type says: it ends where `addrlen` says.
    let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) ?? 0
    let address = IPAddress(UnsafeRawPointer(target) + offset, count: Int(target.pointee.addrlen))
    guard mayConnect(to: address) else { return CURL_SOCKET_BAD }
    return socket(
      target.pointee.family, target.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), target.pointee.protocol)
  }

  /// Asked when the connection stands and nothing is sent yet: a connection may have been opened for another request,
  /// under another rule.
  private func mayRequest(from address: String) -> Bool {
    job.request.addressRule == .any || mayConnect(to: IPAddress(address))
  }

  private func mayConnect(to address: IPAddress?) -> Bool {
    let rule = job.request.addressRule
    guard let address else { return rule == .any }
    guard let reason = rule.refusal(of: address) else { return true }
    refused = .refusedAddress(address.description, host: job.hop.address.host, reason: reason)
    return false
  }
}

// MARK: - Arrivals

extension Transfer {
  /// Any count but the full one makes libcurl stop.
  private func receive(header: UnsafeRawBufferPointer) -> Int {
    lastMove = clock.now
    headerBytes += header.count
    guard headerBytes <= Self.maxHeaderBytes else {
      stop = .headersTooLarge(limit: Self.maxHeaderBytes, host: job.hop.address.host)
      return 0
    }
    // Trailers, which follow the body, are not handed over.
    guard !hasHead else { return header.count }
    let line = String(decoding: header, as: UTF8.self)
    guard line.trimmed.isEmpty else {
      response.receive(headerLine: line)
      return header.count
    }
    guard response.status >= 200 else { return header.count }
    hasHead = true
    if let problem = problemWithHead() {
      stop = problem
      return 0
    }
    if !job.isFollowed(response) { job.queue.receive(head: response) }
    return header.count
  }

  private func problemWithHead() -> WebError? {
    guard !job.isFollowed(response) else { return nil }
    if response.isSuccess, let expected = job.request.contentTypes, response.status != 204,
      !response.hasContentType(among: expected)
    {
      return .wrongContentType(response.mediaType, expected: expected)
    }
    if job.hop.method != "HEAD", let length = response.headers["content-length"].flatMap({ Int($0) }),
      length > job.request.maxBodyBytes
    {
      return tooLarge
    }
    return nil
  }

  private var tooLarge: WebError { .tooLarge(limit: job.request.maxBodyBytes, host: job.hop.address.host) }

  private func receive(body: UnsafeRawBufferPointer) -> Int {
    lastMove = clock.now
    if job.isFollowed(response) {
      bodyBytes += body.count
      guard bodyBytes > Self.maxDiscardedBytes else { return body.count }
      stop = .some(nil)
      return 0
    }
    guard bodyBytes + body.count <= job.request.maxBodyBytes else {
      stop = tooLarge
      return 0
    }
    guard job.queue.receive(body) else {
      isPaused = true
      return Int(CURL_WRITEFUNC_PAUSE)
    }
    bodyBytes += body.count
    return body.count
  }

  /// The task has taken what had come.
  func resume() {
    guard isPaused else { return }
    isPaused = false
    lastMove = clock.now
    curl_easy_pause(curl, Int32(CURLPAUSE_CONT))
  }
}

// MARK: - Ends

extension Transfer {
  /// When a limit is reached if nothing moves until then.
  var due: ContinuousClock.Instant {
    guard let stall = job.request.stallTimeout, !isPaused else { return job.deadline }
    return min(job.deadline, lastMove + stall)
  }

  /// The limit that is reached; nil if none is.
  func overdue(at now: ContinuousClock.Instant) -> WebError? {
    let host = job.hop.address.host
    if now >= job.deadline { return .timeout(.whole, after: job.request.timeout, host: host) }
    guard let stall = job.request.stallTimeout, now >= due else { return nil }
    // libcurl looks after the time until the connection stands, and does not tell when bytes leave.
    var sent: curl_off_t = 0
    _ = acurl_get_offset(curl, CURLINFO_SIZE_UPLOAD_T, &sent)
    guard isConnected, sent == sentBytes else {
      sentBytes = sent
      lastMove = now
      return nil
    }
    return .timeout(.waiting, after: stall, host: host)
  }

  private var isConnected: Bool {
    var time: curl_off_t = 0
    return acurl_get_offset(curl, CURLINFO_PRETRANSFER_TIME_T, &time) == CURLE_OK && time > 0
  }

  /// Ends the response with what libcurl says about the transfer.
  func finish(_ code: CURLcode) {
    if case .some(let reason) = stop { return finish(reason) }
    if let refused, code != CURLE_OK { return finish(refused) }
    finish(code == CURLE_OK ? nil : error(for: code))
  }

  /// - Parameter error: nil: the response is whole.
  func finish(_ error: WebError?) {
    if error == nil, !hasHead {
      return job.queue.finish(.interrupted(host: job.hop.address.host, reason: "no response came"))
    }
    if error == nil, job.isFollowed(response) { job.queue.receive(head: response) }
    job.queue.finish(error)
  }

  private func error(for code: CURLcode) -> WebError {
    let detail = String(cString: errorText)
    let reason = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
    let address = job.hop.address
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: return .cannotResolve(host: address.host)
    case CURLE_COULDNT_CONNECT: return .cannotConnect(host: address.host, port: address.port, reason: reason)
    case CURLE_OPERATION_TIMEDOUT where isConnected:
      return .timeout(.waiting, after: job.request.stallTimeout ?? job.request.timeout, host: address.host)
    case CURLE_OPERATION_TIMEDOUT:
      return .timeout(.connecting, after: min(job.request.connectTimeout, job.request.timeout), host: address.host)
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
      CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER:
      return .untrusted(host: address.host, reason: reason)
    case CURLE_URL_MALFORMAT: return .badURL(address.text, reason: reason)
    case CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT: return .unavailable(reason: reason)
    default: return .interrupted(host: address.host, reason: reason)
    }
  }
}

extension Duration {
  /// At least 1, at most about 11 days: what libcurl takes everywhere.
  var clampedMilliseconds: Int {
    if self <= .milliseconds(1) { return 1 }
    if self >= .seconds(1_000_000) { return 1_000_000_000 }
    return Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
  }
}
