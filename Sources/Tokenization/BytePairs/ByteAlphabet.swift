/// GPT-2's printable stand-ins for bytes: tokenizer files spell the byte 0x20 as "Ġ", 0x0A as "Ċ", and so on.
///
/// Printable Latin-1 bytes stand for themselves, the other 68 are U+0100 … U+0143 in byte order.
enum ByteAlphabet {
  /// The stand-in of every byte.
  static let scalars: [Unicode.Scalar] = {
    var next: UInt32 = 0x100
    return (0...255).map { (byte: UInt32) in
      let isPrintable = (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE
      if isPrintable { return Unicode.Scalar(UInt8(byte)) }
      defer { next += 1 }
      return Unicode.Scalar(next) ?? "?"
    }
  }()

  /// Byte + 1 of every stand-in below U+0144, 0 where the scalar stands for no byte.
  private static let bytes: [UInt16] = {
    var table = [UInt16](repeating: 0, count: 0x144)
    for (byte, scalar) in scalars.enumerated() { table[Int(scalar.value)] = UInt16(byte) + 1 }
    return table
  }()

  /// The bytes a token's spelling stands for, or nil if it has a scalar outside the alphabet.
  static func bytes(spelledBy token: String) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(token.utf8.count)
    for scalar in token.unicodeScalars {
      guard scalar.value < 0x144, bytes[Int(scalar.value)] > 0 else { return nil }
      result.append(UInt8(bytes[Int(scalar.value)] - 1))
    }
    return result
  }

  static func spelling(of bytes: some Sequence<UInt8>) -> String {
    var spelling = String.UnicodeScalarView()
    for byte in bytes { spelling.append(scalars[Int(byte)]) }
    return String(spelling)
  }
}
