import AgentCore
import Glibc

/// The index of a corpus, kept beside it and built when it is missing, old or of another corpus.
public enum CorpusIndex {
  /// Where the index of a corpus is kept.
  public static func path(of corpus: String) -> String { "\(corpus).index.sqlite" }

  /// Opens the index of a corpus, and builds it first if need be. Blocks; another process that builds the same one is
  /// waited for. The corpus is read once to see whether it is still the one that was indexed.
  public static func open(
    corpus: String, builder: IndexBuilder = IndexBuilder(), snippetLength: Int = SearchLimits().snippetLength,
    progress: (IndexProgress) -> Void = { _ in }
  ) throws(SearchIndexError) -> SearchIndex {
    let lock = try CorpusLock(corpus)
    defer { lock.release() }
    let path = path(of: corpus)
    if let index = try? SearchIndex(path: path, snippetLength: snippetLength),
      index.description.tokenizer == builder.tokenizer, index.description.corpusDigest == (try digest(of: corpus))
    {
      return index
    }
    if !IndexFormat.marks(path) { unlink(path) }
    _ = try builder.build(corpus: corpus, output: path, progress: progress)
    return try SearchIndex(path: path, snippetLength: snippetLength)
  }

  private static func digest(of corpus: String) throws(SearchIndexError) -> String {
    var reader = try CorpusReader(path: corpus)
    try reader.skipToEnd()
    return reader.takeDigest()
  }
}

/// Held by the one process that looks after the index of a corpus.
private struct CorpusLock {
  private let descriptor: CInt

  /// Waits for the lock.
  init(_ corpus: String) throws(SearchIndexError) {
    descriptor = Glibc.open(corpus, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .noCorpus(path: corpus, reason: String(cString: strerror(errno))) }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else {
        let reason = String(cString: strerror(errno))
        close(descriptor)
        throw .noCorpus(path: corpus, reason: "it cannot be locked: \(reason)")
      }
    }
  }

  func release() { close(descriptor) }
}
