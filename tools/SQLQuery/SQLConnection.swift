import Foundation
import GRDBSQLite

/// One connection to a database that can only be read, for one query of somebody who is not trusted.
///
/// Covered: the file is opened read-only and immutable; the authorizer lets a statement select, read and call functions,
/// and nothing else (no ATTACH, no writes, no temporary tables, no PRAGMA but those that list columns); SQLite's limits
/// bound the query and every value; the progress handler ends a query at its deadline, on cancellation and when memory
/// grows too far. Not covered: a single function call is not interrupted (values of 1 MB and patterns of 100 characters
/// bound it to a fraction of a second).
final class SQLConnection {
  struct Limits: Sendable {
    var deadline: ContinuousClock.Instant
    /// Growth of SQLite's memory (of all its connections: what else runs in the process counts).
    var memoryBytes = 256 << 20
    var cancelled = CancellationFlag()
  }

  static let maxQueryBytes = 20_000
  private static let maxFunctions: Int32 = 100

  private let database: OpaquePointer
  /// What the callbacks look at; alive as long as the connection.
  private let guardian: Guardian

  init(path: String, limits: Limits) throws(SQLQueryError) {
    guardian = Guardian(limits, maxFunctions: Int(Self.maxFunctions))
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(
      Self.uri(path), &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nil)
    guard code == SQLITE_OK, let opened else {
      let reason = String(cString: sqlite3_errstr(code))
      sqlite3_close_v2(opened)
      throw .refusedBySQLite(reason)
    }
    database = opened
    // What the schema's own expressions call is not trusted either; sorting must not write files.
    sqlite3_exec(database, "PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY", nil, nil, nil)
    restrict()
  }

  deinit { sqlite3_close_v2(database) }

  /// The query's rows, as many as the table takes; the rest is counted.
  func rows(of query: String, into table: ResultTable) throws(SQLQueryError) -> ResultTable {
    var table = table
    let statement = try prepare(query)
    defer { sqlite3_finalize(statement) }
    let columns = sqlite3_column_count(statement)
    table.begin(columns: (0..<columns).map { String(cString: sqlite3_column_name(statement, $0)) })
    while true {
      switch try step(statement, isCounting: !table.hasRoom) {
      case .row:
        let row = SQLRow(statement)
        if table.hasRoom { table.add((0..<columns).map(row.cell)) } else { table.countRow() }
        if table.isSated { return table }
      case .done: return table
      case .outOfTime:
        table.isCountCut = true
        return table
      }
    }
  }

  /// Hands over each row of a query of our own.
  func forEachRow(of query: String, _ body: (SQLRow) -> Void) throws(SQLQueryError) {
    let statement = try prepare(query)
    defer { sqlite3_finalize(statement) }
    while try step(statement, isCounting: false) == .row { body(SQLRow(statement)) }
  }

  // MARK: Statements

  private func prepare(_ query: String) throws(SQLQueryError) -> OpaquePointer {
    guard !query.utf8.contains(0) else { throw .zeroByte }
    var statement: OpaquePointer?
    var query = query
    let (code, rest) = query.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { bytes -> (Int32, String) in
        var tail: UnsafePointer<CChar>?
        let code = sqlite3_prepare_v2(database, bytes.baseAddress, Int32(bytes.count), &statement, &tail)
        guard let tail, let start = bytes.baseAddress else { return (code, "") }
        let used = tail - start
        return (
          code,
          String(decoding: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[used...]), as: UTF8.self)
        )
      }
    }
    guard code == SQLITE_OK else { throw failure(code) }
    guard let statement else { throw .empty }
    let refusal: SQLQueryError? =
      if sqlite3_stmt_readonly(statement) == 0 { .notReading } else if hasStatement(rest) { .severalStatements } else {
        nil
      }
    guard let refusal else { return statement }
    sqlite3_finalize(statement)
    throw refusal
  }

  /// Whether there is more than white space and comments.
  private func hasStatement(_ text: String) -> Bool {
    guard text.contains(where: { !$0.isWhitespace && $0 != ";" }) else { return false }
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v2(database, text, -1, &statement, nil)
    defer { sqlite3_finalize(statement) }
    return code != SQLITE_OK || statement != nil
  }

  private enum StepResult { case row, done, outOfTime }

  private func step(_ statement: OpaquePointer, isCounting: Bool) throws(SQLQueryError) -> StepResult {
    switch sqlite3_step(statement) {
    case SQLITE_ROW: return .row
    case SQLITE_DONE: return .done
    case let code:
      let error = failure(code)
      if isCounting && error == .outOfTime { return .outOfTime }
      throw error
    }
  }

  private func failure(_ code: Int32) -> SQLQueryError {
    if let reason = guardian.reason { return reason }
    if code & 0xff == SQLITE_NOMEM { return .outOfMemory(limitBytes: guardian.limits.memoryBytes) }
    return .refusedBySQLite(String(cString: sqlite3_errmsg(database)))
  }

  // MARK: Restrictions

  private func restrict() {
    for (limit, value) in [
      (SQLITE_LIMIT_LENGTH, 1_000_000), (SQLITE_LIMIT_SQL_LENGTH, Int32(Self.maxQueryBytes)),
      (SQLITE_LIMIT_COLUMN, 500), (SQLITE_LIMIT_EXPR_DEPTH, 200), (SQLITE_LIMIT_COMPOUND_SELECT, 50),
      (SQLITE_LIMIT_VDBE_OP, 100_000), (SQLITE_LIMIT_FUNCTION_ARG, 100), (SQLITE_LIMIT_ATTACHED, 0),
      (SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100), (SQLITE_LIMIT_VARIABLE_NUMBER, 100),
      (SQLITE_LIMIT_TRIGGER_DEPTH, 0), (SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
      sqlite3_limit(database, limit, value)
    }
    LinearTextFunctions.install(in: database)
    let context = Unmanaged.passUnretained(guardian).toOpaque()
    sqlite3_set_authorizer(
      database,
      { context, action, first, second, _, _ in
        guard let context else { return SQLITE_DENY }
        return Unmanaged<Guardian>.fromOpaque(context).takeUnretainedValue().allows(action, first, second)
          ? SQLITE_OK : SQLITE_DENY
      }, context)
    sqlite3_progress_handler(
      database, 100,
      { context in
        guard let context else { return 1 }
        return Unmanaged<Guardian>.fromOpaque(context).takeUnretainedValue().mustStop ? 1 : 0
      }, context)
  }

  /// `file:` address that says read-only and immutable, whatever characters the path has.
  private static func uri(_ path: String) -> String {
    let escaped = path.utf8.map { byte -> String in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "-"):
        String(UnicodeScalar(byte))
      default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    }
    return "file:\(escaped.joined())?mode=ro&immutable=1"
  }
}

