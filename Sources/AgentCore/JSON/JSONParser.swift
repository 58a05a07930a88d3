extension JSONValue {
  /// The deepest nesting of arrays and objects that is read; deeper input is an error, not a stack overflow.
  public static let maximumDepth = 256

  /// Parses one JSON text (RFC 8259): nothing but white space may follow the value.
  ///
  /// - Throws: `JSONError.syntax` for broken grammar, invalid UTF-8, a lone surrogate, a number outside the range of
  ///   `Double`, a duplicate key, or nesting deeper than ``maximumDepth``.
  public init(parsing text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8))
  }

  /// Parses one JSON text given as UTF-8 bytes.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    self = try bytes.withUnsafeBufferPointer { bytes throws(JSONError) in try JSONParser.parse(bytes) }
  }
}

/// A recursive-descent parser over UTF-8 bytes.
private struct JSONParser {
  let bytes: UnsafeBufferPointer<UInt8>
  var position = 0

  static func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) -> JSONValue {
    var parser = JSONParser(bytes: bytes)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.error("unexpected text after the value") }
    return value
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  func error(_ reason: String, at offset: Int? = nil) -> JSONError {
    let end = min(offset ?? position, bytes.count)
    var line = 1
    var lineStart = 0
    for index in 0..<end where bytes[index] == UInt8(ascii: "\n") {
      line += 1
      lineStart = index + 1
    }
    return .syntax(reason: reason, line: line, column: end - lineStart + 1)
  }

  mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    guard depth <= JSONValue.maximumDepth else {
      throw error("nested deeper than \(JSONValue.maximumDepth) levels")
    }
    skipSpace()
    guard let byte = current else { throw error("unexpected end of text") }
    switch byte {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw error("unexpected character")
    }
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    let count = word.utf8CodeUnitCount
    guard position + count <= bytes.count,
      (0..<count).allSatisfy({ bytes[position + $0] == word.utf8Start[$0] })
    else { throw error("expected `\(word)`") }
    position += count
    return value
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
    position += 1
    var elements: [JSONValue] = []
    skipSpace()
    if current == UInt8(ascii: "]") {
      position += 1
      return .array([])
    }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      switch current {
      case UInt8(ascii: ","): position += 1
      case UInt8(ascii: "]"):
        position += 1
        return .array(elements)
      default: throw error("expected `,` or `]` in an array")
      }
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
    position += 1
    var fields = JSONObject()
    skipSpace()
    if current == UInt8(ascii: "}") {
      position += 1
      return .object(fields)
    }
    while true {
      skipSpace()
      guard current == UInt8(ascii: "\"") else { throw error("expected a key in double quotes") }
      let start = position
      let key = try string()
      skipSpace()
      guard current == UInt8(ascii: ":") else { throw error("expected `:` after the key") }
      position += 1
      let element = try value(depth: depth + 1)
      guard fields.updateValue(element, forKey: key) == nil else {
        throw error("duplicate key `\(key)`", at: start)
      }
      skipSpace()
      switch current {
      case UInt8(ascii: ","): position += 1
      case UInt8(ascii: "}"):
        position += 1
        return .object(fields)
      default: throw error("expected `,` or `}` in an object")
      }
    }
  }

  // MARK: Numbers

  private mutating func digits() -> Int {
    let start = position
    while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    return position - start
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    var isWhole = true
    if current == UInt8(ascii: "-") { position += 1 }
    let first = current
    let integerDigits = digits()
    guard integerDigits > 0 else { throw error("expected a digit") }
    guard first != UInt8(ascii: "0") || integerDigits == 1 else {
      throw error("a number may not start with 0", at: start)
    }
    if current == UInt8(ascii: ".") {
      isWhole = false
      position += 1
      guard digits() > 0 else { throw error("expected a digit after the decimal point") }
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      isWhole = false
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      guard digits() > 0 else { throw error("expected a digit in the exponent") }
    }
    let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
    if isWhole, let value = Int64(text) { return text == "-0" ? .double(-0.0) : .int(value) }
    guard let value = Double(text), value.isFinite else {
      throw error("the number is too large", at: start)
    }
    return .double(value)
  }

  // MARK: Strings

  private mutating func string() throws(JSONError) -> String {
    position += 1
    let start = position
    while let byte = current {
      if byte == UInt8(ascii: "\"") {
        let run = try text(start, position)
        position += 1
        return run
      }
      if byte == UInt8(ascii: "\\") { return try stringWithEscapes(from: start) }
      guard byte >= 0x20 else { throw error("a control character in a string must be escaped") }
      position += 1
    }
    throw error("the string is not closed", at: start - 1)
  }

  private func text(_ start: Int, _ end: Int) throws(JSONError) -> String {
    let run = UnsafeBufferPointer(rebasing: bytes[start..<end])
    guard let text = String(validating: run, as: UTF8.self) else {
      throw error("the string is not valid UTF-8", at: start)
    }
    return text
  }

  private mutating func stringWithEscapes(from start: Int) throws(JSONError) -> String {
    var result = try text(start, position)
    var runStart = position
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        result += try text(runStart, position)
        position += 1
        return result
      case UInt8(ascii: "\\"):
        result += try text(runStart, position)
        result.unicodeScalars.append(try escape())
        runStart = position
      case 0..<0x20: throw error("a control character in a string must be escaped")
      default: position += 1
      }
    }
    throw error("the string is not closed", at: start - 1)
  }

  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    let start = position
    position += 1
    guard let byte = current else { throw error("the string is not closed", at: start) }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{08}"
    case UInt8(ascii: "f"): return "\u{0C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape(start)
    default: throw error("unknown escape", at: start)
    }
  }

  private mutating func unicodeEscape(_ start: Int) throws(JSONError) -> Unicode.Scalar {
    let unit = try hexQuad()
    if let scalar = Unicode.Scalar(UInt32(unit)) { return scalar }
    guard UTF16.isLeadSurrogate(unit), position + 6 <= bytes.count, bytes[position] == UInt8(ascii: "\\"),
      bytes[position + 1] == UInt8(ascii: "u")
    else { throw error("a lone surrogate is not a character", at: start) }
    position += 2
    let trail = try hexQuad()
    guard UTF16.isTrailSurrogate(trail) else { throw error("a lone surrogate is not a character", at: start) }
    let code = 0x10000 + (UInt32(unit & 0x3FF) << 10 | UInt32(trail & 0x3FF))
    guard let scalar = Unicode.Scalar(code) else { throw error("not a Unicode scalar", at: start) }
    return scalar
  }

  private mutating func hexQuad() throws(JSONError) -> UInt16 {
    guard position + 4 <= bytes.count else { throw error("expected four hexadecimal digits") }
    var value: UInt16 = 0
    for _ in 0..<4 {
      let digit: UInt8
      switch bytes[position] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = bytes[position] - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = bytes[position] - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = bytes[position] - UInt8(ascii: "A") + 10
      default: throw error("expected four hexadecimal digits")
      }
      value = value << 4 | UInt16(digit)
      position += 1
    }
    return value
  }
}
