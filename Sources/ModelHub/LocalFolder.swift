import Glibc

/// What is done to folders by path.
enum LocalFolder {
  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Creates a folder and those above it; one that exists is fine.
  static func create(_ path: String) throws(ModelHubError) {
    if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, path != ".", path != "/" else { throw LocalFile.failure("create the folder", path) }
    try create(parent(of: path))
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw LocalFile.failure("create the folder", path) }
  }

  /// Bytes an ordinary user may still write there; nil where the file system does not say.
  static func availableBytes(_ path: String) -> Int? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    let (bytes, overflow) = Int(clamping: status.f_bavail).multipliedReportingOverflow(by: Int(status.f_frsize))
    return overflow ? nil : bytes
  }

  static func sizeOfFile(_ path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  static func removeFile(_ path: String) { unlink(path) }
}
