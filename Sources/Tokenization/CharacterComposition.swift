@_spi(_Unicode) import Swift

/// Unicode normalization form C, which Qwen's tokenizers apply before anything else.
enum CharacterComposition {
  /// The UTF-8 of the text in form C. Text below U+0300 is in form C already.
  static func composed(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    guard bytes.contains(where: { $0 >= 0xCC }) else { return bytes }
    var composed = String.UnicodeScalarView()
    for scalar in text._nfc { composed.append(scalar) }
    return Array(String(composed).utf8)
  }
}
