/// Reads little-endian values from a mapped file, one after the other.
struct ByteReader {
  let file: MappedFile
  private(set) var offset: Int
  private let limit: Int

  init(_ file: MappedFile, at offset: Int = 0) {
    self.file = file
    self.offset = offset
    limit = file.count
  }

  var remaining: Int { limit - offset }

  mutating func bytes(_ count: Int, _ what: String) throws(ModelFileError) -> UnsafeRawBufferPointer {
    let bytes = try file.bytes(offset, count, reading: what)
    offset += count
    return bytes
  }

  mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type, _ what: String) throws(ModelFileError) -> Value {
    let bytes = try bytes(MemoryLayout<Value>.size, what)
    return Value(littleEndian: bytes.loadUnaligned(as: Value.self))
  }

  /// A count stored as UInt64, of things that take at least `minimumSize` bytes each: more than the rest of the file
  /// could hold is an error, so that no count can make a reader allocate without bound.
  mutating func count(_ what: String, minimumSize: Int) throws(ModelFileError) -> Int {
    let start = offset
    let value = try integer(UInt64.self, what)
    guard value <= UInt64(remaining / max(1, minimumSize)) else {
      throw .malformed(
        path: file.path, place: "\(what) at offset \(start)",
        problem: "\(value) cannot fit in the remaining \(remaining) bytes")
    }
    return Int(value)
  }

  mutating func string(_ what: String) throws(ModelFileError) -> String {
    let length = try count("length of \(what)", minimumSize: 1)
    return String(decoding: try bytes(length, what), as: UTF8.self)
  }
}
