/// One message between this process and a slot: a kind and tagged fields.
///
/// On the wire: u32 length of the payload, then the payload: u8 kind, then for each field u8 tag, u32 length, bytes.
/// All numbers are little-endian; integers in fields are 8 bytes, signed. A field may come several times.
struct WireFrame: Sendable, Equatable {
  var kind: UInt8
  private(set) var fields: [WireField] = []

  /// Longest payload that is read. A slot that announces more is faulty: no result under the largest limits is longer.
  static let longestPayload = 192 << 20

  init(kind: UInt8) { self.kind = kind }

  /// Parses a payload, i.e. a frame without its length.
  init(payload: ArraySlice<UInt8>) throws(WireError) {
    guard let kind = payload.first else { throw .empty }
    self.kind = kind
    var rest = payload.dropFirst()
    while let tag = rest.first {
      rest = rest.dropFirst()
      guard let length = rest.littleEndianUInt32 else { throw .truncated(tag: tag) }
      rest = rest.dropFirst(4)
      guard Int(length) <= rest.count else { throw .truncated(tag: tag) }
      fields.append(WireField(tag: tag, bytes: rest.prefix(Int(length))))
      rest = rest.dropFirst(Int(length))
    }
  }

  mutating func add(_ tag: UInt8, _ bytes: some Collection<UInt8>) {
    fields.append(WireField(tag: tag, bytes: ArraySlice(bytes)))
  }

  mutating func add(_ tag: UInt8, _ text: String) { add(tag, text.utf8) }

  mutating func add(_ tag: UInt8, _ number: Int) {
    let bits = UInt64(bitPattern: Int64(number))
    add(tag, (0..<8).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt64($0))) })
  }

  /// The frame with its length in front, as it is sent.
  var encoded: [UInt8] {
    let length = fields.reduce(1) { $0 + 5 + $1.bytes.count }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 + length)
    bytes.append(littleEndian: length)
    bytes.append(kind)
    for field in fields {
      bytes.append(field.tag)
      bytes.append(littleEndian: field.bytes.count)
      bytes.append(contentsOf: field.bytes)
    }
    return bytes
  }
}

/// One tagged value of a frame.
struct WireField: Sendable, Equatable {
  let tag: UInt8
  let bytes: ArraySlice<UInt8>
}

/// What is wrong with bytes that should have been a frame.
enum WireError: Error, Equatable, CustomStringConvertible {
  case empty
  case tooLong(Int)
  case truncated(tag: UInt8)
  case badValue(tag: UInt8, kind: UInt8)
  case missing(tag: UInt8, kind: UInt8)
  case unknownKind(UInt8)

  var description: String {
    switch self {
    case .empty: "an empty frame"
    case .tooLong(let length): "a frame of \(length) bytes"
    case .truncated(let tag): "field \(tag) ends early"
    case .badValue(let tag, let kind): "field \(tag) of a frame of kind \(kind) has no meaning"
    case .missing(let tag, let kind): "field \(tag) of a frame of kind \(kind) is missing"
    case .unknownKind(let kind): "a frame of unknown kind \(kind)"
    }
  }
}

// MARK: - Reading fields

extension WireFrame {
  /// The last field of that tag.
  func bytes(_ tag: UInt8) -> ArraySlice<UInt8>? { fields.last { $0.tag == tag }?.bytes }

  /// All fields of that tag, in their order.
  func all(_ tag: UInt8) -> [ArraySlice<UInt8>] { fields.filter { $0.tag == tag }.map(\.bytes) }

  func text(_ tag: UInt8) -> String? { bytes(tag).map { String(decoding: $0, as: UTF8.self) } }

  func texts(_ tag: UInt8) -> [String] { all(tag).map { String(decoding: $0, as: UTF8.self) } }

  /// The number of that tag; nil if it is absent.
  func optionalInt(_ tag: UInt8) throws(WireError) -> Int? {
    guard let bytes = bytes(tag) else { return nil }
    guard bytes.count == 8 else { throw .badValue(tag: tag, kind: kind) }
    let bits = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(Int64(bitPattern: bits))
  }

  func int(_ tag: UInt8) throws(WireError) -> Int {
    guard let number = try optionalInt(tag) else { throw .missing(tag: tag, kind: kind) }
    return number
  }

  func flag(_ tag: UInt8) throws(WireError) -> Bool { try optionalInt(tag) ?? 0 != 0 }

  func microseconds(_ tag: UInt8) throws(WireError) -> Duration {
    .microseconds(max(0, try optionalInt(tag) ?? 0))
  }

  /// Files: u32 length of the name, the name, the contents.
  func files(_ tag: UInt8) throws(WireError) -> [SandboxFile] {
    var files: [SandboxFile] = []
    for bytes in all(tag) {
      guard let length = bytes.littleEndianUInt32, Int(length) <= bytes.count - 4 else {
        throw .badValue(tag: tag, kind: kind)
      }
      let name = bytes.dropFirst(4).prefix(Int(length))
      files.append(
        SandboxFile(
          name: String(decoding: name, as: UTF8.self), contents: Array(bytes.dropFirst(4 + Int(length)))))
    }
    return files
  }

  mutating func add(_ tag: UInt8, _ file: SandboxFile) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 + file.name.utf8.count + file.contents.count)
    bytes.append(littleEndian: file.name.utf8.count)
    bytes.append(contentsOf: file.name.utf8)
    bytes.append(contentsOf: file.contents)
    add(tag, bytes)
  }
}

extension ArraySlice<UInt8> {
  /// The first four bytes as a number; nil if there are fewer.
  var littleEndianUInt32: UInt32? {
    guard count >= 4 else { return nil }
    return prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
}

extension [UInt8] {
  /// Appends the number's low 32 bits.
  mutating func append(littleEndian number: Int) {
    for shift in [0, 8, 16, 24] { append(UInt8(truncatingIfNeeded: number >> shift)) }
  }
}
