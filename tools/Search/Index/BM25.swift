import Foundation

/// The score of one word in one passage (Robertson and Zaragoza 2009), with exactly the formula of SQLite FTS5's `bm25()`,
/// which gives the same numbers with a minus sign:
///
///     idf(t) · f · (k1 + 1) / (f + k1 · (1 − b + b · length / average length))
///     idf(t) = ln((N − n + 0.5) / (n + 0.5)), and 10⁻⁶ where that is not positive
///
/// with k1 = 1.2 and b = 0.75. Lucene and bm25s use ln(1 + …): their order differs for words in most passages.
struct BM25: Sendable {
  static let k1 = 1.2
  static let b = 0.75

  let documentCount: Int
  /// Words of a passage, title included.
  let averageLength: Double

  init(documentCount: Int, wordCount: Int) {
    self.documentCount = documentCount
    averageLength = documentCount > 0 ? Double(wordCount) / Double(documentCount) : 0
  }

  /// How much a word tells that stands in `documents` passages.
  func inverseDocumentFrequency(documents: Int) -> Double {
    let idf = log((Double(documentCount - documents) + 0.5) / (Double(documents) + 0.5))
    return idf <= 0 ? 1e-6 : idf
  }

  /// The part of the denominator that depends on the passage alone.
  func lengthNorm(_ length: Int) -> Double {
    Self.k1 * (1 - Self.b + Self.b * Double(length) / averageLength)
  }

  /// The factor beside the inverse document frequency, in 0..<k1 + 1.
  @inline(__always)
  static func saturation(frequency: UInt32, lengthNorm: Double) -> Double {
    let frequency = Double(frequency)
    return (frequency * (k1 + 1)) / (frequency + lengthNorm)
  }
}
