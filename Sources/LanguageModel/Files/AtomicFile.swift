import Glibc

/// A file that appears under its name only when it is complete and on disk.
final class AtomicFile {
  private let path: String
  private let temporary: String
  private let descriptor: Int32
  private var committed = false

  init(_ path: String) throws(ModelFileError) {
    self.path = path
    temporary = "\(path).\(getpid()).partial"
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .system(path: temporary, operation: "create", reason: lastSystemError()) }
  }

  deinit {
    close(descriptor)
    if !committed { unlink(temporary) }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
    try Self.writeAll(bytes, to: descriptor, path: temporary)
  }

  static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String) throws(ModelFileError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let written = Glibc.write(descriptor, part.baseAddress, min(part.count, 1 << 30))
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw .system(path: path, operation: "write", reason: lastSystemError()) }
      rest = rest.dropFirst(written)
    }
  }

  func write(_ text: String) throws(ModelFileError) {
    try Array(text.utf8).withUnsafeBufferPointer { (bytes) throws(ModelFileError) in
      try write(UnsafeRawBufferPointer(bytes))
    }
  }

  /// Flushes to disk and takes the name.
  func commit() throws(ModelFileError) {
    guard fsync(descriptor) == 0 else { throw failure("flush") }
    guard rename(temporary, path) == 0 else { throw failure("rename to \(path)") }
    committed = true
    // The name itself lives in the folder.
    let folder = open(ModelFile.parentFolder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { return }
    fsync(folder)
    close(folder)
  }

  private func failure(_ operation: String) -> ModelFileError {
    .system(path: temporary, operation: operation, reason: lastSystemError())
  }
}

/// Makes a folder and those above it.
func makeFolder(_ path: String) throws(ModelFileError) {
  if ModelFile.isFolder(path) { return }
  let parent = ModelFile.parentFolder(of: path)
  if parent != path, parent != "." { try makeFolder(parent) }
  guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
    throw .system(path: path, operation: "make the folder", reason: lastSystemError())
  }
}
