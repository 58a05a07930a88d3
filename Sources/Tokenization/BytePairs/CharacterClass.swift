/// The only distinctions that pre-tokenizer patterns make: `\p{L}`, `\p{N}`, `\s`, and everything else.
enum CharacterClass: UInt8, Sendable {
  case other, letter, number, space

  init(_ scalar: Unicode.Scalar) {
    let properties = scalar.properties
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: self = .letter
    case .decimalNumber, .letterNumber, .otherNumber: self = .number
    default: self = properties.isWhitespace ? .space : .other
    }
  }

  /// Classes of U+0000 … U+FFFF (surrogates count as `other`), looked up once per process.
  static let basicPlane: [CharacterClass] = (0...0xFFFF).map { (value: UInt32) in
    Unicode.Scalar(value).map(CharacterClass.init) ?? .other
  }
}

/// UTF-8 text, borrowed. (`Span` alone is a run of tokens in this project.)
typealias ByteSpan = Swift.Span<UInt8>
