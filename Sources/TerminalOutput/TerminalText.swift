/// How text takes up room on a terminal, and how foreign text is made harmless there.
public enum TerminalText {
  /// The number of columns that a text takes: two for East Asian wide characters and emoji, none for combining marks,
  /// one for everything else. Covers what recorded text usually holds, not every script's shaping.
  public static func width(_ text: String) -> Int {
    text.reduce(0) { $0 + width($1) }
  }

  private static func width(_ character: Character) -> Int {
    guard let first = character.unicodeScalars.first else { return 0 }
    if first.properties.isEmojiPresentation { return 2 }
    if character.unicodeScalars.contains(where: { $0.value == 0xFE0F }) { return 2 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: return wideRanges.contains { $0.contains(first.value) } ? 2 : 1
    }
  }

  /// Blocks whose characters are East Asian wide or fullwidth (Unicode Standard Annex 11).
  private static let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
    0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
    0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
  ]

  /// The text on one line and without control characters, so that recorded text cannot move the cursor or change
  /// colours. Line feeds become `⏎`, tabs a space, other controls `·`.
  public static func onOneLine(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result.append("⏎")
      case "\r": break
      case "\t": result.append(" ")
      default: result.append(scalar.properties.generalCategory == .control ? "·" : scalar)
      }
    }
    return String(result)
  }

  /// The text with its lines, in which whatever else could steer a terminal is shown as `\u{1B}`.
  public static func harmless(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
      if isControl && scalar != "\n" && scalar != "\t" {
        result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}".unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  /// The text cut to a number of columns; a cut text ends in `…`.
  public static func truncated(_ text: String, to columns: Int) -> String {
    guard width(text) > columns else { return text }
    var result = ""
    var used = 0
    for character in text {
      let next = width(character)
      guard used + next <= columns - 1 else { break }
      result.append(character)
      used += next
    }
    return columns > 0 ? result + "…" : ""
  }
}
