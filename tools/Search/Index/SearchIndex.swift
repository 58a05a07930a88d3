import AgentCore
import Foundation
import GRDB

/// A search index on disk, open for queries.
///
/// The file is never written to. Queries run on a few threads of the index's own, each with its own connection; any
/// number of sessions may share one index.
public final class SearchIndex: Retriever {
  public let path: String
  public let description: IndexDescription
  /// Most Unicode scalars of a passage's text in a hit.
  public let snippetLength: Int
  private let pool: ReaderPool

  /// Opens an index. Blocks for as long as that takes (milliseconds).
  ///
  /// - Parameters:
  ///   - readers: queries at the same time; nil: one for each core, at most four.
  ///   - cacheBytes: memory for posting lists.
  public init(
    path: String, snippetLength: Int = SearchLimits().snippetLength, readers: Int? = nil, cacheBytes: Int = 256 << 20
  ) throws(SearchIndexError) {
    self.path = path
    self.snippetLength = snippetLength
    do {
      guard FileManager.default.fileExists(atPath: path) else { throw SearchIndexError.notFound(path: path) }
      let count = max(1, readers ?? min(4, ProcessInfo.processInfo.activeProcessorCount))
      let connections = try (0..<count).map { _ in try Self.connect(path) }
      let contents = try connections[0].inDatabase { try IndexContents($0, path: path, cacheBytes: cacheBytes) }
      description = contents.description
      pool = ReaderPool(try connections.map { try IndexReader($0, contents: contents) })
    } catch {
      throw SearchIndexError(error, path: path)
    }
  }

  private static func connect(_ path: String) throws -> DatabaseQueue {
    var configuration = GRDB.Configuration()
    configuration.readonly = true
    configuration.label = "search-index"
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA cache_size = -16384")
    }
    return try DatabaseQueue(path: try ImmutableFile.name(path), configuration: configuration)
  }

  public var filterFields: [FilterField] { description.filterFields }

  public var digest: String? { description.digest }

  public func search(_ query: SearchQuery, deadline: ContinuousClock.Instant) async throws -> [SearchHit] {
    let (path, snippetLength) = (path, snippetLength)
    return try await pool.run { reader, db in
      guard ContinuousClock.now < deadline else { throw DeadlineExceeded() }
      do {
        return try reader.search(query, snippetLength: snippetLength, in: db)
      } catch let error as RetrievalError {
        throw error
      } catch {
        throw SearchIndexError(error, path: path)
      }
    }
  }

  /// Runs database code on one of the readers; for measurements and tests.
  func read<Value: Sendable>(_ body: @escaping @Sendable (IndexReader, Database) throws -> Value) async throws -> Value
  {
    try await pool.run(body)
  }
}

/// How SQLite is told that nobody writes a file: it then takes no locks and looks for no journal.
private enum ImmutableFile {
  /// A `file:` address where this build of SQLite reads those, else the path itself.
  static func name(_ path: String) throws -> String {
    let absolute = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    let readsAddresses = try DatabaseQueue().inDatabase {
      try Bool.fetchOne($0, sql: "SELECT sqlite_compileoption_used('USE_URI')") ?? false
    }
    guard readsAddresses else { return absolute }
    var name = "file:"
    for byte in absolute.utf8 {
      switch UnicodeScalar(byte) {
      case "a"..."z", "A"..."Z", "0"..."9", "/", "-", "_", ".": name.unicodeScalars.append(UnicodeScalar(byte))
      default: name += "%" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
      }
    }
    return name + "?immutable=1"
  }
}
