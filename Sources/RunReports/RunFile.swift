import Glibc

/// Whole-file reads, atomic whole-file writes and appends, with errors that name the file.
enum RunFile {
  /// The bytes of a file, or nil if there is none.
  static func readIfPresent(_ path: String) throws(RunReportError) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 {
      if errno == ENOENT { return nil }
      throw failure("read", path)
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("read", path) }
      guard count > 0 else { return bytes }
      bytes.append(contentsOf: chunk[..<count])
    }
  }

  /// Opens a file for appending, creating it if need be.
  static func openForAppending(_ path: String) throws(RunReportError) -> Int32 {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("write", path) }
    return descriptor
  }

  /// Writes all bytes. They are the kernel's when this returns, so they outlive a killed process.
  static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(RunReportError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress.map { $0 + written }, bytes.count - written)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("write", path) }
      written += count
    }
  }

  /// Replaces a file: readers see the old content or the new one, never a part.
  static func replace(_ path: String, with bytes: [UInt8]) throws(RunReportError) {
    let temporary = "\(path).\(getpid()).partial"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("write", path) }
    do throws(RunReportError) {
      try write(bytes, to: descriptor, path: path)
      guard fsync(descriptor) == 0 else { throw failure("write", path) }
    } catch {
      close(descriptor)
      unlink(temporary)
      throw error
    }
    guard close(descriptor) == 0, rename(temporary, path) == 0 else {
      let error = failure("write", path)
      unlink(temporary)
      throw error
    }
  }

  /// Cuts a file to its first `length` bytes.
  static func truncate(_ path: String, to length: Int) throws(RunReportError) {
    guard Glibc.truncate(path, off_t(length)) == 0 else { throw failure("truncate", path) }
  }

  static func failure(_ operation: String, _ path: String) -> RunReportError {
    .file(operation: operation, path: path, reason: String(cString: strerror(errno)))
  }
}
