import AgentCore
import Foundation

/// An SQLite file as queries find it: its digest and its tables, read once and shared by all sessions.
public struct SQLDatabase: Sendable {
  public let path: String
  /// Of the file's bytes.
  public let digest: String
  /// Tables and views in alphabetical order, with their columns.
  public let tables: [SQLTable]

  public struct SQLTable: Sendable, Hashable {
    public var name: String
    /// Name and declared type, e.g. `population INTEGER`.
    public var columns: [String]

    var text: String { "\(name)(\(columns.joined(separator: ", ")))" }
  }

  /// Characters of the tables' list in the tool's description.
  private static let maxSummary = 3000

  public init(path: String) throws(SQLDatabaseError) {
    self.path = path
    guard FileManager.default.fileExists(atPath: path) else {
      throw .unreadable(path: path, reason: "there is no such file")
    }
    try Self.checkFinished(path: path)
    do {
      digest = try Self.digest(ofFile: path)
      tables = try Self.readTables(path)
    } catch {
      throw .unreadable(path: path, reason: "\(error)")
    }
  }

  /// - Throws: `unfinishedWrites` if there is a log of writes beside the file.
  static func checkFinished(path: String) throws(SQLDatabaseError) {
    let log = try? FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? NSNumber
    guard (log?.intValue ?? 0) == 0 else { throw .unfinishedWrites(path: path) }
  }

  private static func digest(ofFile path: String) throws -> String {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    let digest = ContentDigest()
    bytes.withUnsafeBytes { digest.update($0) }
    return digest.finalized()
  }

  private static func readTables(_ path: String) throws(SQLQueryError) -> [SQLTable] {
    let connection = try SQLConnection(path: path, limits: SQLConnection.Limits(deadline: .now + .seconds(60)))
    var tables: [SQLTable] = []
    try connection.forEachRow(of: tablesQuery) { row in
      let column = [row.text(1), row.text(2)].filter { !$0.isEmpty }.joined(separator: " ")
      if tables.last?.name == row.text(0) {
        tables[tables.count - 1].columns.append(column)
      } else {
        tables.append(SQLTable(name: row.text(0), columns: [column]))
      }
    }
    return tables
  }

  private static let tablesQuery = """
    SELECT t.name, c.name, c.type FROM sqlite_master t, pragma_table_info(t.name) c
    WHERE t.type IN ('table', 'view') AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid
    """

  // MARK: What the policy reads

  /// The tables with their columns; further ones only counted where there are very many.
  var summary: String {
    guard !tables.isEmpty else { return "none." }
    var text = ""
    for (index, table) in tables.enumerated() {
      let next = (index == 0 ? "" : "; ") + table.text
      guard text.utf8.count + next.utf8.count <= Self.maxSummary else {
        return text + "; … \(tables.count - index) more (SELECT name FROM sqlite_master lists them)."
      }
      text += next
    }
    return text + "."
  }

  /// An error, with the names that exist where a name does not.
  func explanation(of error: SQLQueryError, in query: String) -> String {
    let message = error.description
    if message.hasPrefix("no such table") {
      let names = tables.map(\.name)
      let shown = names.prefix(40).joined(separator: ", ")
      return "\(message); the tables are: \(shown)\(names.count > 40 ? ", …" : "")"
    }
    if message.hasPrefix("no such column") {
      let words = Set(query.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init))
      let named = tables.filter { words.contains($0.name.lowercased()) }
      guard !named.isEmpty else { return message }
      return "\(message); \(named.prefix(8).map(\.text).joined(separator: "; "))"
    }
    return message
  }
}
