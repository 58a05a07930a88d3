import GRDBSQLite

/// `instr` and `replace` in linear time.
///
/// SQLite's own take quadratic time (minutes for two values of 1 MB) in one uninterruptible call. The results are the
/// same.
enum LinearTextFunctions {
  static func install(in database: OpaquePointer) {
    let flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS
    sqlite3_create_function_v2(
      database, "instr", 2, flags, nil, { context, _, arguments in LinearTextFunctions.instr(context, arguments) }, nil,
      nil, nil)
    sqlite3_create_function_v2(
      database, "replace", 3, flags, nil, { context, _, arguments in LinearTextFunctions.replace(context, arguments) },
      nil, nil, nil)
  }

  fileprivate typealias Arguments = UnsafeMutablePointer<OpaquePointer?>

  /// The position of a text in another, from 1; 0 if it is not there. Of two blobs, counted in bytes.
  fileprivate static func instr(_ context: OpaquePointer?, _ arguments: Arguments?) {
    guard let arguments, let text = arguments[0], let sought = arguments[1] else { return }
    guard sqlite3_value_type(text) != SQLITE_NULL, sqlite3_value_type(sought) != SQLITE_NULL else { return }
    let areBlobs = sqlite3_value_type(text) == SQLITE_BLOB && sqlite3_value_type(sought) == SQLITE_BLOB
    let (a, b) = areBlobs ? (blob(text), blob(sought)) : (characters(text), characters(sought))
    guard let found = SoughtBytes(b).position(in: a, from: 0) else { return sqlite3_result_int(context, 0) }
    let before = areBlobs ? found : a[..<found].count { $0 & 0xC0 != 0x80 }
    sqlite3_result_int64(context, Int64(before + 1))
  }

  /// A text with every occurrence of a second one replaced by a third. An empty one occurs nowhere.
  fileprivate static func replace(_ context: OpaquePointer?, _ arguments: Arguments?) {
    guard let arguments, let first = arguments[0], let second = arguments[1], let third = arguments[2] else { return }
    guard sqlite3_value_type(first) != SQLITE_NULL, sqlite3_value_type(second) != SQLITE_NULL else { return }
    let (text, sought) = (characters(first), characters(second))
    guard !sought.isEmpty else { return sqlite3_result_value(context, first) }
    guard sqlite3_value_type(third) != SQLITE_NULL else { return }
    let replacement = characters(third)
    let limit = Int(sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1))
    let pattern = SoughtBytes(sought)
    var result: [UInt8] = []
    var start = 0
    while let found = pattern.position(in: text, from: start) {
      result.append(contentsOf: text[start..<found])
      result.append(contentsOf: replacement)
      guard result.count <= limit else { return sqlite3_result_error_toobig(context) }
      start = found + sought.count
    }
    result.append(contentsOf: text[start...])
    guard result.count <= limit else { return sqlite3_result_error_toobig(context) }
    result.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        // SQLITE_TRANSIENT: SQLite takes a copy.
        sqlite3_result_text(
          context, characters.baseAddress, Int32(characters.count), unsafeBitCast(-1, to: sqlite3_destructor_type.self))
      }
    }
  }

  private static func characters(_ value: OpaquePointer) -> UnsafeBufferPointer<UInt8> {
    let start = sqlite3_value_text(value)
    return UnsafeBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_value_bytes(value)))
  }

  private static func blob(_ value: OpaquePointer) -> UnsafeBufferPointer<UInt8> {
    let start = sqlite3_value_blob(value)?.assumingMemoryBound(to: UInt8.self)
    return UnsafeBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_value_bytes(value)))
  }
}

/// Bytes to find in others (Knuth, Morris, Pratt 1977): linear in the length of both.
private struct SoughtBytes {
  private let bytes: UnsafeBufferPointer<UInt8>
  /// For each prefix, the length of its longest proper border.
  private var borders: [Int32]

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    borders = [Int32](repeating: 0, count: bytes.count)
    var matched = 0
    for index in bytes.indices.dropFirst() {
      while matched > 0 && bytes[index] != bytes[matched] { matched = Int(borders[matched - 1]) }
      if bytes[index] == bytes[matched] { matched += 1 }
      borders[index] = Int32(matched)
    }
  }

  /// Where they first stand at or after `start`.
  func position(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    guard !bytes.isEmpty else { return start }
    var matched = 0
    for index in start..<max(start, text.count) {
      while matched > 0 && text[index] != bytes[matched] { matched = Int(borders[matched - 1]) }
      if text[index] == bytes[matched] { matched += 1 }
      if matched == bytes.count { return index + 1 - matched }
    }
    return nil
  }
}
