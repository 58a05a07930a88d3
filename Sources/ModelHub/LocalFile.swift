import Glibc

/// An open file, closed with this value. Every failure says which operation on which path.
struct LocalFile: ~Copyable {
  let path: String
  private let descriptor: Int32

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Opens an existing file to read; nil if there is none.
  static func existing(_ path: String) throws(ModelHubError) -> LocalFile? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0, errno == ENOENT { return nil }
    guard descriptor >= 0 else { throw failure("open", path) }
    return LocalFile(path: path, descriptor: descriptor)
  }

  /// Opens or creates a file to write, and locks it against other processes until it is closed.
  ///
  /// - Throws: `alreadyPulling` if another holds the lock.
  static func lockedForWriting(_ path: String) throws(ModelHubError) -> LocalFile {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("create", path) }
    let file = LocalFile(path: path, descriptor: descriptor)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      if errno == EWOULDBLOCK { throw .alreadyPulling(path: path) }
      throw failure("lock", path)
    }
    return file
  }

  /// Bytes in the file now.
  func size() throws(ModelHubError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failure("inspect", path) }
    return Int(status.st_size)
  }

  func truncate(to size: Int) throws(ModelHubError) {
    guard ftruncate(descriptor, off_t(size)) == 0 else { throw Self.failure("truncate", path) }
  }

  /// Writes all bytes at an offset.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(ModelHubError) {
    var written = 0
    while written < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
      let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + written))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.failure("write", path) }
      written += count
    }
  }

  /// Hands out the content from the start, a piece at a time.
  func readAll(_ body: (UnsafeRawBufferPointer) -> Void) throws(ModelHubError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { buffer.deallocate() }
    var offset = 0
    while true {
      let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Self.failure("read", path) }
      guard count > 0 else { return }
      body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      offset += count
    }
  }

  /// Gives the file its final name, with its bytes on the disk before the name is.
  func publish(as target: String) throws(ModelHubError) {
    guard fsync(descriptor) == 0 else { throw Self.failure("write", path) }
    guard rename(path, target) == 0 else { throw Self.failure("rename", path) }
    let folder = open(LocalFolder.parent(of: target), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { return }
    // The bytes are safe already; a file system that cannot sync folders still has the file.
    _ = fsync(folder)
    close(folder)
  }

  /// The error for `errno` as it is now.
  static func failure(_ operation: String, _ path: String) -> ModelHubError {
    let code = errno
    if code == ENOSPC || code == EDQUOT {
      return .diskFull(path: path, neededBytes: nil, availableBytes: nil)
    }
    return .fileSystem(operation: operation, path: path, reason: String(cString: strerror(code)))
  }
}
