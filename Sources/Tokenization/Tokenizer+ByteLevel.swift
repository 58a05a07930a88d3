extension Tokenizer {
  /// A tokenizer without merges, for small policies trained from scratch: ids 0 … 255 are bytes, then come the
  /// special tokens, then the ordinary ones (whole strings that deserve one id, such as `<tool_call>`).
  ///
  /// - Parameters:
  ///   - specialTokens: control tokens, parsed from text only where asked for.
  ///   - ordinaryTokens: found in any text.
  ///   - endOfSequence: the special token that ends a turn, by its text.
  /// - Throws: if a token is empty, given twice, or `endOfSequence` is not among `specialTokens`.
  public static func byteLevel(
    specialTokens: [String], ordinaryTokens: [String] = [], endOfSequence: String? = nil
  ) throws(TokenizerError) -> Tokenizer {
    var builder = VocabularyBuilder()
    for scalar in ByteAlphabet.scalars { builder.append(String(Character(scalar))) }
    var seen: Set<String> = []
    for (texts, isSpecial) in [(specialTokens, true), (ordinaryTokens, false)] {
      for text in texts {
        guard seen.insert(text).inserted else {
          throw .malformed(field: "token \"\(text)\"", problem: "is given twice")
        }
        try builder.appendAdded(text, isSpecial: isSpecial)
      }
    }
    var parts = TokenizerParts(
      vocabulary: builder.vocabulary, merges: MergeTable(capacity: 0), preTokenizer: .none,
      addedTokens: builder.addedTokens)
    if let endOfSequence {
      guard let token = builder.addedTokens.first(where: { $0.text == endOfSequence && $0.isSpecial }) else {
        throw .malformed(field: "end of sequence", problem: "\"\(endOfSequence)\" is not a special token")
      }
      parts.endOfSequenceID = token.id
    }
    return Tokenizer(parts: parts)
  }
}
