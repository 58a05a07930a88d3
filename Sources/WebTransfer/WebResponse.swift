/// A response: its head, and its body where that was not handed over piece by piece.
public struct WebResponse: Sendable, Hashable {
  public var status: Int
  public var headers: WebHeaders
  public var body: [UInt8]
  /// The address that answered, after all redirects.
  public var url: String

  public init(status: Int = 0, headers: WebHeaders = WebHeaders(), body: [UInt8] = [], url: String = "") {
    self.status = status
    self.headers = headers
    self.body = body
    self.url = url
  }

  public var isSuccess: Bool { (200..<300).contains(status) }

  /// Says that what was asked for is elsewhere, and where.
  public var redirectTarget: String? {
    [301, 302, 303, 307, 308].contains(status) ? headers["location"] : nil
  }

  /// `text/html` of `Text/HTML; charset=utf-8`.
  public var mediaType: String? {
    headers["content-type"]?.split(separator: ";", omittingEmptySubsequences: false).first
      .map { $0.trimmed.lowercased() }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// A parameter of the content type, such as `charset`, without its quotes.
  public func contentTypeParameter(_ name: String) -> String? {
    for parameter in (headers["content-type"] ?? "").split(separator: ";").dropFirst() {
      let parts = parameter.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, parts[0].trimmed.lowercased() == name else { continue }
      return parts[1].trimmed.filter { $0 != "\"" && $0 != "'" }
    }
    return nil
  }
}

/// Header fields in the order in which they came; names are found in any case.
public struct WebHeaders: Sendable, Hashable {
  public private(set) var fields: [Field] = []

  public struct Field: Sendable, Hashable {
    public let name: String
    public let value: String
  }

  public init() {}

  /// The value; of a repeated field the last one.
  public subscript(_ name: String) -> String? {
    let name = name.lowercased()
    return fields.last { $0.name.lowercased() == name }?.value
  }

  mutating func append(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }
}

extension WebResponse {
  /// Takes in one header line; a status line starts over, since another response begins (after `100 Continue`, say).
  mutating func receive(headerLine line: String) {
    if line.hasPrefix("HTTP/") {
      let fields = line.split(separator: " ")
      self = WebResponse(status: fields.count > 1 ? Int(fields[1].trimmed) ?? 0 : 0, url: url)
      return
    }
    guard let colon = line.firstIndex(of: ":") else { return }
    headers.append(line[..<colon].trimmed, line[line.index(after: colon)...].trimmed)
  }

  /// Whether the content type is among those listed, which may be as wide as `text/*` and `*/*+json`.
  func hasContentType(among expected: [String]) -> Bool {
    guard let type = mediaType else { return false }
    return expected.contains { pattern in
      let pattern = pattern.lowercased()
      if pattern == type || pattern == "*/*" { return true }
      if pattern.hasPrefix("*/*+") { return type.hasSuffix(pattern.dropFirst(3)) }
      return pattern.hasSuffix("/*") && type.hasPrefix(pattern.dropLast())
    }
  }
}

extension StringProtocol {
  /// Without white space at either end.
  var trimmed: String {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
