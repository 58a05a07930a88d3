/// Status and headers of one response.
struct HTTPResponse: Equatable {
  var status = 0
  /// By lower-case name; of a repeated header the last one.
  var headers: [String: String] = [:]

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

  /// Takes in one header line; a status line starts over, since another response begins (after `100 Continue`, say).
  mutating func receive(headerLine line: String) {
    if line.hasPrefix("HTTP/") {
      let fields = line.split(separator: " ")
      self = HTTPResponse(status: fields.count > 1 ? Int(fields[1]) ?? 0 : 0)
      return
    }
    guard let colon = line.firstIndex(of: ":") else { return }
    let value = line[line.index(after: colon)...]
    headers[line[..<colon].lowercased()] = String(value.drop(while: \.isWhitespace).trimmingSuffix(\.isWhitespace))
  }
}

extension Substring {
  fileprivate func trimmingSuffix(_ isTrimmed: (Character) -> Bool) -> Substring {
    var end = endIndex
    while end > startIndex, isTrimmed(self[index(before: end)]) { end = index(before: end) }
    return self[..<end]
  }
}
