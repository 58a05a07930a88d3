/// Why a query gave no rows, as the policy reads it.
public enum SQLQueryError: Error, Sendable, Equatable, CustomStringConvertible {
  /// SQLite's own message: a syntax error, a name that does not exist, a value that is too large.
  case refusedBySQLite(String)
  /// Something other than reading.
  case notReading
  case severalStatements
  case empty
  case zeroByte
  case tooManyFunctions(limit: Int)
  case noFunction(name: String)
  case outOfMemory(limitBytes: Int)
  case outOfTime
  case cancelled

  public var description: String {
    switch self {
    case .refusedBySQLite(let message): message
    case .notReading: "only reading is allowed: write one SELECT"
    case .severalStatements: "one statement at a time: remove what follows the first `;`"
    case .empty: "there is no statement in the query"
    case .zeroByte: "the query contains a NUL character"
    case .tooManyFunctions(let limit): "a query may use at most \(limit) functions"
    case .noFunction(let name): "the function `\(name)` is not offered here; round() and || may do"
    case .outOfMemory(let limit): "the query needs more than \(limit >> 20) MiB of memory: select less"
    case .outOfTime: "the query took too long"
    case .cancelled: "the query was cancelled"
    }
  }
}

/// Why a file cannot be attached.
public enum SQLDatabaseError: Error, Sendable, Equatable, CustomStringConvertible {
  case unreadable(path: String, reason: String)
  /// Its last writes stand in a log beside it, which a read-only reader would miss.
  case unfinishedWrites(path: String)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): cannot be read as an SQLite database: \(reason)"
    case .unfinishedWrites(let path):
      "\(path): has writes in \(path)-wal: close its writer, or run `sqlite3 \(path) 'PRAGMA wal_checkpoint(TRUNCATE)'`"
    }
  }
}
