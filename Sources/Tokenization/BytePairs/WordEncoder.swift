import Synchronization

/// Encodes runs of text that hold no added token: cut into words, looked up, merged if unknown.
struct WordEncoder {
  private let tokenizer: Tokenizer
  private var merger = WordMerger()
  private var symbols: [Int32] = []
  private var ids: [Int32] = []

  init(tokenizer: Tokenizer) { self.tokenizer = tokenizer }

  mutating func encode(
    _ text: ByteSpan, _ range: Range<Int>, cache: inout WordTable,
    emit: (Range<Int>, ArraySlice<Int32>) -> Void
  ) {
    var start = range.lowerBound
    while start < range.upperBound {
      let end = tokenizer.scanner.wordEnd(in: text, from: start, limit: range.upperBound)
      encodeWord(text, start..<end, cache: &cache)
      emit(start..<end, ids[...])
      start = end
    }
  }

  private mutating func encodeWord(_ text: ByteSpan, _ word: Range<Int>, cache: inout WordTable) {
    ids.removeAll(keepingCapacity: true)
    if word.count <= WordCache.longestWord, cache.append(text, word, to: &ids) { return }
    if let wholeWords = tokenizer.wholeWords, wholeWords.append(text, word, to: &ids) { return }
    symbols.removeAll(keepingCapacity: true)
    for index in word {
      let id = tokenizer.byteIDs[Int(text[index])]
      if id >= 0 { symbols.append(id) }
    }
    if tokenizer.merges.isEmpty {
      swap(&ids, &symbols)
      return
    }
    merger.merge(symbols, by: tokenizer.merges, into: &ids)
    WordCache.store(text, word, ids: ids, in: &cache)
  }
}

/// The words that a tokenizer encoded lately, shared by its copies.
///
/// Nobody waits for it: a thread that finds it taken works with an empty one of its own.
final class WordCache: Sendable {
  static let longestWord = 64
  private static let maximumBytes = 8 << 20

  private let table = Mutex(WordTable())

  func withTable(_ body: (inout WordTable) -> Void) {
    let done: Void? = table.withLockIfAvailable { body(&$0) }
    if done == nil {
      var own = WordTable()
      body(&own)
    }
  }

  static func store(_ text: ByteSpan, _ word: Range<Int>, ids: [Int32], in table: inout WordTable) {
    guard word.count <= longestWord else { return }
    if table.byteCount > maximumBytes { table.removeAll() }
    table.insert(text, word, ids: ids)
  }
}
