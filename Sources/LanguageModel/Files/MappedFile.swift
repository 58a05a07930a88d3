import Glibc

/// A file's bytes, mapped read-only. Every read is checked against the file's size.
final class MappedFile {
  let path: String
  let count: Int
  private let base: UnsafeRawPointer?

  init(_ path: String) throws(ModelFileError) {
    self.path = path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path: path, operation: "open", reason: lastSystemError()) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .system(path: path, operation: "read the size of", reason: lastSystemError())
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .system(path: path, operation: "read", reason: "not a regular file")
    }
    count = Int(status.st_size)
    guard count > 0 else {
      base = nil
      return
    }
    let memory = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let memory, memory != MAP_FAILED else {
      throw .system(path: path, operation: "map", reason: lastSystemError())
    }
    base = UnsafeRawPointer(memory)
  }

  deinit {
    if let base { munmap(UnsafeMutableRawPointer(mutating: base), count) }
  }

  /// `length` bytes from `offset`; an error if they are not all in the file. The slice must not outlive this object.
  func bytes(_ offset: Int, _ length: Int, reading: String) throws(ModelFileError) -> UnsafeRawBufferPointer {
    guard offset >= 0, length >= 0, offset <= count, length <= count - offset else {
      throw .truncated(
        path: path, reading: reading, offset: offset, needed: length, available: max(0, count - max(0, offset)))
    }
    guard let base, length > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(start: base + offset, count: length)
  }
}

/// What the system says about the last failed call.
func lastSystemError() -> String { String(cString: strerror(errno)) }
