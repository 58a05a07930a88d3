/// Passages as the policy reads them:
///
///     [1] Paris (id: fr-1, score: 7.31)
///     Paris is the capital and largest city of France. …
///
///     [2] …
enum SearchResultText {
  static func text(of hits: [SearchHit], snippetLength: Int) -> String {
    if hits.isEmpty { return "no passages found" }
    return hits.enumerated().map { index, hit in
      let note = hit.score.map { "id: \(onOneLine(hit.id)), score: \(twoDecimals($0))" } ?? "id: \(onOneLine(hit.id))"
      let title = hit.title.map(onOneLine).flatMap { $0.isEmpty ? nil : "\($0) " } ?? ""
      return "[\(index + 1)] \(title)(\(note))\n\(bounded(hit.text, snippetLength))"
    }.joined(separator: "\n\n")
  }

  /// Titles and ids are cut: a corpus must not be able to flood a conversation through them.
  private static func onOneLine(_ text: String) -> String {
    bounded(text.split(whereSeparator: \.isNewline).joined(separator: " "), 200)
  }

  /// The text, cut after a word if it is longer than that many Unicode scalars.
  static func bounded(_ text: String, _ length: Int) -> String {
    let scalars = text.unicodeScalars
    guard let limit = scalars.index(scalars.startIndex, offsetBy: length, limitedBy: scalars.endIndex),
      limit < scalars.endIndex
    else { return text }
    let room = scalars[..<scalars.index(scalars.startIndex, offsetBy: max(0, length - 2))]
    let word = room.lastIndex { $0.properties.isWhitespace } ?? room.endIndex
    return String(room[..<word]) + " …"
  }

  private static func twoDecimals(_ value: Double) -> String {
    guard value.isFinite, value.magnitude < 1e12 else { return "\(value)" }
    let hundredths = Int((value.magnitude * 100).rounded())
    let fraction = hundredths % 100
    return "\(value < 0 && hundredths > 0 ? "-" : "")\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }
}