/// Decides what a statement may do and when it must stop, and remembers why.
private final class Guardian {
  let limits: SQLConnection.Limits
  private let maxFunctions: Int
  private let memoryAtStart = sqlite3_memory_used()
  private var functions = 0
  private(set) var reason: SQLQueryError?

  init(_ limits: SQLConnection.Limits, maxFunctions: Int) {
    self.limits = limits
    self.maxFunctions = maxFunctions
  }

  private static let allowedPragmas: Set = [
    "table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo", "foreign_key_list",
  ]

  /// `printf('%.*c', 2000000000, 'x')` counts to two billion in one call, whatever the limits on values.
  private static let refusedFunctions: Set = ["load_extension", "printf", "format"]

  func allows(_ action: Int32, _ first: UnsafePointer<CChar>?, _ second: UnsafePointer<CChar>?) -> Bool {
    func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0).lowercased() } ?? "" }
    switch action {
    case SQLITE_SELECT, SQLITE_READ, SQLITE_RECURSIVE: return true
    // Asked when a table-valued function is named. A true update of this table SQLite itself refuses.
    case SQLITE_UPDATE where text(first) == "sqlite_master": return true
    case SQLITE_PRAGMA where Self.allowedPragmas.contains(text(first)): return true
    case SQLITE_FUNCTION:
      functions += 1
      if Self.refusedFunctions.contains(text(second)) { reason = .noFunction(name: text(second)) }
      if functions > maxFunctions { reason = .tooManyFunctions(limit: maxFunctions) }
      return reason == nil
    default:
      reason = .notReading
      return false
    }
  }

  var mustStop: Bool {
    if limits.cancelled.isRaised {
      reason = .cancelled
    } else if ContinuousClock.now >= limits.deadline {
      reason = .outOfTime
    } else if sqlite3_memory_used() - memoryAtStart > limits.memoryBytes {
      reason = .outOfMemory(limitBytes: limits.memoryBytes)
    } else {
      return false
    }
    return true
  }
}

/// The row that a statement stands on.
struct SQLRow {
  private let statement: OpaquePointer

  fileprivate init(_ statement: OpaquePointer) {
    self.statement = statement
  }

  /// A column as text; empty for NULL. Bytes that are no UTF-8 are replaced.
  func text(_ column: Int32) -> String {
    guard let bytes = sqlite3_column_text(statement, column) else { return "" }
    let count = Int(sqlite3_column_bytes(statement, column))
    return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  /// A column as the policy reads it.
  func cell(_ column: Int32) -> String {
    switch sqlite3_column_type(statement, column) {
    case SQLITE_NULL: "NULL"
    case SQLITE_BLOB:
      ResultTable.cell(
        UnsafeRawBufferPointer(
          start: sqlite3_column_blob(statement, column), count: Int(sqlite3_column_bytes(statement, column))))
    default: ResultTable.cell(text(column))
    }
  }
}
