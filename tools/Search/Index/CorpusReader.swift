import AgentCore
import Glibc

/// Reads a corpus line by line, digesting what it reads. Holds one line at a time.
struct CorpusReader: ~Copyable {
  /// Longest line, in bytes.
  static let maxLineBytes = 64 << 20

  let path: String
  /// The file's size in bytes.
  let size: Int
  private(set) var bytesRead = 0
  private(set) var lineNumber = 0
  private let descriptor: CInt
  private var digest: ContentDigest? = ContentDigest()
  private var buffer = [UInt8](repeating: 0, count: 1 << 20)
  private var start = 0
  private var end = 0

  init(path: String) throws(SearchIndexError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .noCorpus(path: path, reason: String(cString: strerror(errno))) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .noCorpus(path: path, reason: "it is not a regular file")
    }
    self.path = path
    self.descriptor = descriptor
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// The next line that is not blank, without its line feed; nil at the end.
  mutating func next() throws(SearchIndexError) -> [UInt8]? {
    while var line = try readLine() {
      lineNumber += 1
      if lineNumber == 1, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
      if line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) { return line }
    }
    return nil
  }

  /// Reads what is left without looking at lines.
  mutating func skipToEnd() throws(SearchIndexError) {
    while try refill() {}
  }

  /// The digest of everything that was read. Nothing is digested afterwards.
  mutating func takeDigest() -> String { digest.take()?.finalized() ?? "" }

  private mutating func readLine() throws(SearchIndexError) -> [UInt8]? {
    var line: [UInt8] = []
    while true {
      if start == end {
        guard try refill() else { return line.isEmpty ? nil : line }
      }
      let lineFeed = buffer[start..<end].firstIndex(of: 0x0A)
      let stop = lineFeed ?? end
      guard line.count + stop - start <= Self.maxLineBytes else {
        throw .badLine(source: path, line: lineNumber + 1, reason: "longer than \(Self.maxLineBytes >> 20) MiB")
      }
      line.append(contentsOf: buffer[start..<stop])
      start = stop
      if lineFeed != nil {
        start += 1
        return line
      }
    }
  }

  /// - Returns: false at the end of the file.
  private mutating func refill() throws(SearchIndexError) -> Bool {
    var count = 0
    repeat { count = read(descriptor, &buffer, buffer.count) } while count < 0 && errno == EINTR
    guard count >= 0 else { throw .noCorpus(path: path, reason: String(cString: strerror(errno))) }
    (start, end) = (0, count)
    bytesRead += count
    buffer.withUnsafeBytes { digest?.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    return count > 0
  }
}
