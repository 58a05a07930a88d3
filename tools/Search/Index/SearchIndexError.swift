import GRDB

/// What is wrong with a search index or the corpus it is made of, and what to do.
public enum SearchIndexError: Error, Sendable, Equatable, CustomStringConvertible {
  case noCorpus(path: String, reason: String)
  case emptyCorpus(path: String)
  /// A line of the corpus; nothing was written.
  case badLine(source: String, line: Int, reason: String)
  case duplicateID(source: String, line: Int, id: String, firstLine: Int)
  case notFound(path: String)
  /// Another kind of file.
  case notAnIndex(path: String)
  /// Written by another version of this program.
  case otherFormat(path: String, found: Int, known: Int)
  case corrupt(path: String, reason: String)
  case cannotOpen(path: String, reason: String)
  case cannotWrite(path: String, reason: String)
  /// There is a file that is no index.
  case wouldReplace(path: String)
  case diskFull(path: String)
  case failed(path: String, reason: String)

  public var description: String {
    switch self {
    case .noCorpus(let path, let reason): "cannot read the corpus \(path): \(reason)"
    case .emptyCorpus(let path): "\(path) has no passage: a corpus has one JSON object with `id` and `text` a line"
    case .badLine(let source, let line, let reason): "\(source):\(line): \(reason); --skip-bad leaves such lines out"
    case .duplicateID(let source, let line, let id, let first):
      "\(source):\(line): the id `\(id.prefix(200))` is that of line \(first), too; --skip-bad keeps the first"
    case .notFound(let path):
      "there is no search index at \(path): make it with `agentenv index build CORPUS.jsonl --out \(path)`"
    case .notAnIndex(let path):
      "\(path) is not a search index: make one with `agentenv index build CORPUS.jsonl --out INDEX.sqlite`"
    case .otherFormat(let path, let found, let known):
      "\(path) has index format \(found), this program reads \(known): build it again with `agentenv index build`"
    case .corrupt(let path, let reason):
      "the search index \(path) is damaged (\(reason)): build it again with `agentenv index build`"
    case .cannotOpen(let path, let reason): "cannot open the search index \(path): \(reason)"
    case .cannotWrite(let path, let reason):
      "cannot write the search index \(path): \(reason); check that its folder exists and is writable"
    case .wouldReplace(let path): "\(path) is there and is not a search index: give another path, or remove it"
    case .diskFull(let path): "the disk of \(path) is full: nothing was written there; free some space"
    case .failed(let path, let reason): "\(path): \(reason)"
    }
  }

  init(_ error: any Error, path: String) {
    guard let error = error as? DatabaseError else {
      self = (error as? SearchIndexError) ?? .failed(path: path, reason: "\(error)")
      return
    }
    let reason = error.message ?? error.resultCode.description
    switch error.resultCode {
    case .SQLITE_NOTADB: self = .notAnIndex(path: path)
    case .SQLITE_CORRUPT: self = .corrupt(path: path, reason: reason)
    // A file that lost its end, or a table that is not there.
    case .SQLITE_IOERR, .SQLITE_ERROR: self = .corrupt(path: path, reason: reason)
    case .SQLITE_FULL: self = .diskFull(path: path)
    case .SQLITE_READONLY, .SQLITE_PERM: self = .cannotWrite(path: path, reason: reason)
    case .SQLITE_CANTOPEN: self = .cannotOpen(path: path, reason: reason)
    default: self = .failed(path: path, reason: reason)
    }
  }
}
