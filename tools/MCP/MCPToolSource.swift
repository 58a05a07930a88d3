import AgentCore
import Foundation
import ModelContextProtocol
import Synchronization

/// The tools of one external MCP server, listed once and then made for each session.
///
/// What the server lists is fixed from then on: a list that changes is read when the environment is loaded again.
public final class MCPToolSource: Sendable {
  public let settings: MCPToolSettings
  /// The tools' schemas, under the names that policies use.
  public let schemas: [ToolSchema]
  private let tools: [(schema: ToolSchema, description: ToolDescription)]
  /// The connection that all sessions use, where they share one.
  private let shared: Mutex<MCPConnection?>

  private init(
    settings: MCPToolSettings, tools: [(schema: ToolSchema, description: ToolDescription)], shared: MCPConnection?
  ) {
    self.settings = settings
    self.tools = tools
    self.shared = Mutex(shared)
    schemas = tools.map(\.schema)
  }

  /// Connects to the server and lists its tools.
  public static func load(_ settings: MCPToolSettings) async throws(MCPToolError) -> MCPToolSource {
    var settings = settings
    settings.server = try settings.server.resolved(ProcessInfo.processInfo.environment)
    let connection = MCPConnection(settings)
    do {
      let listed = try await connection.client().listTools()
      let tools = try offered(listed, settings)
      if settings.share == .session { await connection.close() }
      return MCPToolSource(
        settings: settings, tools: tools, shared: settings.share == .environment ? connection : nil)
    } catch {
      await connection.close()
      switch error {
      case let error as MCPToolError: throw error
      case let error as MCPError: throw .connection(server: settings.server.label, error)
      default: throw .connection(server: settings.server.label, .cancelled)
      }
    }
  }

  /// `load` for callers that cannot suspend, such as the reader of a manifest: runs it on the calling thread.
  public static func loadBlocking(_ settings: MCPToolSettings) throws(MCPToolError) -> MCPToolSource {
    try CallingThreadExecutor.run { await Result(catching: settings) }.get()
  }

  /// The tools of one new session. Nothing is started before the first call.
  public func makeTools() -> [any Tool] {
    let connection = connectionForSession()
    return tools.map { tool in
      MCPTool(schema: tool.schema, description: tool.description, settings: settings, connection: connection)
    }
  }

  /// Ends a shared connection; sessions that still use it see their calls fail.
  public func close() async {
    let connection = shared.withLock { connection in
      defer { connection = nil }
      return connection
    }
    await connection?.close()
  }

  private func connectionForSession() -> MCPConnection {
    guard settings.share == .environment else { return MCPConnection(settings) }
    return shared.withLock { connection in
      // A server that ended is started again for new sessions only: the old ones have lost what it held, and hear of it.
      if let connection, !connection.hasFailed { return connection }
      let new = MCPConnection(settings)
      connection = new
      return new
    }
  }

  private static func offered(
    _ listed: [ToolDescription], _ settings: MCPToolSettings
  ) throws(MCPToolError) -> [(schema: ToolSchema, description: ToolDescription)] {
    let label = settings.server.label
    var known: [String: ToolDescription] = [:]
    for tool in listed where known.updateValue(tool, forKey: tool.name) != nil {
      throw .duplicateTool(tool.name, server: label)
    }
    var tools: [(ToolSchema, ToolDescription)] = []
    for name in settings.tools ?? listed.map(\.name) {
      guard let tool = known[name] else { throw .noSuchTool(name, server: label, known: listed.map(\.name)) }
      let schema = ToolSchema(
        name: settings.prefix + name, description: tool.description.isEmpty ? tool.title ?? "" : tool.description,
        parameters: tool.inputSchema)
      do { _ = try ArgumentSchema(schema, checking: .lenient) } catch { throw .badSchema(server: label, error) }
      tools.append((schema, tool))
    }
    return tools
  }
}

extension Result where Success == MCPToolSource, Failure == MCPToolError {
  fileprivate init(catching settings: MCPToolSettings) async {
    do { self = .success(try await MCPToolSource.load(settings)) } catch { self = .failure(error) }
  }
}
