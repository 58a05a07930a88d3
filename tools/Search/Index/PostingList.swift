/// In which passages a word stands, how often in each, and the most that it can add to a score.
///
/// Passages ascend. Immutable; one list is shared by all readers.
final class PostingList: Sendable {
  let documents: [UInt32]
  /// How often the word stands in each of `documents`.
  let frequencies: [UInt32]
  /// The largest `BM25.saturation` of the list.
  let maxSaturation: Double

  init(documents: [UInt32], frequencies: [UInt32], lengthNorms: [Double]) {
    self.documents = documents
    self.frequencies = frequencies
    var largest = 0.0
    for index in documents.indices {
      let norm = lengthNorms[Int(documents[index])]
      largest = max(largest, BM25.saturation(frequency: frequencies[index], lengthNorm: norm))
    }
    maxSaturation = largest
  }

  static let empty = PostingList(documents: [], frequencies: [], lengthNorms: [])

  /// Bytes of memory.
  var size: Int { 8 * documents.count + 128 }
}

// MARK: - On disk

/// Writes a posting list: for each passage the gap to the one before, shifted left by one, with the lowest bit set if the
/// word stands there once; else the frequency follows. Numbers are LEB128.
struct PostingEncoder {
  private(set) var bytes: [UInt8] = []
  private(set) var documentCount = 0
  private var last = -1
  private var pending = 0

  /// Counts the word once more in a passage; passages come in ascending order.
  mutating func add(_ document: Int) {
    if document == last {
      pending += 1
      return
    }
    flush()
    append(UInt64(document - last) << 1)
    last = document
    pending = 1
    documentCount += 1
  }

  /// The finished list.
  mutating func finished() -> [UInt8] {
    flush()
    return bytes
  }

  /// Completes the last passage: its gap has been written, with the bit for "once" still to be set.
  private mutating func flush() {
    if pending == 1 { bytes[gapStart] |= 1 } else if pending > 1 { append(UInt64(pending)) }
    pending = 0
  }

  private var gapStart = 0

  private mutating func append(_ value: UInt64) {
    gapStart = bytes.count
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(value & 0x7F) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }
}

/// Reads posting lists, appending run after run. Nothing in the bytes is trusted.
struct PostingDecoder {
  /// Passages of the corpus.
  let documentCount: Int
  private(set) var documents: [UInt32] = []
  private(set) var frequencies: [UInt32] = []

  init(documentCount: Int) { self.documentCount = documentCount }

  /// - Returns: false if the bytes are no posting list of this corpus.
  mutating func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var position = 0
    func number() -> UInt64? {
      var value: UInt64 = 0
      var shift: UInt64 = 0
      while position < bytes.count, shift < 35 {
        let byte = bytes[position]
        position += 1
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value }
        shift += 7
      }
      return nil
    }
    // A run starts anew: its first gap is counted from −1.
    var document: Int64 = -1
    let least = Int64(documents.last.map { Int($0) } ?? -1)
    while position < bytes.count {
      guard let code = number(), code > 1 else { return false }
      document += Int64(code >> 1)
      guard document > least, document < documentCount else { return false }
      var frequency: UInt64 = 1
      if code & 1 == 0 {
        guard let stored = number(), stored > 1, stored <= UInt32.max else { return false }
        frequency = stored
      }
      documents.append(UInt32(document))
      frequencies.append(UInt32(frequency))
    }
    return true
  }
}
