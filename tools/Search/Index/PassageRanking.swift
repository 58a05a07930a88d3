/// Finds the best passages of posting lists, exactly.
///
/// The order: passages with all words of the query first, then the higher BM25 score, then the id. Passages with all
/// words come from intersecting the lists; if there are too few, the others come from a union that skips what cannot
/// reach the best found so far (MaxScore; Turtle and Flood 1995).
struct PassageRanking {
  /// A word of the query.
  struct Word {
    let list: PostingList
    /// Its inverse document frequency, times how often the query has it.
    let weight: Double
  }

  struct Ranked: Equatable {
    let document: UInt32
    let score: Double
  }

  /// In the order of the query: scores are summed in this order, so that they do not depend on how they were found.
  let words: [Word]
  /// By passage.
  let lengthNorms: [Double]
  /// The passage's place when all are sorted by id.
  let idOrder: [UInt32]
  /// nil: every passage.
  let allowed: PassageSet?

  /// The best passages, best first.
  func best(_ limit: Int) -> [Ranked] {
    let found = words.filter { !$0.list.documents.isEmpty }
    guard !found.isEmpty, limit > 0 else { return [] }
    if words.count == 1 { return union(found, limit, excluding: []) }
    let complete = found.count == words.count ? intersection(limit) : []
    if complete.count == limit { return complete }
    return complete + union(found, limit - complete.count, excluding: complete.map(\.document))
  }

  /// The best passages that have every word.
  func intersection(_ limit: Int) -> [Ranked] {
    var best = BestPassages(limit: limit, idOrder: idOrder)
    var cursors = words.map { Cursor($0.list) }
    let byLength = words.indices.sorted { words[$0].list.documents.count < words[$1].list.documents.count }
    let first = byLength[0]
    var candidate = cursors[first].document
    search: while candidate != Cursor.end {
      for index in byLength {
        cursors[index].seek(candidate)
        if cursors[index].document > candidate {
          candidate = cursors[index].document
          continue search
        }
      }
      if allowed?.contains(candidate) ?? true {
        let norm = lengthNorms[Int(candidate)]
        var score = 0.0
        for index in cursors.indices {
          score += words[index].weight * BM25.saturation(frequency: cursors[index].frequency, lengthNorm: norm)
        }
        best.insert(Ranked(document: candidate, score: score))
      }
      cursors[first].advance()
      candidate = cursors[first].document
    }
    return best.passages
  }

  /// The best passages that have any of the words.
  func union(_ words: [Word], _ limit: Int, excluding excluded: [UInt32]) -> [Ranked] {
    var union = MaxScoreUnion(words: words, limit: limit, idOrder: idOrder)
    while let document = union.nextCandidate() {
      if excluded.contains(document) || !(allowed?.contains(document) ?? true) {
        union.skip(document)
      } else {
        union.score(document, lengthNorm: lengthNorms[Int(document)])
      }
    }
    return union.best.passages
  }
}

/// A union of posting lists in passage order. Words are kept from the least to the most that they can add; the first of
/// them, which together cannot lift a passage into the best, are only looked up for passages that others found.
private struct MaxScoreUnion {
  private let weights: [Double]
  /// Where each word stands in the query.
  private let queryOrder: [Int]
  /// The most that the words up to and including this one can add together.
  private let bounds: [Double]
  private var cursors: [Cursor]
  private var contributions: [Double]
  /// Words before this one are only looked up.
  private var firstEssential = 0
  var best: BestPassages

  /// Bounds are sums in another order than scores: this covers the rounding.
  private static let slack = 1 + 1e-9

  init(words: [PassageRanking.Word], limit: Int, idOrder: [UInt32]) {
    queryOrder = words.indices.sorted { Self.bound(words[$0]) < Self.bound(words[$1]) }
    weights = queryOrder.map { words[$0].weight }
    cursors = queryOrder.map { Cursor(words[$0].list) }
    var sum = 0.0
    bounds = queryOrder.map {
      sum += Self.bound(words[$0])
      return sum * Self.slack
    }
    contributions = Array(repeating: 0, count: words.count)
    best = BestPassages(limit: limit, idOrder: idOrder)
  }

  private static func bound(_ word: PassageRanking.Word) -> Double { word.weight * word.list.maxSaturation }

