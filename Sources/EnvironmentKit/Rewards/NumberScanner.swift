import AgentTools

/// Finds the numbers in a text.
public enum NumberScanner {
  /// The bytes of a text that are looked at: its last ones. Endless answers stay cheap.
  private static let maxBytes = 16_384

  /// The numbers in a text, in order: integers (`12`, `1,234`), decimals (`-0.5`, `.5`), fractions of two integers
  /// (`3/4`). A minus sign belongs to a number unless a digit, letter or closing bracket stands before it (`7-2` has 7 and
  /// 2). Numbers inside words (`x2`) do not count.
  public static func numbers(in text: String) -> [Rational] {
    var scanner = Scanner(bytes: Array(text.replacing("−", with: "-").utf8.suffix(maxBytes)))
    return scanner.scan()
  }

  private struct Scanner {
    let bytes: [UInt8]
    var index = 0

    mutating func scan() -> [Rational] {
      var numbers: [Rational] = []
      while index < bytes.count {
        let start = index
        guard isDigit(index) || (bytes[index] == UInt8(ascii: ".") && isDigit(index + 1)) else {
          index += 1
          continue
        }
        let literal = takeLiteral()
        guard start == 0 || !isWord(start - 1), !isWord(index) else { continue }
        let isNegative =
          start > 0 && bytes[start - 1] == UInt8(ascii: "-") && (start == 1 || !endsValue(start - 2))
        if let value = Rational(decimal: literal) { numbers.append(isNegative ? -value : value) }
      }
      return numbers
    }

    /// Takes digits with grouping commas, a fraction part or a denominator; leaves a full stop that ends a sentence.
    private mutating func takeLiteral() -> String {
      var literal = takeGroupedDigits()
      if index < bytes.count, bytes[index] == UInt8(ascii: "."), isDigit(index + 1) {
        index += 1
        literal += "." + takeDigits()
      } else if index < bytes.count, bytes[index] == UInt8(ascii: "/"), isDigit(index + 1) {
        index += 1
        literal += "/" + takeDigits()
      }
      return literal
    }

    private mutating func takeGroupedDigits() -> String {
      var digits = takeDigits()
      guard (1...3).contains(digits.utf8.count) else { return digits }
      while index + 3 < bytes.count, bytes[index] == UInt8(ascii: ","), isDigit(index + 1), isDigit(index + 2),
        isDigit(index + 3), !isDigit(index + 4)
      {
        index += 1
        digits += takeDigits()
      }
      return digits
    }

    private mutating func takeDigits() -> String {
      let start = index
      while isDigit(index) { index += 1 }
      return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private func isDigit(_ position: Int) -> Bool {
      position < bytes.count && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
    }

    private func isWord(_ position: Int) -> Bool {
      guard position < bytes.count else { return false }
      let byte = bytes[position] | 0x20
      return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || bytes[position] == UInt8(ascii: "_")
    }

    private func endsValue(_ position: Int) -> Bool {
      isDigit(position) || isWord(position) || bytes[position] == UInt8(ascii: ")")
    }
  }
}
