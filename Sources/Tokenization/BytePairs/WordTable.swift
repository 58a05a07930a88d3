/// Token ids by the bytes of a word: an open-addressed hash table over two arenas, so that a hit allocates nothing.
struct WordTable: Sendable {
  private struct Entry {
    var hash: UInt64
    var wordStart: Int32
    /// -1 marks a free slot.
    var wordCount: Int32
    var idStart: Int32
    var idCount: Int32
  }

  private var entries: [Entry] = []
  private var words: [UInt8] = []
  private var ids: [Int32] = []
  private var count = 0

  /// Bytes held in the arenas.
  var byteCount: Int { words.count + ids.count * MemoryLayout<Int32>.stride }

  /// Appends the ids stored for `text[range]` to `output`; false if the word is not known.
  func append(_ text: ByteSpan, _ range: Range<Int>, to output: inout [Int32]) -> Bool {
    guard !entries.isEmpty else { return false }
    let hash = Self.hash(text, range)
    var slot = Int(truncatingIfNeeded: hash) & (entries.count - 1)
    while true {
      let entry = entries[slot]
      if entry.wordCount < 0 { return false }
      if entry.hash == hash, equals(entry, text, range) {
        for index in Int(entry.idStart)..<Int(entry.idStart + entry.idCount) { output.append(ids[index]) }
        return true
      }
      slot = (slot + 1) & (entries.count - 1)
    }
  }

  /// Stores the ids of a word that is not in the table yet.
  mutating func insert(_ text: ByteSpan, _ range: Range<Int>, ids newIDs: some Collection<Int32>) {
    if count * 2 >= entries.count { grow() }
    let entry = Entry(
      hash: Self.hash(text, range), wordStart: Int32(words.count), wordCount: Int32(range.count),
      idStart: Int32(ids.count), idCount: Int32(newIDs.count))
    for index in range { words.append(text[index]) }
    ids.append(contentsOf: newIDs)
    place(entry)
    count += 1
  }

  mutating func removeAll() { self = WordTable() }

  private mutating func place(_ entry: Entry) {
    var slot = Int(truncatingIfNeeded: entry.hash) & (entries.count - 1)
    while entries[slot].wordCount >= 0 { slot = (slot + 1) & (entries.count - 1) }
    entries[slot] = entry
  }

  private mutating func grow() {
    let old = entries
    let free = Entry(hash: 0, wordStart: 0, wordCount: -1, idStart: 0, idCount: 0)
    entries = Array(repeating: free, count: max(old.count * 2, 256))
    for entry in old where entry.wordCount >= 0 { place(entry) }
  }

  @inline(__always)
  private func equals(_ entry: Entry, _ text: ByteSpan, _ range: Range<Int>) -> Bool {
    guard Int(entry.wordCount) == range.count else { return false }
    let start = Int(entry.wordStart)
    for offset in 0..<range.count where words[start + offset] != text[range.lowerBound + offset] { return false }
    return true
  }

  /// FNV-1a with a final mix.
  @inline(__always)
  private static func hash(_ text: ByteSpan, _ range: Range<Int>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for index in range { hash = (hash ^ UInt64(text[index])) &* 0x100_0000_01B3 }
    return hash ^ (hash >> 29)
  }
}