  /// The next passage that may belong to the best; nil when there is none.
  func nextCandidate() -> UInt32? {
    var candidate = Cursor.end
    for index in firstEssential..<cursors.count { candidate = min(candidate, cursors[index].document) }
    return candidate == Cursor.end ? nil : candidate
  }

  mutating func skip(_ document: UInt32) {
    for index in firstEssential..<cursors.count where cursors[index].document == document { cursors[index].advance() }
  }

  mutating func score(_ document: UInt32, lengthNorm: Double) {
    for index in contributions.indices { contributions[index] = 0 }
    var sum = 0.0
    for index in firstEssential..<cursors.count where cursors[index].document == document {
      let part = weights[index] * BM25.saturation(frequency: cursors[index].frequency, lengthNorm: lengthNorm)
      contributions[queryOrder[index]] = part
      sum += part
      cursors[index].advance()
    }
    var index = firstEssential - 1
    while index >= 0 {
      if sum * Self.slack + bounds[index] < best.threshold { return }
      cursors[index].seek(document)
      if cursors[index].document == document {
        let part = weights[index] * BM25.saturation(frequency: cursors[index].frequency, lengthNorm: lengthNorm)
        contributions[queryOrder[index]] = part
        sum += part
      }
      index -= 1
    }
    var exact = 0.0
    for part in contributions { exact += part }
    best.insert(PassageRanking.Ranked(document: document, score: exact))
    while firstEssential < cursors.count, bounds[firstEssential] < best.threshold { firstEssential += 1 }
  }
}

/// A place in a posting list.
private struct Cursor {
  static let end = UInt32.max

  private let list: PostingList
  private var position = 0
  /// The passage at this place; `end` after the last.
  private(set) var document: UInt32

  init(_ list: PostingList) {
    self.list = list
    document = list.documents.first ?? Self.end
  }

  var frequency: UInt32 { list.frequencies[position] }

  mutating func advance() {
    position += 1
    document = position < list.documents.count ? list.documents[position] : Self.end
  }

  /// Moves to the first passage that is not before `target`: in growing steps, then by halving.
  mutating func seek(_ target: UInt32) {
    guard document < target else { return }
    let documents = list.documents
    var low = position
    var step = 1
    while low + step < documents.count, documents[low + step] < target {
      low += step
      step *= 2
    }
    var high = min(low + step, documents.count)
    // documents[low] < target, and high is the end or not before the target.
    while high - low > 1 {
      let middle = (low + high) / 2
      if documents[middle] < target { low = middle } else { high = middle }
    }
    position = high
    document = high < documents.count ? documents[high] : Self.end
  }
}

/// The best few passages so far, best first.
private struct BestPassages {
  let limit: Int
  let idOrder: [UInt32]
  private(set) var passages: [PassageRanking.Ranked] = []

  init(limit: Int, idOrder: [UInt32]) {
    self.limit = limit
    self.idOrder = idOrder
  }

  /// A score below this cannot enter.
  var threshold: Double { passages.count == limit ? passages[limit - 1].score : -.infinity }

  mutating func insert(_ passage: PassageRanking.Ranked) {
    if passages.count == limit {
      guard precedes(passage, passages[limit - 1]) else { return }
      passages.removeLast()
    }
    var place = passages.count
    while place > 0, precedes(passage, passages[place - 1]) { place -= 1 }
    passages.insert(passage, at: place)
  }

  private func precedes(_ a: PassageRanking.Ranked, _ b: PassageRanking.Ranked) -> Bool {
    a.score != b.score ? a.score > b.score : idOrder[Int(a.document)] < idOrder[Int(b.document)]
  }
}

/// A set of passages, one bit each.
struct PassageSet: Sendable {
  private var bits: [UInt64]

  init(_ documents: [UInt32], documentCount: Int) {
    bits = Array(repeating: 0, count: (documentCount + 63) / 64)
    for document in documents { bits[Int(document >> 6)] |= 1 << UInt64(document & 63) }
  }

  @inline(__always)
  func contains(_ document: UInt32) -> Bool { bits[Int(document >> 6)] >> UInt64(document & 63) & 1 == 1 }

  mutating func formIntersection(_ other: PassageSet) {
    for index in bits.indices { bits[index] &= other.bits[index] }
  }
}
