/// The end of what a server wrote to standard error, for messages about its failure.
struct StandardErrorTail: Sendable {
  private static let limit = 2000
  private var bytes: [UInt8] = []

  mutating func append(_ piece: some Collection<UInt8>) {
    bytes.append(contentsOf: piece.suffix(Self.limit))
    if bytes.count > Self.limit { bytes.removeFirst(bytes.count - Self.limit) }
  }

  /// The last lines, at most three.
  var lastWords: String {
    String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).suffix(3).joined(separator: " / ")
  }
}
