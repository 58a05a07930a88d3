import GRDB

/// The part of a passage's text that is shown: all of it if it is short enough, else the stretch in which the most
/// telling words of the query stand.
struct Snippet {
  /// Most Unicode scalars, the ellipses included.
  let maxLength: Int

  /// - Parameter weights: how much each word of the query tells.
  func text(of text: String, weights: [String: Double], tokenizer: WordTokenizer) throws -> String {
    // The common case, and quick: a text has no more scalars than bytes.
    if text.utf8.count <= maxLength, text.first?.isWhitespace == false, text.last?.isWhitespace == false { return text }
    let scalars = Array(text.unicodeScalars)
    guard scalars.count > maxLength else { return Self.trimmed(scalars[...]) }
    let hits = try self.hits(in: text, weights, tokenizer)
    // Two ellipses with their spaces.
    let room = max(1, maxLength - 4)
    let (first, last) = Self.bestStretch(hits, weights, room: room)
    let start = Self.start(before: first, in: scalars, room: room - (last - first))
    let end = Self.end(after: min(start + room, scalars.count), notBefore: min(last, start + room), in: scalars)
    let body = Self.trimmed(scalars[start..<end])
    return (start > 0 ? "… " : "") + body + (end < scalars.count ? " …" : "")
  }

  private struct Hit {
    let word: String
    /// In Unicode scalars of the text.
    let range: Range<Int>
  }

  private func hits(in text: String, _ weights: [String: Double], _ tokenizer: WordTokenizer) throws -> [Hit] {
    var hits: [Hit] = []
    let utf8 = Array(text.utf8)
    var byte = 0
    var scalar = 0
    // Words come in order: one pass turns bytes into scalars.
    func scalars(upTo end: Int) -> Int {
      while byte < min(end, utf8.count) {
        if utf8[byte] & 0xC0 != 0x80 { scalar += 1 }
        byte += 1
      }
      return scalar
    }
    try tokenizer.forEachWord(of: text, for: .document) { word, range in
      guard weights[word] != nil else { return }
      let start = scalars(upTo: range.lowerBound)
      hits.append(Hit(word: word, range: start..<max(start, scalars(upTo: range.upperBound))))
    }
    return hits
  }

  /// Where the best stretch begins and ends: the one whose distinct words weigh most, then the one with more hits, then
  /// the first.
  private static func bestStretch(_ hits: [Hit], _ weights: [String: Double], room: Int) -> (Int, Int) {
    var best = (start: 0, end: 0)
    var bestValue = (weight: 0.0, hits: 0)
    var counts: [String: Int] = [:]
    var weight = 0.0
    var last = 0
    for first in hits.indices {
      while last < hits.count, hits[last].range.upperBound - hits[first].range.lowerBound <= room {
        if counts[hits[last].word, default: 0] == 0 { weight += weights[hits[last].word] ?? 0 }
        counts[hits[last].word, default: 0] += 1
        last += 1
      }
      guard last > first else {
        // A word that is longer than the room.
        last = first + 1
        continue
      }
      let value = (weight: weight, hits: last - first)
      if value.weight > bestValue.weight * (1 + 1e-9) + 1e-12
        || (value.weight >= bestValue.weight * (1 - 1e-9) && value.hits > bestValue.hits)
      {
        bestValue = value
        best = (hits[first].range.lowerBound, hits[last - 1].range.upperBound)
      }
      counts[hits[first].word, default: 0] -= 1
      if counts[hits[first].word] == 0 { weight -= weights[hits[first].word] ?? 0 }
    }
    return best
  }

  /// Goes back from the first hit to the start of its sentence, or of a word, within half of the room that is left.
  private static func start(before hit: Int, in scalars: [UnicodeScalar], room: Int) -> Int {
    let earliest = max(0, hit - max(0, room) / 2)
    if earliest == 0 { return 0 }
    var word = hit
    var position = hit
    while position > earliest {
      position -= 1
      guard scalars[position].properties.isWhitespace else { continue }
      word = position + 1
      let before = scalars[position - 1]
      if before == "." || before == "!" || before == "?" || scalars[position] == "\n" { return position + 1 }
    }
    return word
  }

  /// Goes back from the end of the room to the end of a word.
  private static func end(after limit: Int, notBefore hit: Int, in scalars: [UnicodeScalar]) -> Int {
    if limit == scalars.count { return limit }
    var position = limit
    while position > hit {
      if scalars[position].properties.isWhitespace { return position }
      position -= 1
    }
    return limit
  }

  private static func trimmed(_ scalars: ArraySlice<UnicodeScalar>) -> String {
    var scalars = scalars
    while scalars.first?.properties.isWhitespace == true { scalars.removeFirst() }
    while scalars.last?.properties.isWhitespace == true { scalars.removeLast() }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    return String(text)
  }
}
