import Glibc

/// What the file system says about a file.
struct FileStatus {
  /// Bytes.
  let size: Int

  /// nil if there is none.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    size = Int(status.st_size)
  }
}

/// Files that appear complete or not at all.
enum AtomicFile {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// The name under which this process writes a file until it is finished.
  static func temporaryName(for path: String) -> String { "\(path)\(mark)\(getpid())" }

  private static let mark = ".partial-"

  /// Removes what processes that are gone left unfinished beside a file.
  static func removeAbandoned(beside path: String) {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { String(path[...$0]) } ?? "./"
    let prefix = String(path[(slash.map { path.index(after: $0) } ?? path.startIndex)...]) + mark
    guard let stream = opendir(folder) else { return }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard name.hasPrefix(prefix), let process = pid_t(name.dropFirst(prefix.count)) else { continue }
      if process == getpid() || (kill(process, 0) != 0 && errno == ESRCH) { unlink(folder + name) }
    }
  }

  /// Writes a finished file through to the disk and gives it its name, replacing what has it.
  static func move(_ temporary: String, to path: String) throws(Failure) {
    let descriptor = open(temporary, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(description: String(cString: strerror(errno))) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0, rename(temporary, path) == 0 else {
      throw Failure(description: String(cString: strerror(errno)))
    }
  }
}
