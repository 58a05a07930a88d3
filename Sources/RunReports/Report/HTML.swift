import TerminalOutput

/// HTML text. Literal parts are markup; what is interpolated is shown as text, whatever it holds, unless it is `HTML`.
///
///     let item: HTML = "<li>\(recordedText)</li>"
struct HTML: ExpressibleByStringInterpolation {
  private(set) var markup: String

  init(stringLiteral value: String) { markup = value }

  init(stringInterpolation: Interpolation) { markup = stringInterpolation.markup }

  /// Several pieces, one after another.
  init(_ pieces: some Sequence<HTML>, separator: String = "") {
    markup = pieces.map(\.markup).joined(separator: separator)
  }

  static func += (html: inout HTML, more: HTML) { html.markup += more.markup }

  static func + (first: HTML, second: HTML) -> HTML { HTML([first, second]) }

  struct Interpolation: StringInterpolationProtocol {
    fileprivate var markup = ""

    init(literalCapacity: Int, interpolationCount: Int) { markup.reserveCapacity(literalCapacity * 2) }

    mutating func appendLiteral(_ literal: String) { markup += literal }
    mutating func appendInterpolation(_ html: HTML) { markup += html.markup }
    mutating func appendInterpolation(_ html: HTML?) { markup += html?.markup ?? "" }
    mutating func appendInterpolation(_ text: String) { markup += HTML.escaped(text) }
    mutating func appendInterpolation(_ number: Int) { markup += "\(number)" }
    /// A coordinate: two decimals are a hundredth of a pixel.
    mutating func appendInterpolation(at coordinate: Double) { markup += NumberText.fixed(coordinate, 2) }
  }

  /// Text that stays text in element content and in quoted attributes. Control characters and marks that reorder text
  /// become visible signs: a reader sees what the policy saw.
  private static func escaped(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result.append(contentsOf: "&amp;".unicodeScalars)
      case "<": result.append(contentsOf: "&lt;".unicodeScalars)
      case ">": result.append(contentsOf: "&gt;".unicodeScalars)
      case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
      case "'": result.append(contentsOf: "&#39;".unicodeScalars)
      case "\n", "\t": result.append(scalar)
      case "\u{0}"..."\u{1F}": result.append(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}")
      case "\u{7F}"..."\u{9F}", "\u{200B}"..."\u{200F}", "\u{2028}"..."\u{202E}", "\u{2066}"..."\u{2069}", "\u{FEFF}":
        result.append(contentsOf: "⟦U+\(String(scalar.value, radix: 16, uppercase: true))⟧".unicodeScalars)
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}
