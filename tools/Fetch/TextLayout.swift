/// Lays running text out in lines and paragraphs: white space collapses, blocks are set apart, and what is inside a list
/// item or a quotation is marked at the start of its lines.
struct TextLayout {
  private struct Indent {
    /// Before the first line; nil once that is written.
    var first: String?
    let rest: String
  }

  private enum Gap: Int { case none, space, line, paragraph }

  private(set) var bytes: [UInt8] = []
  private var gap = Gap.none
  private var opened: [String] = []
  private var indents: [Indent] = []
  /// Deeper ones are not marked: lines times depth would grow without limit.
  private static let maxIndents = 8
  /// Above 0: blocks do not break lines, as in the cell of a table.
  var inlineDepth = 0

  // MARK: Blocks

  mutating func breakLine() { widen(inlineDepth > 0 ? .space : .line) }

  mutating func breakParagraph() { widen(inlineDepth > 0 ? .space : .paragraph) }

  mutating func beginIndent(first: String, rest: String) { indents.append(Indent(first: first, rest: rest)) }

  mutating func endIndent() { indents.removeLast() }

  private mutating func widen(_ wanted: Gap) {
    if wanted.rawValue > gap.rawValue { gap = wanted }
  }

  // MARK: Text

  /// Words, between which any white space is one space.
  mutating func words(_ text: some Collection<UInt8>) {
    var bytes = text[...]
    while let byte = bytes.first {
      if Self.isSpace(byte) {
        widen(.space)
        bytes = bytes.dropFirst()
      } else if bytes.starts(with: Self.noBreakSpace) {
        widen(.space)
        bytes = bytes.dropFirst(2)
      } else if bytes.starts(with: Self.softHyphen) {
        bytes = bytes.dropFirst(2)
      } else {
        fillGap()
        let end = bytes.firstIndex { Self.isSpace($0) || $0 == 0xc2 } ?? bytes.endIndex
        let word = end == bytes.startIndex ? bytes.prefix(1) : bytes[..<end]
        self.bytes += word
        bytes = bytes[word.endIndex...]
      }
    }
  }

  /// Text as it is, line by line.
  mutating func verbatim(_ text: some Collection<UInt8>) {
    var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
    while let line = lines.popFirst() {
      if !line.isEmpty {
        fillGap()
        bytes += line.filter { $0 != UInt8(ascii: "\r") }
      }
      if !lines.isEmpty { verbatimBreak() }
    }
  }

  mutating func verbatimBreak() {
    if gap == .line || gap == .paragraph, !bytes.isEmpty { bytes.append(UInt8(ascii: "\n")) }
    gap = .line
  }

  /// A mark that belongs to the text around it, written as it is.
  mutating func mark(_ text: String) {
    fillGap()
    bytes += text.utf8
  }

  /// A mark at the start of what follows: written with its first word, after the space before it.
  mutating func open(_ text: String) { opened.append(text) }

  /// The end of what was opened last. What is empty leaves no mark at all.
  mutating func close(_ text: String) {
    if opened.isEmpty { bytes += text.utf8 } else { opened.removeLast() }
  }

  private mutating func fillGap() {
    defer { gap = .none }
    let starts = bytes.isEmpty
    switch gap {
    case .none: break
    case .space: if !starts { bytes.append(UInt8(ascii: " ")) }
    case .line, .paragraph:
      if starts { break }
      bytes.append(UInt8(ascii: "\n"))
      if gap == .paragraph {
        for indent in indents.prefix(Self.maxIndents) where indent.first == nil && indent.rest.hasPrefix(">") {
          bytes += indent.rest.utf8
        }
        if bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        bytes.append(UInt8(ascii: "\n"))
      }
    }
    if starts || gap.rawValue >= Gap.line.rawValue { startLine() }
    for mark in opened { bytes += mark.utf8 }
    opened = []
  }

  private mutating func startLine() {
    for index in indents.indices.prefix(Self.maxIndents) {
      bytes += (indents[index].first ?? indents[index].rest).utf8
      indents[index].first = nil
    }
  }

  private static let noBreakSpace: [UInt8] = [0xc2, 0xa0]
  private static let softHyphen: [UInt8] = [0xc2, 0xad]

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
}
