/// When a program's output counts as the expected one.
public enum OutputComparison: Sendable, Hashable {
  /// Every character is the same.
  case exact
  /// The words are the same, whatever white space is between them.
  case whitespace
  /// The words are the same, and words that are numbers differ by no more than the tolerance, absolute below 1 and
  /// relative above.
  case numeric(tolerance: Double)

  public func accepts(_ output: String, for expected: String) -> Bool {
    if case .exact = self { return output == expected && output.utf8.elementsEqual(expected.utf8) }
    let (found, wanted) = (output.split(whereSeparator: \.isWhitespace), expected.split(whereSeparator: \.isWhitespace))
    guard found.count == wanted.count else { return false }
    return zip(found, wanted).allSatisfy(areEqual)
  }

  private func areEqual(_ found: Substring, _ wanted: Substring) -> Bool {
    if found.utf8.elementsEqual(wanted.utf8) { return true }
    guard case .numeric(let tolerance) = self, let a = Double(found), let b = Double(wanted), a.isFinite, b.isFinite
    else { return false }
    return abs(a - b) <= tolerance * max(1, abs(b))
  }
}
