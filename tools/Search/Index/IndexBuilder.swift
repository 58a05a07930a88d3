import AgentCore
import Foundation
import GRDB

/// Builds a search index from a corpus of JSON lines.
///
/// The index is written beside its final place and moved there when it is complete: whoever has the old one open keeps
/// it, and no one ever sees half of one. The same corpus and options give the same answers.
public struct IndexBuilder: Sendable {
  public var tokenizer: WordTokenizerKind
  /// Leaves out lines that cannot be used instead of stopping at the first.
  public var skipsBadLines: Bool
  /// Memory for posting lists, in bytes; beyond it they are written out in runs.
  public var memoryBytes: Int

  public init(tokenizer: WordTokenizerKind = .porter, skipsBadLines: Bool = false, memoryBytes: Int = 512 << 20) {
    self.tokenizer = tokenizer
    self.skipsBadLines = skipsBadLines
    self.memoryBytes = memoryBytes
  }

  /// Builds the index of a corpus at `output`, replacing an index that is there; any other file stays and is an error.
  /// Blocks until it is done.
  ///
  /// - Parameter progress: called a few hundred times.
  public func build(
    corpus: String, output: String, progress: (IndexProgress) -> Void = { _ in }
  ) throws(SearchIndexError) -> IndexReport {
    let start = ContinuousClock.now
    var reader = try CorpusReader(path: corpus)
    guard FileStatus(output) == nil || IndexFormat.marks(output) else { throw .wouldReplace(path: output) }
    AtomicFile.removeAbandoned(beside: output)
    let partial = AtomicFile.temporaryName(for: output)
    defer { unlink(partial) }
    let result: (description: IndexDescription, skipped: [(line: Int, reason: String)])
    do {
      result = try write(&reader, to: partial, progress)
    } catch {
      let error = SearchIndexError(error, path: partial)
      if case .cannotOpen(_, let reason) = error { throw .cannotWrite(path: output, reason: reason) }
      throw error
    }
    do {
      try AtomicFile.move(partial, to: output)
    } catch {
      throw .cannotWrite(path: output, reason: error.description)
    }
    return IndexReport(
      path: output, description: result.description, skipped: result.skipped, bytes: FileStatus(output)?.size ?? 0,
      duration: ContinuousClock.now - start)
  }

  private func write(
    _ reader: inout CorpusReader, to path: String, _ progress: (IndexProgress) -> Void
  ) throws -> (IndexDescription, [(line: Int, reason: String)]) {
    var configuration = GRDB.Configuration()
    configuration.label = "search-index"
    let database = try DatabaseQueue(path: path, configuration: configuration)
    defer { try? database.close() }
    return try database.inDatabase { db in
      // The file is thrown away if anything fails.
      try db.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536")
      var result: (IndexDescription, [(line: Int, reason: String)])?
      try db.inTransaction {
        try db.execute(sql: IndexFormat.tables(tokenizer))
        var writer = try IndexWriter(db, tokenizer: tokenizer, memoryBytes: memoryBytes)
        let skipped = try readPassages(&reader, into: &writer, progress)
        guard writer.passageCount > 0 else { throw SearchIndexError.emptyCorpus(path: reader.path) }
        let (corpusBytes, count) = (reader.bytesRead, writer.passageCount)
        let description = try writer.finish(
          corpusDigest: reader.takeDigest(), corpusBytes: corpusBytes, skippedLines: skipped.count
        ) { progress(IndexProgress(phase: .writing, passages: count, fraction: 0.8 + 0.2 * $0)) }
        try db.execute(sql: "PRAGMA application_id = \(IndexFormat.applicationID)")
        try db.execute(sql: "PRAGMA user_version = \(IndexFormat.version)")
        result = (description, Array(skipped.first))
        return .commit
      }
      guard let result else { preconditionFailure("the transaction ended without a result") }
      return result
    }
  }

  private func readPassages(
    _ reader: inout CorpusReader, into writer: inout IndexWriter, _ progress: (IndexProgress) -> Void
  ) throws -> SkippedLines {
    var skipped = SkippedLines()
    let step = max(1, reader.size / 200)
    var reported = 0
    while let line = try reader.next() {
      do {
        try add(line, at: reader.lineNumber, of: reader.path, to: &writer)
      } catch let error as SearchIndexError {
        guard skipsBadLines, let reason = error.lineReason else { throw error }
        skipped.add(line: reader.lineNumber, reason: reason)
      }
      if reader.bytesRead >= reported {
        reported = reader.bytesRead + step
        let fraction = 0.8 * Double(reader.bytesRead) / Double(max(1, reader.size))
        progress(IndexProgress(phase: .reading, passages: writer.passageCount, fraction: min(0.8, fraction)))
      }
    }
    return skipped
  }

  private func add(_ line: [UInt8], at number: Int, of source: String, to writer: inout IndexWriter) throws {
    let passage: Passage
    do {
      passage = try Passage(line)
    } catch {
      let reason =
        switch error {
        case .syntax(let reason, _, let column): "invalid JSON at column \(column): \(reason)"
        case .value: error.description
        }
      throw SearchIndexError.badLine(source: source, line: number, reason: reason)
    }
    if let first = try writer.add(passage, line: number) {
      throw SearchIndexError.duplicateID(source: source, line: number, id: passage.id, firstLine: first)
    }
  }
}

/// Lines that were left out: all are counted, the first are kept.
private struct SkippedLines {
  private(set) var count = 0
  private(set) var first: [(line: Int, reason: String)] = []

  mutating func add(line: Int, reason: String) {
    count += 1
    if first.count < 10 { first.append((line, reason)) }
  }
}

extension SearchIndexError {
  /// What is wrong with one line; nil for any other error.
  fileprivate var lineReason: String? {
    switch self {
    case .badLine(_, _, let reason): reason
    case .duplicateID(_, _, let id, let first): "the id `\(id.prefix(200))` is that of line \(first), too"
    default: nil
    }
  }
}
