/// Finds names that look like a given one, by the trigrams that they share.
///
/// Names are compared in lower case with a space at both ends, so that beginnings and short names count.
struct NameIndex: Sendable {
  private let trigrams: [UInt32]
  /// The names with trigram `t` are `postings[starts[t]..<starts[t + 1]]`.
  private let starts: [Int32]
  private let postings: [Int32]
  /// Distinct trigrams of each name.
  private let sizes: [Int32]

  init(_ names: [String]) {
    // Trigram and name in one number each, which sort fast and in little memory.
    var pairs: [UInt64] = []
    var sizes: [Int32] = []
    for (index, name) in names.enumerated() {
      let own = Self.trigrams(of: name)
      sizes.append(Int32(own.count))
      for trigram in own { pairs.append(UInt64(trigram) << 32 | UInt64(index)) }
    }
    pairs.sort()
    var trigrams: [UInt32] = []
    var starts: [Int32] = []
    for (index, pair) in pairs.enumerated() where trigrams.last != UInt32(pair >> 32) {
      trigrams.append(UInt32(pair >> 32))
      starts.append(Int32(index))
    }
    self.trigrams = trigrams
    self.starts = starts + [Int32(pairs.count)]
    self.sizes = sizes
    postings = pairs.map { Int32(truncatingIfNeeded: $0) }
  }

  /// The names most like a text, best first: by Dice's coefficient of their trigrams, then in order.
  func nearest(to text: String, limit: Int, atLeast least: Double = 0) -> [Int32] {
    let own = Self.trigrams(of: text)
    var shared: [Int32: Int] = [:]
    for trigram in own { for name in names(with: trigram) { shared[name, default: 0] += 1 } }
    let scored = shared.map { name, count in
      (name: name, score: 2 * Double(count) / Double(own.count + Int(sizes[Int(name)])))
    }
    return scored.filter { $0.score >= least }
      .sorted { ($1.score, $0.name) < ($0.score, $1.name) }.prefix(limit).map(\.name)
  }

  /// The only entity whose name differs from a text in case alone.
  func onlyEntity(foldedLike text: String, in names: [String]) -> Int32? {
    let folded = text.lowercased()
    let equal = nearest(to: text, limit: 16, atLeast: 0.999).filter { names[Int($0)].lowercased() == folded }
    return equal.count == 1 ? equal[0] : nil
  }

  private func names(with trigram: UInt32) -> ArraySlice<Int32> {
    var (low, high) = (0, trigrams.count)
    while low < high {
      let middle = (low + high) / 2
      if trigrams[middle] < trigram { low = middle + 1 } else { high = middle }
    }
    guard low < trigrams.count, trigrams[low] == trigram else { return [] }
    return postings[Int(starts[low])..<Int(starts[low + 1])]
  }

  /// Mixed into 32 bits: two that fall together only make a name look a little more alike.
  private static func trigrams(of name: String) -> Set<UInt32> {
    // Long texts (literals) count by their beginning.
    let scalars = [" "] + Array(name.lowercased().unicodeScalars.prefix(200)) + [" "]
    guard scalars.count >= 3 else { return [scalars[0].value] }
    return Set(
      scalars.indices.dropLast(2).map { index in
        scalars[index].value &* 0x9E37_79B1 ^ scalars[index + 1].value &* 0x85EB_CA77 ^ scalars[index + 2].value
          &* 0xC2B2_AE3D
      })
  }
}
