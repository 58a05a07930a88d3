/// The bytes of every token id.
struct Vocabulary: Sendable {
  private var bytes: [UInt8] = []
  /// Start of every token in `bytes`, and the end of the last one.
  private var offsets: [Int32] = [0]
  /// Tokens whose spelling in a tokenizer file is their text, not the byte alphabet.
  private(set) var isLiteral: [Bool] = []

  var count: Int { isLiteral.count }

  mutating func append(_ token: some Collection<UInt8>, isLiteral literal: Bool) {
    bytes.append(contentsOf: token)
    offsets.append(Int32(bytes.count))
    isLiteral.append(literal)
  }

  func contains(_ id: Int32) -> Bool { id >= 0 && Int(id) < count }

  /// The bytes of a token of the vocabulary.
  subscript(_ id: Int32) -> ArraySlice<UInt8> { bytes[Int(offsets[Int(id)])..<Int(offsets[Int(id) + 1])] }

  @inline(__always)
  func byteCount(_ id: Int32) -> Int { Int(offsets[Int(id) + 1] - offsets[Int(id)]) }

  /// The token as tokenizer files spell it.
  func spelling(of id: Int32) -> String {
    isLiteral[Int(id)] ? String(decoding: self[id], as: UTF8.self) : ByteAlphabet.spelling(of: self[id])
  }
}

/// A token that is found in the text before it is cut into words.
public struct AddedToken: Sendable, Hashable {
  public var id: Int32
  public var text: String
  /// Control tokens (`<|im_end|>`): parsed only where the caller asks for it. Others (`<tool_call>` in Qwen's
  /// vocabulary) are ordinary text that has an id of its own, and are always found.
  public var isSpecial: Bool

  public init(id: Int32, text: String, isSpecial: Bool) {
    self.id = id
    self.text = text
    self.isSpecial = isSpecial
  }
}

/// Finds added tokens in text: leftmost first, longest among those that start at one place.
struct AddedTokenTable: Sendable {
  let tokens: [AddedToken]
  private let byFirstByte: [[(bytes: [UInt8], token: AddedToken)]]
  let hasOrdinaryTokens: Bool

  /// - Parameter tokens: none may have an empty text.
  init(_ tokens: [AddedToken]) {
    self.tokens = tokens
    var table = [[(bytes: [UInt8], token: AddedToken)]](repeating: [], count: 256)
    for token in tokens {
      let bytes = Array(token.text.utf8)
      table[Int(bytes[0])].append((bytes, token))
    }
    byFirstByte = table.map { $0.sorted { $0.bytes.count > $1.bytes.count } }
    hasOrdinaryTokens = tokens.contains { !$0.isSpecial }
  }

  /// The first added token at or after `start`. `allowsSpecial(range)` says whether a special token may be parsed
  /// from those bytes.
  func firstMatch(
    in text: ByteSpan, from start: Int, limit: Int, allowsSpecial: (Range<Int>) -> Bool
  ) -> (range: Range<Int>, token: AddedToken)? {
    for position in start..<max(start, limit) {
      for candidate in byFirstByte[Int(text[position])] {
        let range = position..<position + candidate.bytes.count
        guard range.upperBound <= limit, matches(candidate.bytes, text, at: position) else { continue }
        if !candidate.token.isSpecial || allowsSpecial(range) { return (range, candidate.token) }
      }
    }
    return nil
  }

  private func matches(_ bytes: [UInt8], _ text: ByteSpan, at position: Int) -> Bool {
    for offset in 1..<max(bytes.count, 1) where text[position + offset] != bytes[offset] { return false }
    return true
  }
}
