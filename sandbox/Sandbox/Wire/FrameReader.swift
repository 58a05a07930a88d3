/// Cuts a stream of bytes into frames. Bytes may come in pieces of any size.
struct FrameReader {
  private var buffer: [UInt8] = []

  mutating func append(_ bytes: UnsafeRawBufferPointer) { buffer.append(contentsOf: bytes) }

  /// The next whole frame; nil until more bytes come.
  ///
  /// After an error the stream has no meaning any more: drop it.
  mutating func next() throws(WireError) -> WireFrame? {
    guard let announced = buffer[...].littleEndianUInt32 else { return nil }
    let length = Int(announced)
    guard length <= WireFrame.longestPayload else { throw .tooLong(length) }
    guard buffer.count >= 4 + length else { return nil }
    let frame = try WireFrame(payload: buffer[4..<4 + length])
    // The frame's fields share the old storage; the rest, nearly always empty, gets a new one.
    buffer = Array(buffer[(4 + length)...])
    return frame
  }
}
