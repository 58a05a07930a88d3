/// One token of a template's source.
struct TemplateToken: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    /// Literal output, white-space control already applied.
    case text(String)
    case expressionStart, expressionEnd, statementStart, statementEnd
    case name(String), string(String), integer(Int), real(Double), symbol(String)
    case end
  }

  var kind: Kind
  var line: Int
}

/// Splits a template into tokens, with Jinja's white-space rules as chat templates are rendered: `trim_blocks` and
/// `lstrip_blocks` on, `{%-`, `-%}` and `+` honoured, one final newline of the source dropped.
struct TemplateLexer {
  private let source: [Unicode.Scalar]
  private var position = 0
  private var line = 1
  private var tokens: [TemplateToken] = []

  static func tokens(of source: String) throws(TemplateError) -> [TemplateToken] {
    var lexer = TemplateLexer(source)
    try lexer.run()
    return lexer.tokens
  }

  private init(_ text: String) {
    var scalars: [Unicode.Scalar] = []
    for scalar in text.unicodeScalars {
      if scalar == "\n", scalars.last == "\r" { scalars.removeLast() }
      scalars.append(scalar)
    }
    scalars = scalars.map { $0 == "\r" ? "\n" : $0 }
    if scalars.last == "\n" { scalars.removeLast() }
    source = scalars
  }

  private mutating func run() throws(TemplateError) {
    while position < source.count {
      let start = position
      while position < source.count, !isTagStart(position) { position += 1 }
      addText(start..<position)
      guard position < source.count else { break }
      try readTag()
    }
    add(.end)
  }

  // MARK: Text and tags

  private func isTagStart(_ index: Int) -> Bool {
    guard source[index] == "{", index + 1 < source.count else { return false }
    return source[index + 1] == "{" || source[index + 1] == "%" || source[index + 1] == "#"
  }

  /// The text before a tag (or the end), less what the tag's opening strips from it.
  private mutating func addText(_ range: Range<Int>) {
    var end = range.upperBound
    if end < source.count {
      let control = end + 2 < source.count ? source[end + 2] : " "
      if control == "-" {
        while end > range.lowerBound, isSpace(source[end - 1]) { end -= 1 }
      } else if control != "+", source[end + 1] != "{" {
        end = lineStart(range) ?? end
      }
    }
    if end > range.lowerBound { add(.text(string(range.lowerBound..<end))) }
    line += source[range].count { $0 == "\n" }
  }

  /// Where the last line of the range starts, if only white space follows there and the line starts in the range.
  private func lineStart(_ range: Range<Int>) -> Int? {
    var start = range.upperBound
    while start > range.lowerBound, source[start - 1] != "\n" {
      guard isSpace(source[start - 1]) else { return nil }
      start -= 1
    }
    return start > range.lowerBound || start == 0 || source[start - 1] == "\n" ? start : nil
  }

  private mutating func readTag() throws(TemplateError) {
    let opening = source[position + 1]
    let openingLine = line
    position += 2
    if position < source.count, source[position] == "-" || source[position] == "+" { position += 1 }
    if opening == "#" {
      while !hasClosing("#") {
        guard position < source.count else { throw .syntax(line: openingLine, reason: "comment is not closed") }
        if source[position] == "\n" { line += 1 }
        position += 1
      }
      return closeTag("#")
    }
    if opening == "%", try readRawBlock() { return }
    let closing: Unicode.Scalar = opening == "{" ? "}" : "%"
    add(opening == "{" ? .expressionStart : .statementStart)
    try readTagTokens(closing, openingLine: openingLine)
    add(opening == "{" ? .expressionEnd : .statementEnd)
    closeTag(closing)
  }

  private mutating func readTagTokens(_ closing: Unicode.Scalar, openingLine: Int) throws(TemplateError) {
    var open = 0
    while true {
      skipSpace()
      guard position < source.count else { throw .syntax(line: openingLine, reason: "tag is not closed") }
      if open == 0, hasClosing(closing) { return }
      try readToken()
      if case .symbol(let symbol) = tokens[tokens.count - 1].kind {
        if ["(", "[", "{"].contains(symbol) { open += 1 }
        if [")", "]", "}"].contains(symbol) { open -= 1 }
      }
    }
  }

  /// Whether `%}`, `-%}` or `+%}` is next (with `}}` and `#}` alike).
  private func hasClosing(_ closing: Unicode.Scalar) -> Bool {
    let start = peek(0) == "-" || (peek(0) == "+" && closing == "%") ? 1 : 0
    return peek(start) == closing && peek(start + 1) == "}"
  }

  private mutating func closeTag(_ closing: Unicode.Scalar) {
    let control = peek(0)
    position += control == "-" || control == "+" ? 3 : 2
    if control == "-" {
      skipSpace()
    } else if control != "+", closing != "}", peek(0) == "\n" {
      position += 1
      line += 1
    }
  }

