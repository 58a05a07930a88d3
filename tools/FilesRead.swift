import Foundation
import Synchronization

/// What was made of files that tools read whole, for as long as the files stay as they are.
///
/// An environment is loaded each time that its options change and for every replay; its files should not be read each
/// time. The last few are kept.
final class FilesRead<Value: Sendable>: Sendable {
  private struct Entry {
    var path: String
    var file: FileState
    var value: Value
  }

  private let limit: Int
  /// The most recently used one is the last.
  private let entries = Mutex<[Entry]>([])

  init(limit: Int = 4) {
    self.limit = limit
  }

  /// What `read` makes of a file, or has made of it. Nothing is kept of a file that changes while it is read, or that
  /// cannot be read.
  func value<Failure: Error>(at path: String, read: (String) throws(Failure) -> Value) throws(Failure) -> Value {
    let file = FileState(path: path)
    let kept = entries.withLock { entries -> Value? in
      guard let file, let index = entries.firstIndex(where: { $0.path == path && $0.file == file }) else { return nil }
      let entry = entries.remove(at: index)
      entries.append(entry)
      return entry.value
    }
    if let kept { return kept }
    let value = try read(path)
    guard let file, FileState(path: path) == file else { return value }
    entries.withLock { entries in
      entries.removeAll { $0.path == path }
      entries.append(Entry(path: path, file: file, value: value))
      if entries.count > limit { entries.removeFirst() }
    }
    return value
  }
}

/// What changes when a file is written or replaced.
private struct FileState: Equatable {
  private let numbers: [Int]

  /// nil if there is no such file.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    numbers = [
      Int(truncatingIfNeeded: status.st_dev), Int(truncatingIfNeeded: status.st_ino), Int(status.st_size),
      status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
    ]
  }
}
