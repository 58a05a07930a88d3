/// What is wrong in a configuration, where, and what was probably meant.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file, or a description such as `--set`.
  public let source: String
  /// Counts from 1; nil where a key is missing from the whole file.
  public let line: Int?
  public let column: Int?
  /// The key path, e.g. `rollout.group_size`; empty for the document.
  public let path: String
  public let reason: String

  /// Describes one problem.
  public init(source: String, line: Int? = nil, column: Int? = nil, path: String = "", reason: String) {
    self.source = source
    self.line = line
    self.column = column
    self.path = path
    self.reason = reason
  }

  public var description: String {
    var place = source
    if let line { place += ":\(line)" }
    if let column { place += ":\(column)" }
    return path.isEmpty ? "\(place): \(reason)" : "\(place): \(path): \(reason)"
  }
}

/// The known word that is closest to a mistyped one, if any is close.
///
/// Distance is Damerau-Levenshtein (optimal string alignment); a word is close when at most a third of it differs.
public func nearestWord(to word: String, among candidates: some Sequence<String>) -> String? {
  candidates
    .map { (candidate: $0, distance: editDistance(word, $0)) }
    .filter { $0.distance <= max(1, max(word.count, $0.candidate.count) / 3) }
    .min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }?
    .candidate
}

private func editDistance(_ first: String, _ second: String) -> Int {
  let a = Array(first.unicodeScalars)
  let b = Array(second.unicodeScalars)
  var rows = [Array(0...b.count)]
  for i in 0..<a.count {
    var row = [i + 1]
    for j in 0..<b.count {
      let substitution = rows[i][j] + (a[i] == b[j] ? 0 : 1)
      var best = min(substitution, rows[i][j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
      row.append(best)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
