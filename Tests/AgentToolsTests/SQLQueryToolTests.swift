import AgentCore
import Foundation
import GRDBSQLite
import Testing

@testable import AgentTools

@Suite struct SQLQueryToolTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = "\(folder.path)/cities 100%?#.sqlite"
    var database: OpaquePointer?
    #expect(sqlite3_open(path, &database) == SQLITE_OK)
    defer { sqlite3_close(database) }
    let statements = """
      CREATE TABLE city (name TEXT, population INTEGER, area REAL, flag BLOB);
      INSERT INTO city VALUES ('Paris', 2102650, 105.4, x'00ff'), ('Rome', 2748109, 1287.36, NULL);
      CREATE TABLE number (n INTEGER PRIMARY KEY);
      WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000) INSERT INTO number SELECT n FROM c;
      CREATE VIEW big AS SELECT name FROM city WHERE population > 2500000;
      """
    #expect(sqlite3_exec(database, statements, nil, nil, nil) == SQLITE_OK)
  }

  private func tool(_ change: (inout SQLQuerySettings) -> Void = { _ in }) throws -> SQLQueryTool {
    var settings = SQLQuerySettings(database: path)
    change(&settings)
    return try SQLQueryTool(settings: settings)
  }

  private func ask(
    _ query: String, change: (inout SQLQuerySettings) -> Void = { _ in }
  ) async throws -> ToolResult {
    try await ToolRegistry([tool(change)]).call(
      ToolCall(id: "c", name: "sql", arguments: ["query": .string(query)]), deadline: .now + .seconds(30))
  }

  @Test("a query's rows are a table")
  func rows() async throws {
    #expect(
      try await ask("SELECT * FROM city ORDER BY name;").content == """
        name | population | area | flag
        Paris | 2102650 | 105.4 | x'00ff'
        Rome | 2748109 | 1287.36 | NULL
        """)
    #expect(try await ask("SELECT name AS town FROM big -- a view").content == "town\nRome")
    #expect(try await ask("SELECT 1 WHERE 0").content == "1\n(no rows)")
    #expect(
      try await ask("SELECT 'a|b' || char(10) || char(9) || '\\' AS x").content == "x\na\\|b\\n\\t\\\\")
    #expect(try await ask("SELECT name FROM pragma_table_info('city') LIMIT 1").content == "name\nname")
    #expect(try await ask("PRAGMA table_info(number)").status == .ok)
    #expect(
      try await ask("WITH RECURSIVE c(n) AS (SELECT 1 UNION SELECT n*2 FROM c WHERE n < 9) SELECT max(n) FROM c")
        .content == "max(n)\n16")
  }

  @Test("the description lists the tables, bounded")
  func description() throws {
    let description = try tool().schema.description
    #expect(description.contains("Tables: big(name TEXT); city(name TEXT, population INTEGER, area REAL, flag BLOB); "))
    var database: OpaquePointer?
    sqlite3_open(path, &database)
    for index in 0..<500 { sqlite3_exec(database, "CREATE TABLE another\(index) (column1, column2)", nil, nil, nil) }
    sqlite3_close(database)
    let long = try tool().schema.description
    #expect(long.utf8.count < 4000)
    #expect(long.contains(" more (SELECT name FROM sqlite_master lists them)."))
  }

  @Test("rows beyond the limit are counted")
  func limits() async throws {
    let few = try await ask("SELECT n FROM number") { $0.maxRows = 2 }
    #expect(few.content == "n\n1\n2\n… 2998 more rows")
    let many = try await ask("SELECT a.n FROM number a, number b") { $0.maxRows = 1 }
    #expect(many.content == "n\n1\n… more than 10000 more rows")
    let short = try await ask("SELECT n FROM number") { $0.maxCharacters = 10 }
    #expect(short.content == "n\n1\n2\n3\n4\n… 2996 more rows")
    let wide = try await ask("SELECT hex(zeroblob(2500))") { $0.maxCharacters = 100 }
    #expect(wide.content.count < 250)
  }

  @Test("what does not exist is answered with what does")
  func names() async throws {
    #expect(
      try await ask("SELECT * FROM town").content == "error: no such table: town; the tables are: big, city, number")
    #expect(
      try await ask("SELECT size FROM City").content
        == "error: no such column: size; city(name TEXT, population INTEGER, area REAL, flag BLOB)")
    #expect(try await ask("SELEC 1").content == "error: near \"SELEC\": syntax error")
    #expect(try await ask("  -- nothing").content == "error: there is no statement in the query")
    #expect(try await ask("SELECT 1\0; SELECT 2").content == "error: the query contains a NUL character")
    #expect(try await ask("SELECT 1; SELECT 2").content.hasPrefix("error: one statement at a time"))
    #expect(try await ask("SELECT 1;; -- done\n ;").status == .ok)
  }

  @Test(
    "everything but reading is refused",
    arguments: [
      "INSERT INTO city VALUES ('x', 1, 1, 1)", "DELETE FROM city", "DROP TABLE city", "CREATE TABLE t (x)",
      "CREATE TEMP TABLE t AS SELECT 1", "ATTACH '/tmp/agent-tools-attack.sqlite' AS x",
      "VACUUM INTO '/tmp/agent-tools-attack.sqlite'",
      "PRAGMA database_list", "SELECT * FROM pragma_database_list", "PRAGMA journal_mode = DELETE",
      "PRAGMA writable_schema = 1", "PRAGMA temp_store_directory = '/'", "BEGIN", "SAVEPOINT s", "ANALYZE",
      "SELECT load_extension('/tmp/x.so')", "CREATE VIRTUAL TABLE v USING fts5(x)", "ALTER TABLE city RENAME TO t",
      "UPDATE sqlite_master SET sql = ''", "DETACH main", "EXPLAIN DELETE FROM city",
      "WITH x AS (SELECT 1) INSERT INTO city SELECT 1, 2, 3, 4",
    ])
  func reading(query: String) async throws {
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(try await ask(query).status == .error)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    #expect(!FileManager.default.fileExists(atPath: "/tmp/agent-tools-attack.sqlite"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
  }

  @Test(
    "a query that would take forever ends in time",
    arguments: [
      "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c",
      "SELECT count(*) FROM number a, number b, number c, number d",
      "SELECT max(instr(hex(zeroblob(100000)), hex(zeroblob(50000)) || n)) FROM number, (SELECT 1 FROM number)",
      "SELECT sum(length(replace(hex(zeroblob(50000)), '0', '111'))) FROM number, (SELECT 1 FROM number)",
      "SELECT sum(hex(zeroblob(1000)) LIKE '%0%0%0%0%0%0%0%0%0%0%0%b') FROM number a, number b",
    ])
  func endless(query: String) async throws {
    let result = try await ask(query) { $0.timeout = .milliseconds(300) }
    #expect(result.status == .timeout, "\(result.content)")
    #expect(result.content.contains("took too long"))
  }

  @Test(
    "a query that would take everything is refused",
    arguments: [
      "SELECT randomblob(1000000000)", "SELECT printf('%.*c', 2000000000, 'x')", "SELECT format('%d', 1)",
      "SELECT zeroblob(2000000)", "SELECT hex(zeroblob(900000))",
      "SELECT group_concat(hex(zeroblob(5000))) FROM number",
      "SELECT " + String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000),
      "SELECT " + Array(repeating: "abs(1)", count: 200).joined(separator: "+"),
      "SELECT 'a' LIKE '" + String(repeating: "%a", count: 200) + "'",
      "SELECT " + Array(repeating: "1", count: 3000).joined(separator: ","),
    ])
  func huge(query: String) async throws {
    let result = try await ask(query)
    #expect(result.status == .error, "\(result.content.prefix(200))")
  }

  @Test("a query that fills memory is stopped")
  func memory() async throws {
    let result = try await ask("SELECT n, randomblob(500000) AS b FROM number ORDER BY b") {
      $0.memoryBytes = 32 << 20
    }
    #expect(result.content == "error: the query needs more than 32 MiB of memory: select less")
  }

  @Test("cancelling the call stops the query")
  func cancellation() async throws {
    let tool = try tool { $0.timeout = .seconds(1000) }
    let call = Task {
      try await tool.call(
        ["query": "SELECT count(*) FROM number a, number b, number c, number d"],
        context: ToolContext(callID: "c", deadline: .now + .seconds(1000)))
    }
    try await Task.sleep(for: .milliseconds(50))
    call.cancel()
    await #expect(throws: CancellationError.self) { try await call.value }
  }

  @Test("instr and replace give what SQLite's own give", arguments: 0..<4)
  func textFunctions(seed: Int) async throws {
    var plain: OpaquePointer?
    sqlite3_open(":memory:", &plain)
    defer { sqlite3_close(plain) }
    var random = RandomStream(seed: seed, purpose: "test")
    func literal() -> String {
      let characters = ["a", "b", "é", "🙂", "''"]
      let text = (0..<Int(random.next() % 6)).map { _ in characters[Int(random.next() % 5)] }.joined()
      switch random.next() % 12 {
      case 0: return "NULL"
      case 1: return "121"
      case 2: return "x'6161'"
      default: return "'\(text)'"
      }
    }
    for _ in 0..<60 {
      let (a, b, c) = (literal(), literal(), literal())
      let query = "SELECT quote(instr(\(a), \(b))) || ' ' || quote(replace(\(a), \(b), \(c)))"
      var statement: OpaquePointer?
      sqlite3_prepare_v2(plain, query, -1, &statement, nil)
      defer { sqlite3_finalize(statement) }
      #expect(sqlite3_step(statement) == SQLITE_ROW)
      let expected = String(cString: sqlite3_column_text(statement, 0))
      let found = try await ask(query + " AS x").content
      #expect(found == "x\n" + ResultTable.cell(expected), "\(query)")
    }
  }

  @Test("any text is a result")
  func fuzz() async throws {
    let registry = try ToolRegistry([tool { $0.timeout = .milliseconds(200) }])
    let words = [
      "SELECT", "FROM", "city", "number", "*", "(", ")", ",", "'", "\"", "WHERE", "n", "=", "1", "UNION", "ALL", "WITH",
      "RECURSIVE", "AS", ";", "--", "/*", "*/", "x'0'", "\0", "é", "LIKE", "%", "GROUP BY", "ORDER BY", "count(*)",
      "?1", "[",
    ]
    var random = RandomStream(seed: 3, purpose: "test")
    for _ in 0..<400 {
      let query = (0..<Int(1 + random.next() % 14)).map { _ in words[Int(random.next() % UInt64(words.count))] }
        .joined(separator: " ")
      let result = await registry.call(
        ToolCall(id: "c", name: "sql", arguments: ["query": .string(query)]), deadline: .now + .seconds(30))
      #expect(!result.content.isEmpty)
    }
  }

  @Test("a file that is no database, or has unfinished writes, is refused with what to do")
  func badFiles() throws {
    #expect(throws: SQLDatabaseError.unreadable(path: "/nowhere", reason: "there is no such file")) {
      try SQLDatabase(path: "/nowhere")
    }
    let text = try folder.file("text.sqlite", String(repeating: "no database at all ", count: 100))
    #expect(throws: SQLDatabaseError.unreadable(path: text, reason: "file is not a database")) {
      try SQLDatabase(path: text)
    }
    _ = try folder.file("log.sqlite")
    _ = try folder.file("log.sqlite-wal", "x")
    #expect(throws: SQLDatabaseError.unfinishedWrites(path: "\(folder.path)/log.sqlite")) {
      try SQLDatabase(path: "\(folder.path)/log.sqlite")
    }
  }

  @Test("a corrupt file gives errors")
  func corrupt() async throws {
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    var random = RandomStream(seed: 5, purpose: "test")
    for index in 0..<30 {
      var bytes = [UInt8](whole)
      for _ in 0..<40 { bytes[100 + Int(random.next() % UInt64(bytes.count - 100))] = UInt8(random.next() & 255) }
      let file = "\(folder.path)/broken\(index).sqlite"
      try Data(bytes).write(to: URL(fileURLWithPath: file))
      guard let tool = try? SQLQueryTool(settings: SQLQuerySettings(database: file)) else { continue }
      for query in ["SELECT * FROM city", "SELECT sum(n) FROM number", "SELECT * FROM sqlite_master"] {
        _ = try await tool.call(
          ["query": .string(query)], context: ToolContext(callID: "c", deadline: .now + .seconds(10)))
      }
    }
  }
}