  /// `{% raw %} … {% endraw %}`, whose inside is text.
  private mutating func readRawBlock() throws(TemplateError) -> Bool {
    let (start, startLine) = (position, line)
    skipSpace()
    guard string(position..<min(position + 3, source.count)) == "raw", !isNamePart(peek(3)) else {
      (position, line) = (start, startLine)
      return false
    }
    position += 3
    skipSpace()
    guard hasClosing("%") else { throw .syntax(line: line, reason: "expected %} after raw") }
    closeTag("%")
    let textStart = position
    while position < source.count {
      if isTagStart(position), source[position + 1] == "%" {
        let textEnd = position
        let afterOpening = position + (peek(2) == "-" || peek(2) == "+" ? 3 : 2)
        var name = afterOpening
        while name < source.count, isSpace(source[name]) { name += 1 }
        if string(name..<min(name + 6, source.count)) == "endraw" {
          addText(textStart..<textEnd)
          position = name + 6
          skipSpace()
          guard hasClosing("%") else { throw .syntax(line: line, reason: "expected %} after endraw") }
          closeTag("%")
          return true
        }
      }
      position += 1
    }
    throw .syntax(line: startLine, reason: "raw block is not closed")
  }

  // MARK: Tokens inside tags

  private static let symbols = ["**", "//", "==", "!=", "<=", ">="]

  private mutating func readToken() throws(TemplateError) {
    let first = source[position]
    if first == "'" || first == "\"" { return try readString(quote: first) }
    if ("0"..."9").contains(first) { return try readNumber() }
    if isNamePart(first) {
      let start = position
      while isNamePart(peek(0)) { position += 1 }
      return add(.name(string(start..<position)))
    }
    let pair = string(position..<min(position + 2, source.count))
    if Self.symbols.contains(pair) {
      position += 2
      return add(.symbol(pair))
    }
    guard "+-*/%~<>=.,:|()[]{}".unicodeScalars.contains(first) else {
      throw .syntax(line: line, reason: "unexpected character \"\(first)\"")
    }
    position += 1
    add(.symbol(String(Character(first))))
  }

  private mutating func readNumber() throws(TemplateError) {
    let start = position
    func isDigit(_ scalar: Unicode.Scalar?) -> Bool { scalar.map { ("0"..."9").contains($0) || $0 == "_" } ?? false }
    while isDigit(peek(0)) { position += 1 }
    var isReal = false
    if peek(0) == ".", isDigit(peek(1)) {
      isReal = true
      position += 1
      while isDigit(peek(0)) { position += 1 }
    }
    let signs = peek(1) == "-" || peek(1) == "+" ? 1 : 0
    if peek(0) == "e" || peek(0) == "E", isDigit(peek(1 + signs)) {
      isReal = true
      position += 1 + signs
      while isDigit(peek(0)) { position += 1 }
    }
    let text = string(start..<position).filter { $0 != "_" }
    if isReal, let value = Double(text), value.isFinite { return add(.real(value)) }
    guard let value = Int(text) else { throw .syntax(line: line, reason: "\(text) is too large") }
    add(.integer(value))
  }

  private mutating func readString(quote: Unicode.Scalar) throws(TemplateError) {
    let openingLine = line
    var text = String.UnicodeScalarView()
    position += 1
    while let scalar = peek(0), scalar != quote {
      position += 1
      if scalar == "\n" { line += 1 }
      if scalar == "\\" {
        try readEscape(into: &text)
      } else {
        text.append(scalar)
      }
    }
    guard peek(0) == quote else { throw .syntax(line: openingLine, reason: "string is not closed") }
    position += 1
    add(.string(String(text)))
  }

  private mutating func readEscape(into text: inout String.UnicodeScalarView) throws(TemplateError) {
    guard let escaped = peek(0) else { throw .syntax(line: line, reason: "string is not closed") }
    position += 1
    switch escaped {
    case "n": text.append("\n")
    case "t": text.append("\t")
    case "r": text.append("\r")
    case "0": text.append("\0")
    case "\\", "'", "\"": text.append(escaped)
    case "x", "u", "U":
      let count = escaped == "x" ? 2 : escaped == "u" ? 4 : 8
      let digits = string(position..<min(position + count, source.count))
      guard digits.unicodeScalars.count == count, let value = UInt32(digits, radix: 16),
        let scalar = Unicode.Scalar(value)
      else { throw .syntax(line: line, reason: "\\\(escaped)\(digits) is no character") }
      position += count
      text.append(scalar)
    case "\n": line += 1
    default:
      text.append("\\")
      text.append(escaped)
    }
  }

  // MARK: Scalars

  private mutating func add(_ kind: TemplateToken.Kind) { tokens.append(TemplateToken(kind: kind, line: line)) }

  private func peek(_ offset: Int) -> Unicode.Scalar? {
    position + offset < source.count ? source[position + offset] : nil
  }

  private mutating func skipSpace() {
    while let scalar = peek(0), isSpace(scalar) {
      if scalar == "\n" { line += 1 }
      position += 1
    }
  }

  private func string(_ range: Range<Int>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: source[range])
    return String(view)
  }

  private func isSpace(_ scalar: Unicode.Scalar) -> Bool { PythonText.isSpace(scalar) }

  private func isNamePart(_ scalar: Unicode.Scalar?) -> Bool {
    guard let scalar else { return false }
    return scalar == "_" || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
  }
}
