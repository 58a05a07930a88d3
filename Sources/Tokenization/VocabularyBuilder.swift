/// Collects tokens in id order and resolves merge rules against them.
struct VocabularyBuilder {
  private(set) var vocabulary = Vocabulary()
  private(set) var addedTokens: [AddedToken] = []
  private var ids: [String: Int32] = [:]

  /// An ordinary token, spelt in the byte alphabet (or literally, if it has characters outside it).
  mutating func append(_ spelling: String) {
    if ids[spelling] == nil { ids[spelling] = Int32(vocabulary.count) }
    if let bytes = ByteAlphabet.bytes(spelledBy: spelling) {
      vocabulary.append(bytes, isLiteral: false)
    } else {
      vocabulary.append(spelling.utf8, isLiteral: true)
    }
  }

  /// A token that is matched in text as a whole.
  mutating func appendAdded(_ text: String, isSpecial: Bool) throws(TokenizerError) {
    guard !text.isEmpty else {
      throw .malformed(field: "token \(vocabulary.count)", problem: "an added token has no text")
    }
    if ids[text] == nil { ids[text] = Int32(vocabulary.count) }
    addedTokens.append(AddedToken(id: Int32(vocabulary.count), text: text, isSpecial: isSpecial))
    vocabulary.append(text.utf8, isLiteral: true)
  }

  /// "left right" as its two parts; nil if it has no space between two parts.
  static func pair(_ merge: String) -> (left: String, right: String)? {
    guard let space = merge.utf8.firstIndex(of: 0x20) else { return nil }
    let left = String(merge[..<space])
    let right = String(merge[merge.index(after: space)...])
    return left.isEmpty || right.isEmpty ? nil : (left, right)
  }

  /// The table of merges given in rank order.
  func mergeTable(_ merges: [(left: String, right: String)?]) throws(TokenizerError) -> MergeTable {
    var table = MergeTable(capacity: merges.count)
    for (rank, pair) in merges.enumerated() {
      guard let pair else { throw .malformed(field: "merge \(rank)", problem: "is not a pair of tokens") }
      guard let left = ids[pair.left], let right = ids[pair.right], let merged = ids[pair.left + pair.right] else {
        throw .unknownMergePart(merge: "\(pair.left) \(pair.right)", index: rank)
      }
      table.insert(left: left, right: right, rule: MergeTable.Rule(rank: UInt32(rank), merged: merged))
    }
    return table
  }

  func checkedID(_ id: Int?, field: String) throws(TokenizerError) -> Int32? {
    guard let id else { return nil }
    guard id >= 0, id < vocabulary.count else {
      throw .malformed(field: field, problem: "\(id) is outside the vocabulary of \(vocabulary.count) tokens")
    }
    return Int32(id)
  }
}
