/// Decodes tokens as they are sampled, giving text only once its last character is whole.
///
/// The concatenation of everything that ``append(_:)`` and ``finish()`` return equals `Tokenizer.decode` of all ids.
public struct StreamingDecoder: Sendable {
  private let tokenizer: Tokenizer
  /// The start of a character whose other bytes have not come yet (at most three bytes).
  private var pending: [UInt8] = []

  public init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

  /// The text that this token completes; often one word, sometimes nothing.
  public mutating func append(_ id: Int32) -> String {
    pending.append(contentsOf: tokenizer.bytes(of: id))
    let complete = pending.count - Self.incompleteSuffixCount(pending)
    defer { pending.removeFirst(complete) }
    return String(decoding: pending[..<complete], as: UTF8.self)
  }

  /// What is left, an unfinished character as U+FFFD.
  public mutating func finish() -> String {
    defer { pending = [] }
    return String(decoding: pending, as: UTF8.self)
  }

  /// How many bytes at the end start a character that later bytes could still complete.
  private static func incompleteSuffixCount(_ bytes: [UInt8]) -> Int {
    for count in 1...3 where count <= bytes.count {
      let lead = bytes[bytes.count - count]
      guard lead & 0xC0 != 0x80 else { continue }
      let length = lead >= 0xF0 && lead <= 0xF4 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1
      guard lead <= 0xF4, count < length else { return 0 }
      return count == 1 || isPossibleSecond(bytes[bytes.count - count + 1], after: lead) ? count : 0
    }
    return 0
  }

  /// Overlong forms, surrogates and values past U+10FFFF are already broken at their second byte.
  private static func isPossibleSecond(_ second: UInt8, after lead: UInt8) -> Bool {
    switch lead {
    case 0xE0: second >= 0xA0
    case 0xED: second < 0xA0
    case 0xF0: second >= 0x90
    case 0xF4: second < 0x90
    default: true
    }
  }
}
