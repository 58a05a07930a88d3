/// A metadata value of a GGUF file (github.com/ggml-org/ggml, docs/gguf.md).
public enum GGUFValue: Sendable, Equatable {
  case integer(Int64)
  /// A UInt64 above Int64.max.
  case unsigned(UInt64)
  case float(Double)
  case bool(Bool)
  case string(String)
  case integers([Int64])
  case floats([Double])
  case bools([Bool])
  case strings([String])
  /// An array of arrays or of UInt64.
  case array([GGUFValue])

  public var intValue: Int? {
    if case .integer(let value) = self { Int(value) } else { nil }
  }

  public var doubleValue: Double? {
    switch self {
    case .float(let value): value
    case .integer(let value): Double(value)
    default: nil
    }
  }

  public var boolValue: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  public var stringValue: String? {
    if case .string(let value) = self { value } else { nil }
  }

  public var stringsValue: [String]? {
    if case .strings(let values) = self { values } else { nil }
  }

  public var intsValue: [Int]? {
    if case .integers(let values) = self { values.map(Int.init) } else { nil }
  }

  public var doublesValue: [Double]? {
    if case .floats(let values) = self { values } else { nil }
  }
}

extension ByteReader {
  private static let deepestArray = 4

  mutating func ggufValue(_ key: String) throws(ModelFileError) -> GGUFValue {
    try ggufValue(type: try integer(UInt32.self, "type of \(key)"), key, depth: 0)
  }

  private mutating func ggufValue(type: UInt32, _ key: String, depth: Int) throws(ModelFileError) -> GGUFValue {
    switch type {
    case 0: return .integer(Int64(try integer(UInt8.self, key)))
    case 1: return .integer(Int64(try integer(Int8.self, key)))
    case 2: return .integer(Int64(try integer(UInt16.self, key)))
    case 3: return .integer(Int64(try integer(Int16.self, key)))
    case 4: return .integer(Int64(try integer(UInt32.self, key)))
    case 5: return .integer(Int64(try integer(Int32.self, key)))
    case 6: return .float(Double(Float(bitPattern: try integer(UInt32.self, key))))
    case 7: return .bool(try integer(UInt8.self, key) != 0)
    case 8: return .string(try string(key))
    case 9: return try ggufArray(key, depth: depth + 1)
    case 10:
      let value = try integer(UInt64.self, key)
      return Int64(exactly: value).map(GGUFValue.integer) ?? .unsigned(value)
    case 11: return .integer(try integer(Int64.self, key))
    case 12: return .float(Double(bitPattern: try integer(UInt64.self, key)))
    default:
      throw .malformed(path: file.path, place: "metadata \(key)", problem: "unknown value type \(type)")
    }
  }

  private mutating func ggufArray(_ key: String, depth: Int) throws(ModelFileError) -> GGUFValue {
    guard depth <= Self.deepestArray else {
      throw .malformed(path: file.path, place: "metadata \(key)", problem: "arrays nested deeper than \(Self.deepestArray)")
    }
    let type = try integer(UInt32.self, "element type of \(key)")
    let sizes: [UInt32: Int] = [0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 8: 8, 9: 12, 10: 8, 11: 8, 12: 8]
    let count = try count("number of elements of \(key)", minimumSize: sizes[type] ?? 1)
    switch type {
    case 0: return .integers(try integers(UInt8.self, count, key))
    case 1: return .integers(try integers(Int8.self, count, key))
    case 2: return .integers(try integers(UInt16.self, count, key))
    case 3: return .integers(try integers(Int16.self, count, key))
    case 4: return .integers(try integers(UInt32.self, count, key))
    case 5: return .integers(try integers(Int32.self, count, key))
    case 11: return .integers(try integers(Int64.self, count, key))
    case 6: return .floats(try elements(count) { (reader) throws(ModelFileError) in
      Double(Float(bitPattern: try reader.integer(UInt32.self, key)))
    })
    case 12: return .floats(try elements(count) { (reader) throws(ModelFileError) in
      Double(bitPattern: try reader.integer(UInt64.self, key))
    })
    case 7: return .bools(try elements(count) { (reader) throws(ModelFileError) in
      try reader.integer(UInt8.self, key) != 0
    })
    case 8: return .strings(try elements(count) { (reader) throws(ModelFileError) in try reader.string(key) })
    default: return .array(try elements(count) { (reader) throws(ModelFileError) in
      try reader.ggufValue(type: type, key, depth: depth)
    })
    }
  }

  private mutating func integers<Value: FixedWidthInteger>(_ type: Value.Type, _ count: Int, _ key: String)
    throws(ModelFileError) -> [Int64]
  {
    try elements(count) { (reader) throws(ModelFileError) in Int64(truncatingIfNeeded: try reader.integer(type, key)) }
  }

  private mutating func elements<Element>(
    _ count: Int, _ read: (inout ByteReader) throws(ModelFileError) -> Element
  ) throws(ModelFileError) -> [Element] {
    var elements: [Element] = []
    elements.reserveCapacity(count)
    for _ in 0..<count { elements.append(try read(&self)) }
    return elements
  }
}
