import Synchronization

/// Byte-level byte-pair encoding: text to token ids and back, with the ids that Hugging Face `tokenizers` gives.
///
/// A value type that is cheap to copy and safe to share: copies use one cache of encoded words. Bytes that the
/// vocabulary has no token for (SmolLM2 lacks some control characters) are left out, as in the reference.
public struct Tokenizer: Sendable {
  let vocabulary: Vocabulary
  let byteIDs: [Int32]
  let merges: MergeTable
  let scanner: WordScanner
  let added: AddedTokenTable
  /// Whole words that are tokens whatever the merges say (`ignore_merges` in tokenizer files).
  let wholeWords: WordTable?
  let composesCharacters: Bool
  private let addedIDs: [String: Int32]
  private let cache = WordCache()

  public let beginOfSequenceID: Int32?
  public let endOfSequenceID: Int32?
  public let unknownID: Int32?
  /// Whether the model expects sequences to start with ``beginOfSequenceID``. ``encode(_:parseSpecial:)`` does not
  /// add it: chat templates write it themselves, everyone else asks here.
  public let addsBeginOfSequence: Bool

  /// Every part already checked; the public initialisers do that.
  init(parts: TokenizerParts) {
    vocabulary = parts.vocabulary
    merges = parts.merges
    scanner = WordScanner(parts.preTokenizer)
    added = AddedTokenTable(parts.addedTokens)
    addedIDs = Dictionary(parts.addedTokens.map { ($0.text, $0.id) }, uniquingKeysWith: { first, _ in first })
    byteIDs = parts.byteIDs
    wholeWords = parts.ignoresMerges ? parts.wholeWords : nil
    composesCharacters = parts.composesCharacters
    beginOfSequenceID = parts.beginOfSequenceID
    endOfSequenceID = parts.endOfSequenceID
    unknownID = parts.unknownID
    addsBeginOfSequence = parts.addsBeginOfSequence
  }

  /// Ids run from 0 to one below this.
  public var vocabularySize: Int { vocabulary.count }

  /// Tokens that are found in text as a whole, in id order.
  public var addedTokens: [AddedToken] { added.tokens }

  /// Control tokens: parsed from text only where asked for.
  public var specialTokens: [AddedToken] { added.tokens.filter(\.isSpecial) }

  public var preTokenizer: PreTokenizer { scanner.preTokenizer }

  /// The id of an added token's text, or nil.
  public func id(ofAddedToken text: String) -> Int32? { addedIDs[text] }

  /// Whether the id is a control token.
  public func isSpecial(_ id: Int32) -> Bool { added.tokens.contains { $0.id == id && $0.isSpecial } }

  // MARK: - Encoding

  /// The token ids of a text.
  ///
  /// - Parameter parseSpecial: whether `<|im_end|>` in the text becomes the control token. False for anything that a
  ///   user, a tool or a policy wrote.
  public func encode(_ text: String, parseSpecial: Bool = false) -> [Int32] {
    var output: [Int32] = []
    let bytes = composesCharacters ? CharacterComposition.composed(text) : Array(text.utf8)
    output.reserveCapacity(bytes.count / 3 + 4)
    encode(bytes, allowsSpecial: { _ in parseSpecial }) { _, ids in output.append(contentsOf: ids) }
    return output
  }

  /// Encodes valid UTF-8, giving the ids of each added token or word together with its byte range.
  func encode(
    _ bytes: [UInt8], allowsSpecial: (Range<Int>) -> Bool, emit: (Range<Int>, ArraySlice<Int32>) -> Void
  ) {
    cache.withTable { cache in
      let text = bytes.span
      var encoder = WordEncoder(tokenizer: self)
      var position = 0
      while position < text.count {
        let match =
          added.tokens.isEmpty
          ? nil : added.firstMatch(in: text, from: position, limit: text.count, allowsSpecial: allowsSpecial)
        encoder.encode(text, position..<(match?.range.lowerBound ?? text.count), cache: &cache, emit: emit)
        guard let match else { return }
        emit(match.range, [match.token.id])
        position = match.range.upperBound
      }
    }
  }

  // MARK: - Decoding

  /// The bytes of one token; empty for an id outside the vocabulary (models may have more rows than tokens).
  public func bytes(of id: Int32) -> ArraySlice<UInt8> { vocabulary.contains(id) ? vocabulary[id] : [] }

  /// The bytes of a run of tokens.
  public func decodeBytes(_ ids: some Sequence<Int32>, skipSpecial: Bool = false) -> [UInt8] {
    var bytes: [UInt8] = []
    for id in ids where !(skipSpecial && isSpecial(id)) { bytes.append(contentsOf: self.bytes(of: id)) }
    return bytes
  }

  /// The text of a run of tokens. Bytes that are not UTF-8 become U+FFFD.
  public func decode(_ ids: some Sequence<Int32>, skipSpecial: Bool = false) -> String {
    String(decoding: decodeBytes(ids, skipSpecial: skipSpecial), as: UTF8.self)
  }
}

/// What a tokenizer is built from, after checking.
struct TokenizerParts {
  var vocabulary: Vocabulary
  var merges: MergeTable
  var preTokenizer: PreTokenizer
  /// In id order, with non-empty texts.
  var addedTokens: [AddedToken]
  var ignoresMerges = false
  var composesCharacters = false
  var beginOfSequenceID: Int32?
  var endOfSequenceID: Int32?
  var unknownID: Int32?
  var addsBeginOfSequence = false

  /// The id of each single byte, -1 where the vocabulary has none.
  var byteIDs: [Int32] {
    var ids = [Int32](repeating: -1, count: 256)
    for id in 0..<Int32(vocabulary.count) where vocabulary.byteCount(id) == 1 && !vocabulary.isLiteral[Int(id)] {
      if let byte = vocabulary[id].first, ids[Int(byte)] < 0 { ids[Int(byte)] = id }
    }
    return ids
  }

  var wholeWords: WordTable {
    var table = WordTable()
    for id in 0..<Int32(vocabulary.count) where !vocabulary.isLiteral[Int(id)] {
      let word = Array(vocabulary[id])
      table.insert(word.span, 0..<word.count, ids: CollectionOfOne(id))
    }
    return table
  }
}
