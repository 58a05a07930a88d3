/// Python's string operations on Unicode scalars: templates are written for them, and Swift's own work on characters
/// (where "\r\n" is one) and compare by canonical equivalence.
enum PythonText {
  /// `str.isspace`: Unicode white space and the four information separators.
  static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
  }

  static func equal(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }

  static func isLess(_ left: String, _ right: String) -> Bool { left.utf8.lexicographicallyPrecedes(right.utf8) }

  static func count(_ text: String) -> Int { text.unicodeScalars.count }

  static func contains(_ text: String, _ part: String) -> Bool {
    find(Array(part.utf8), in: Array(text.utf8), from: 0) != nil
  }

  static func hasPrefix(_ text: String, _ prefix: String) -> Bool { text.utf8.starts(with: prefix.utf8) }

  static func hasSuffix(_ text: String, _ suffix: String) -> Bool {
    text.utf8.reversed().starts(with: suffix.utf8.reversed())
  }

  static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// Strips white space, or the given scalars, from either end.
  static func strip(_ text: String, _ characters: String?, left: Bool, right: Bool) -> String {
    let set = characters.map { Set($0.unicodeScalars) }
    let strips = { (scalar: Unicode.Scalar) in set.map { $0.contains(scalar) } ?? isSpace(scalar) }
    var scalars = Substring(text).unicodeScalars
    while left, let first = scalars.first, strips(first) { scalars.removeFirst() }
    while right, let last = scalars.last, strips(last) { scalars.removeLast() }
    return String(scalars)
  }

  /// The start of `part` in `text` at or after `start`; byte offsets.
  static func find(_ part: [UInt8], in text: [UInt8], from start: Int) -> Int? {
    guard let first = part.first else { return start }
    var position = start
    while position + part.count <= text.count {
      if text[position] == first, (1..<part.count).allSatisfy({ text[position + $0] == part[$0] }) { return position }
      position += 1
    }
    return nil
  }

  /// The parts of `text` between occurrences of `separator` (not empty), at most `limit` cuts.
  static func split(_ text: String, by separator: String, limit: Int = .max) -> [String] {
    let (bytes, separator) = (Array(text.utf8), Array(separator.utf8))
    var parts: [String] = []
    var start = 0
    while parts.count < limit, let found = find(separator, in: bytes, from: start) {
      parts.append(String(decoding: bytes[start..<found], as: UTF8.self))
      start = found + separator.count
    }
    parts.append(String(decoding: bytes[start...], as: UTF8.self))
    return parts
  }

  /// `str.split()`: runs of white space separate, none at the ends.
  static func words(_ text: String) -> [String] {
    text.unicodeScalars.split(whereSeparator: isSpace).map { String($0) }
  }

  static func lines(_ text: String) -> [String] {
    var lines = split(split(text, by: "\r\n").joined(separator: "\n"), by: "\n")
    if lines.last == "" { lines.removeLast() }
    return lines
  }

  static func replace(_ text: String, _ old: String, _ new: String, limit: Int = .max) -> String {
    guard !old.isEmpty else {
      return new + text.unicodeScalars.map { String(Character($0)) + new }.joined()
    }
    return split(text, by: old, limit: limit).joined(separator: new)
  }

  /// The first letter of every run of letters in upper case, the others in lower case.
  static func title(_ text: String) -> String {
    var result = ""
    var isInWord = false
    for scalar in text.unicodeScalars {
      let properties = scalar.properties
      result += isInWord ? properties.lowercaseMapping : properties.titlecaseMapping
      isInWord = properties.isCased
    }
    return result
  }

  static func capitalize(_ text: String) -> String {
    guard let first = text.unicodeScalars.first else { return text }
    return first.properties.titlecaseMapping + string(text.unicodeScalars.dropFirst()).lowercased()
  }

  /// Indices of `sequence[start:end:step]`.
  static func sliceIndices(count: Int, start: Int?, end: Int?, step: Int) -> [Int] {
    func clamped(_ index: Int, _ low: Int, _ high: Int) -> Int {
      max(low, min(high, index < 0 ? index + count : index))
    }
    if step > 0 {
      let first = clamped(start ?? 0, 0, count)
      let last = clamped(end ?? count, 0, count)
      return first < last ? Array(stride(from: first, to: last, by: step)) : []
    }
    let first = start.map { clamped($0, -1, count - 1) } ?? count - 1
    let last = end.map { clamped($0, -1, count - 1) } ?? -1
    return first > last ? Array(stride(from: first, to: last, by: step)) : []
  }
}
