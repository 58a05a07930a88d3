/// Cuts a stream of bytes into lines, whatever the pieces in which it arrives.
struct LineBuffer: Sendable {
  private var bytes: [UInt8] = []
  private let limit: Int

  /// - Parameter limit: the longest line, in bytes.
  init(limit: Int) { self.limit = limit }

  /// The lines that these bytes complete, without their ends (`\n` or `\r\n`); empty lines are left out.
  ///
  /// - Throws: `MCPError.frameTooLarge` once a line passes the limit.
  mutating func append(_ piece: some Collection<UInt8>) throws(MCPError) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var rest = piece[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      bytes.append(contentsOf: rest[..<end])
      try checkLength()
      if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
      if !bytes.isEmpty { lines.append(bytes) }
      bytes.removeAll(keepingCapacity: bytes.capacity < 1 << 16)
      rest = rest[rest.index(after: end)...]
    }
    bytes.append(contentsOf: rest)
    try checkLength()
    return lines
  }

  private func checkLength() throws(MCPError) {
    guard bytes.count <= limit else { throw .frameTooLarge(limitBytes: limit) }
  }
}
