import AgentCore

/// What a manifest may say about an attached database.
public struct SQLQuerySettings: Sendable, Hashable {
  /// Path of the SQLite file. It is not written to, and nobody else may write to it while sessions run.
  public var database: String
  /// Rows shown of a result; how many more there are is said.
  public var maxRows = 50
  /// Unicode scalars of a result.
  public var maxCharacters = 4000
  /// For one query.
  public var timeout = Duration.seconds(5)
  /// How far one query may grow the memory of SQLite.
  public var memoryBytes = 256 << 20

  public init(database: String) {
    self.database = database
  }
}

/// Read-only SQL over an attached SQLite database: `{"query": "SELECT name FROM city LIMIT 1"}` → `name\nParis`.
public struct SQLQueryTool: Tool {
  public let schema: ToolSchema
  public let pureOver: String?
  private let database: SQLDatabase
  private let settings: SQLQuerySettings

  private static let databases = FilesRead<SQLDatabase>(limit: 64)

  /// Reads the file, unless it was read before and has not changed.
  /// - Throws: `SQLDatabaseError` if the file is no SQLite database that can be read as it stands.
  public init(settings: SQLQuerySettings) throws(SQLDatabaseError) {
    try SQLDatabase.checkFinished(path: settings.database)
    let database = try Self.databases.value(at: settings.database) { path throws(SQLDatabaseError) in
      try SQLDatabase(path: path)
    }
    self.init(database: database, settings: settings)
  }

  /// A tool over a database that was read before; sessions share it.
  public init(database: SQLDatabase, settings: SQLQuerySettings) {
    self.database = database
    self.settings = settings
    pureOver = "\(database.digest) \(settings.maxRows) \(settings.maxCharacters)"
    schema = ToolSchema(
      name: "sql",
      description: "Run one read-only SQLite query (SELECT or WITH) and get its rows. At most \(settings.maxRows) rows "
        + "are shown: filter, aggregate and LIMIT in the query. Tables: \(database.summary)",
      parameters: [
        "type": "object",
        "properties": [
          "query": [
            "type": "string", "minLength": 1, "maxLength": JSONValue(SQLConnection.maxQueryBytes),
            "description": "One SELECT statement, e.g. SELECT count(*) FROM t WHERE x > 3",
          ]
        ],
        "required": ["query"],
        "additionalProperties": false,
      ])
  }

  public func call(_ arguments: JSONObject, context: ToolContext) async throws -> ToolOutput {
    let query = arguments["query"]?.stringValue ?? ""
    let deadline = min(context.deadline, .now + settings.timeout)
    let (database, settings) = (database, settings)
    let result = await BlockingThread.run(named: "sql") { flag in
      Result { () throws(SQLQueryError) in
        let limits = SQLConnection.Limits(deadline: deadline, memoryBytes: settings.memoryBytes, cancelled: flag)
        let connection = try SQLConnection(path: database.path, limits: limits)
        return try connection.rows(
          of: query, into: ResultTable(maxRows: settings.maxRows, maxCharacters: settings.maxCharacters))
      }
    }
    switch result {
    case .success(let table): return .ok(table.text)
    case .failure(.outOfTime): return .timeout("the query took too long: read fewer rows, or join on indexed columns")
    case .failure(.cancelled): throw CancellationError()
    case .failure(let error): return .error(database.explanation(of: error, in: query))
    }
  }
}
