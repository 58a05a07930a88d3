import GRDB

/// What is wrong with a trajectory store, and what to do.
public enum StoreError: Error, Sendable, Equatable, CustomStringConvertible {
  case cannotOpen(path: String, reason: String)
  case notFound(path: String)
  case notADatabase(path: String)
  /// A SQLite file of another program.
  case notATrajectoryStore(path: String)
  /// Written by a newer version of this program.
  case newerFormat(path: String, found: Int, known: Int)
  case corrupt(path: String, reason: String)
  /// Another process held the write lock for longer than the store waits.
  case locked(path: String)
  case diskFull(path: String)
  case readOnly(path: String)
  case unknownTrajectory(id: String)
  /// The trajectory has an outcome: nothing can be added.
  case alreadyFinished(id: String)
  case duplicateTrajectory(id: String)
  /// A turn out of order: turns are numbered from 0 without gaps.
  case wrongTurn(id: String, index: Int)
  /// A stored row that cannot be read back.
  case badRecord(id: String, reason: String)
  /// A line of an imported file; nothing of the file was imported.
  case badLine(source: String, line: Int, reason: String)
  case failed(path: String, reason: String)

  public var description: String {
    switch self {
    case .cannotOpen(let path, let reason):
      "cannot open the trajectory store \(path): \(reason); check that its folder exists and is writable"
    case .notFound(let path): "there is no trajectory store at \(path): give the path with --store"
    case .notADatabase(let path): "\(path) is not a SQLite database: give another path with --store"
    case .notATrajectoryStore(let path):
      "\(path) is a SQLite database of another program: give another path with --store"
    case .newerFormat(let path, let found, let known):
      "\(path) has format \(found), this program reads up to \(known): use the program that wrote it"
    case .corrupt(let path, let reason):
      "\(path) is damaged (\(reason)): recover what can be read with `sqlite3 \(path) .recover`"
    case .locked(let path): "\(path) is locked by another process: wait for it, or use another store"
    case .diskFull(let path): "the disk of \(path) is full: free some space; everything acknowledged is kept"
    case .readOnly(let path): "\(path) is not writable: check its permissions and those of its folder"
    case .unknownTrajectory(let id): "there is no trajectory `\(id)`"
    case .alreadyFinished(let id): "trajectory `\(id)` is finished: nothing can be added"
    case .duplicateTrajectory(let id): "there is already a trajectory `\(id)` with other content"
    case .wrongTurn(let id, let index): "turn \(index) is not the next of trajectory `\(id)`"
    case .badRecord(let id, let reason): "trajectory `\(id)` cannot be read: \(reason)"
    case .badLine(let source, let line, let reason): "\(source):\(line): \(reason); nothing was imported"
    case .failed(let path, let reason): "\(path): \(reason)"
    }
  }

  init(_ error: any Error, path: String) {
    guard let error = error as? DatabaseError else {
      self = (error as? StoreError) ?? .failed(path: path, reason: "\(error)")
      return
    }
    let reason = error.message ?? error.resultCode.description
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .locked(path: path)
    case .SQLITE_NOTADB: self = .notADatabase(path: path)
    case .SQLITE_CORRUPT: self = .corrupt(path: path, reason: reason)
    case .SQLITE_FULL: self = .diskFull(path: path)
    case .SQLITE_READONLY, .SQLITE_PERM: self = .readOnly(path: path)
    case .SQLITE_CANTOPEN: self = .cannotOpen(path: path, reason: reason)
    default: self = .failed(path: path, reason: reason)
    }
  }
}
