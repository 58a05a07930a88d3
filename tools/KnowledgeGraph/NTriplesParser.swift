/// One line of N-Triples (W3C, RDF 1.1): `<subject> <relation> <object> .`
///
/// Names are what stands between the angle brackets, a blank node's label with its `_:`, or a literal's text; its
/// language or type is left out.
struct NTriplesParser {
  private let scalars: [UnicodeScalar]
  private var index = 0

  typealias LineError = TripleReader.LineError

  init(_ line: String) {
    scalars = Array(line.unicodeScalars)
  }

  /// Subject, relation and object; nil for a line that only has a comment.
  mutating func parse() throws(LineError) -> [String]? {
    skipSpaces()
    if peek == "#" { return nil }
    var names: [String] = []
    for part in ["subject", "relation", "object"] {
      names.append(try term(part))
      skipSpaces()
    }
    guard peek == "." else { throw LineError("expected ` .` after the object") }
    index += 1
    skipSpaces()
    guard peek == nil || peek == "#" else { throw LineError("text after the final `.`") }
    return names
  }

  private var peek: UnicodeScalar? { index < scalars.count ? scalars[index] : nil }

  private mutating func skipSpaces() {
    while peek == " " || peek == "\t" { index += 1 }
  }

  private mutating func term(_ part: String) throws(LineError) -> String {
    switch peek {
    case "<":
      index += 1
      return try text(until: ">")
    case "_" where part != "relation": return takeWord()
    case "\"" where part == "object":
      index += 1
      let literal = try text(until: "\"")
      if peek == "@" {
        _ = takeWord()
      } else if peek == "^" {
        index += 1
        guard peek == "^" else { throw LineError("expected `^^<type>` after the literal") }
        index += 1
        guard peek == "<" else { throw LineError("expected `^^<type>` after the literal") }
        index += 1
        _ = try text(until: ">")
      }
      return literal
    default:
      throw LineError(
        part == "object" ? "expected <…>, _:… or \"…\" as the object" : "expected <…> as the \(part)")
    }
  }

  private mutating func takeWord() -> String {
    var word = String.UnicodeScalarView()
    while let scalar = peek, scalar != " ", scalar != "\t" {
      word.append(scalar)
      index += 1
    }
    return String(word)
  }

  private mutating func text(until end: UnicodeScalar) throws(LineError) -> String {
    var text = String.UnicodeScalarView()
    while let scalar = peek {
      index += 1
      if scalar == end { return String(text) }
      text.append(scalar == "\\" ? try escape() : scalar)
    }
    throw LineError("no closing `\(end)`")
  }

  private mutating func escape() throws(LineError) -> UnicodeScalar {
    guard let letter = peek else { throw LineError("a `\\` at the end") }
    index += 1
    switch letter {
    case "t": return "\t"
    case "n": return "\n"
    case "r": return "\r"
    case "b": return "\u{8}"
    case "f": return "\u{c}"
    case "\"", "'", "\\": return letter
    case "u", "U":
      let count = letter == "u" ? 4 : 8
      let digits = String(String.UnicodeScalarView(scalars[index..<min(scalars.count, index + count)]))
      guard digits.unicodeScalars.count == count, digits.allSatisfy(\.isHexDigit), let code = UInt32(digits, radix: 16),
        let scalar = UnicodeScalar(code)
      else { throw LineError("`\\\(letter)\(digits)` is no character") }
      index += count
      return scalar
    default: throw LineError("unknown escape `\\\(letter)`")
    }
  }
}
