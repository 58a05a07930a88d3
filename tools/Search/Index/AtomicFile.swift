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
