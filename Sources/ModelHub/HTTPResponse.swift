import WebTransfer

/// Status and headers of one response.
struct HTTPResponse: Equatable {
  var status: Int
  /// By lower-case name; of a repeated header the last one.
  var headers: [String: String]

  var isSuccess: Bool { (200..<300).contains(status) }
  var isRedirect: Bool { [301, 302, 303, 307, 308].contains(status) }

  /// What `Retry-After` asks for in seconds; its other form, a date, is not read.
  var retryAfter: Duration? {
    guard let text = headers["retry-after"], let seconds = Int64(text), (0...86_400).contains(seconds) else {
      return nil
    }
    return .seconds(seconds)
  }

  /// The first byte's position in `Content-Range: bytes 10-99/100`.
  var rangeStart: Int? {
    guard let text = headers["content-range"], text.hasPrefix("bytes ") else { return nil }
    return Int(text.dropFirst(6).prefix { $0 != "-" })
  }

  /// The checksum the hub tells about the file behind a redirect, or of the file itself.
  var checksum: Checksum? {
    headers["x-linked-etag"].flatMap(Checksum.init(entityTag:)) ?? headers["etag"].flatMap(Checksum.init(entityTag:))
  }

  /// The `ETag`, if it stands for these very bytes (weak ones do not).
  var strongTag: String? {
    guard let tag = headers["etag"], tag.hasPrefix("\"") else { return nil }
    return tag
  }

  init(_ response: WebResponse) {
    status = response.status
    headers = Dictionary(response.headers.fields.map { ($0.name.lowercased(), $0.value) }) { _, last in last }
  }
}
