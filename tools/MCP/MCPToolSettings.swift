import ModelContextProtocol

/// Which tools of which external server an environment uses, and how.
public struct MCPToolSettings: Sendable {
  /// Who shares a connection, and with it what the server keeps between calls.
  public enum Sharing: String, Sendable, CaseIterable {
    /// Every session has a connection (for a program: a process) of its own.
    case session
    /// All sessions of the environment share one.
    case environment
  }

  public var server: MCPServerAddress
  /// The server's names of the tools to offer; nil for all.
  public var tools: [String]?
  /// Put before each name, to keep tools of several servers apart.
  public var prefix = ""
  public var share = Sharing.session
  public var protocolChoice = ProtocolChoice.auto
  /// For one call, besides the deadline of the turn.
  public var callTimeout = Duration.seconds(60)
  /// The longest text that a call gives; the rest is cut off, and said to be.
  public var maxResultCharacters = 32_768
  public var limits = ConnectionLimits()

  public init(server: MCPServerAddress) { self.server = server }
}

/// Why a server's tools cannot be offered.
public enum MCPToolError: Error, Sendable, CustomStringConvertible {
  case connection(server: String, MCPError)
  /// The settings name a tool that the server does not have.
  case noSuchTool(String, server: String, known: [String])
  /// The server lists two tools of one name.
  case duplicateTool(String, server: String)
  /// A setting refers to an environment variable that is not set.
  case missingVariable(String, server: String)
  /// A tool's schema cannot be one of arguments.
  case badSchema(server: String, ToolError)

  public var description: String {
    switch self {
    case .connection(let server, let error): "MCP server \(server): \(error)"
    case .noSuchTool(let name, let server, let known):
      "MCP server \(server) has no tool `\(name)`; its tools are: \(known.joined(separator: ", "))"
    case .duplicateTool(let name, let server): "MCP server \(server) lists two tools called `\(name)`"
    case .missingVariable(let name, let server):
      "MCP server \(server): its settings refer to `${\(name)}`, and the environment has no variable \(name)"
    case .badSchema(let server, let error): "MCP server \(server): \(error)"
    }
  }
}

extension MCPServerAddress {
  /// As messages name the server. Headers and environment may hold keys and are left out.
  var label: String {
    switch self {
    case .process(let command, _, _): "`\(command.joined(separator: " "))`"
    case .http(let url, _): url
    }
  }
}
