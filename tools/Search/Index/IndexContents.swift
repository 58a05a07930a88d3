import AgentCore
import Foundation
import GRDB

/// What the readers of an index share: everything but the connection.
final class IndexContents: Sendable {
  let path: String
  let description: IndexDescription
  let formula: BM25
  /// `BM25.lengthNorm`, by passage.
  let lengthNorms: [Double]
  /// The passage's place when all are sorted by id.
  let idOrder: [UInt32]
  let postings: PostingCache
  let filterNames: Set<String>

  init(_ db: Database, path: String, cacheBytes: Int) throws {
    guard try Int.fetchOne(db, sql: "PRAGMA application_id") == IndexFormat.applicationID else {
      throw SearchIndexError.notAnIndex(path: path)
    }
    let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    guard version == IndexFormat.version else {
      throw SearchIndexError.otherFormat(path: path, found: version, known: IndexFormat.version)
    }
    let text = try String.fetchOne(db, sql: "SELECT json FROM description") ?? ""
    do {
      description = try IndexDescription(json: JSONValue(parsing: text))
    } catch {
      throw SearchIndexError.corrupt(path: path, reason: "its description: \(error)")
    }
    self.path = path
    let formula = BM25(documentCount: description.passages, wordCount: description.words)
    self.formula = formula
    let count = description.passages
    lengthNorms = try Self.array("lengths", count: count, in: db, path: path).map { formula.lengthNorm(Int($0)) }
    idOrder = try Self.array("id_order", count: count, in: db, path: path)
    postings = PostingCache(capacity: cacheBytes)
    filterNames = Set(description.filterFields.map(\.name))
  }

  private static func array(_ name: String, count: Int, in db: Database, path: String) throws -> [UInt32] {
    let data = try Data.fetchOne(db, sql: "SELECT data FROM arrays WHERE name = ?", arguments: [name]) ?? Data()
    guard data.count == 4 * count else {
      throw SearchIndexError.corrupt(path: path, reason: "\(data.count / 4) \(name) for \(count) passages")
    }
    return [UInt32](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = data.copyBytes(to: buffer) / 4
    }
  }
}
