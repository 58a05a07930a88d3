/// Cuts text into the words that byte pairs are merged within.
///
/// Published tokenizers describe the cut by a regular expression; each known expression is a hand-written scanner here,
/// and an unknown one is an error rather than an approximation.
public enum PreTokenizer: String, Sendable, Equatable, CaseIterable {
  /// The whole text is one word.
  case none
  /// GPT-2: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
  case gpt2
  /// SmolLM and SmolLM2: every number character alone, GPT-2's pattern on what lies between.
  case digitsThenGPT2
  /// Llama 3: contractions in any case, at most three number characters together.
  case llama3
  /// Qwen 2, 2.5 and 3: as Llama 3 with every number character alone.
  case qwen2

  static let llama3Pattern = #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"# + punctuationAndSpace
  static let qwen2Pattern = #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"# + punctuationAndSpace
  private static let punctuationAndSpace = #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
}

/// Finds word ends in UTF-8 text. Text must be valid UTF-8 and positions must lie on scalar boundaries.
struct WordScanner: Sendable {
  let preTokenizer: PreTokenizer
  private let classes = CharacterClass.basicPlane

  init(_ preTokenizer: PreTokenizer) { self.preTokenizer = preTokenizer }

  /// The end of the word that starts at `start` (< `limit`); always > `start`.
  func wordEnd(in text: ByteSpan, from start: Int, limit: Int) -> Int {
    switch preTokenizer {
    case .none: limit
    case .gpt2: gpt2WordEnd(in: text, from: start, limit: limit, numbersApart: false)
    case .digitsThenGPT2: gpt2WordEnd(in: text, from: start, limit: limit, numbersApart: true)
    case .llama3: llamaWordEnd(in: text, from: start, limit: limit, longestNumber: 3)
    case .qwen2: llamaWordEnd(in: text, from: start, limit: limit, longestNumber: 1)
    }
  }

  private func gpt2WordEnd(in text: ByteSpan, from start: Int, limit: Int, numbersApart: Bool) -> Int {
    if let end = contractionEnd(in: text, from: start, limit: limit, anyCase: false) { return end }
    var (first, body) = classify(text, at: start)
    if text[start] == 0x20, body < limit {
      let next = classify(text, at: body)
      if next.class != .space, !(numbersApart && next.class == .number) { (first, body) = next }
    }
    switch first {
    case .space:
      return spaceEnd(in: text, from: start, limit: limit, numbersApart: numbersApart)
    case .number where numbersApart:
      return body
    default:
      return runEnd(of: first, in: text, from: body, limit: limit)
    }
  }

  private func llamaWordEnd(in text: ByteSpan, from start: Int, limit: Int, longestNumber: Int) -> Int {
    if let end = contractionEnd(in: text, from: start, limit: limit, anyCase: true) { return end }
    let (first, second) = classify(text, at: start)
    if first == .letter { return runEnd(of: .letter, in: text, from: second, limit: limit) }
    if first == .number {
      var end = second
      for _ in 1..<longestNumber where end < limit {
        let next = classify(text, at: end)
        guard next.class == .number else { break }
        end = next.end
      }
      return end
    }
    let next = second < limit ? classify(text, at: second) : nil
    if let next, next.class == .letter, !isNewline(text[start]) {
      return runEnd(of: .letter, in: text, from: next.end, limit: limit)
    }
    if first == .other || (text[start] == 0x20 && next?.class == .other) {
      var end = runEnd(of: .other, in: text, from: second, limit: limit)
      while end < limit, isNewline(text[end]) { end += 1 }
      return end
    }
    return newlineEnd(in: text, from: start, limit: limit)
      ?? spaceEnd(in: text, from: start, limit: limit, numbersApart: false)
  }

  /// `'s|'t|'re|'ve|'m|'ll|'d`; in any case, the long s "ſ" counts as s, as it does in Unicode case folding.
  private func contractionEnd(in text: ByteSpan, from start: Int, limit: Int, anyCase: Bool) -> Int? {
    guard text[start] == 0x27, start + 1 < limit else { return nil }
    let lowercase: UInt8 = anyCase ? 0x20 : 0
    func letter(_ offset: Int) -> UInt8 { start + offset < limit ? text[start + offset] | lowercase : 0 }
    switch letter(1) {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"): return letter(2) == UInt8(ascii: "e") ? start + 3 : nil
    case UInt8(ascii: "l"): return letter(2) == UInt8(ascii: "l") ? start + 3 : nil
    default:
      let isLongS = anyCase && start + 2 < limit && text[start + 1] == 0xC5 && text[start + 2] == 0xBF
      return isLongS ? start + 3 : nil
    }
  }

  private func runEnd(of runClass: CharacterClass, in text: ByteSpan, from start: Int, limit: Int) -> Int {
    var end = start
    while end < limit {
      let next = classify(text, at: end)
      guard next.class == runClass else { break }
      end = next.end
    }
    return end
  }

  /// `\s*[\r\n]+`: up to and including the last newline of the white space at `start`.
  private func newlineEnd(in text: ByteSpan, from start: Int, limit: Int) -> Int? {
    var position = start
    var end: Int?
    while position < limit {
      let next = classify(text, at: position)
      guard next.class == .space else { break }
      if isNewline(text[position]) { end = next.end }
      position = next.end
    }
    return end
  }

  /// `\s+(?!\S)|\s+`: white space, without its last scalar if a word follows and more than one is there.
  private func spaceEnd(in text: ByteSpan, from start: Int, limit: Int, numbersApart: Bool) -> Int {
    var end = start
    var lastStart = start
    while end < limit {
      let next = classify(text, at: end)
      guard next.class == .space else {
        let isTextEnd = numbersApart && next.class == .number
        return isTextEnd || lastStart == start ? end : lastStart
      }
      lastStart = end
      end = next.end
    }
    return end
  }

  private func isNewline(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

  @inline(__always)
  private func classify(_ text: ByteSpan, at position: Int) -> (class: CharacterClass, end: Int) {
    let first = UInt32(text[position])
    if first < 0x80 { return (classes[Int(first)], position + 1) }
    func continuation(_ offset: Int) -> UInt32 { UInt32(text[position + offset]) & 0x3F }
    if first < 0xE0 { return (classes[Int((first & 0x1F) << 6 | continuation(1))], position + 2) }
    if first < 0xF0 {
      return (classes[Int((first & 0x0F) << 12 | continuation(1) << 6 | continuation(2))], position + 3)
    }
    let value = (first & 0x07) << 18 | continuation(1) << 12 | continuation(2) << 6 | continuation(3)
    return (Unicode.Scalar(value).map(CharacterClass.init) ?? .other, position + 4)
  }
}
