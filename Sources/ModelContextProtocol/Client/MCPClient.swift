import AgentCore
import Synchronization

/// A connection to one MCP server, opened and agreed on a version.
public final class MCPClient: Sendable {
  private static let maxPages = 100
  private static let maxTools = 1000

  /// How this program introduces itself.
  public static let implementation = Implementation(name: "agentenv", version: "0.1")

  public let server: Implementation
  public let version: ProtocolVersion
  /// What the server says about its use; may be absent.
  public let instructions: String?
  private let link: ServerLink

  init(link: ServerLink, version: ProtocolVersion, server: Implementation, instructions: String?) {
    self.link = link
    self.version = version
    self.server = server
    self.instructions = instructions
  }

  /// A connection that nobody holds any more is closed, though nobody waits for it.
  deinit {
    let transport = link.transport
    Task { await transport.close() }
  }

  /// What the server sent besides answers.
  public var counts: MessageCounts { link.transport.counts }

  /// All of the server's tools, page by page.
  public func listTools() async throws(MCPError) -> [ToolDescription] {
    let deadline = ContinuousClock.now + link.limits.startTimeout
    var tools: [ToolDescription] = []
    var cursors: Set<String> = []
    var cursor: String?
    for _ in 0..<Self.maxPages {
      let params: JSONObject = cursor.map { ["cursor": .string($0)] } ?? .empty
      let result = try await link.request("tools/list", params, version: version, deadline: deadline)
      let page = try reading { () throws(JSONError) in try ToolPage(result) }
      tools += page.tools
      guard tools.count <= Self.maxTools else { throw .malformed(reason: "more than \(Self.maxTools) tools") }
      guard let next = page.nextCursor else { return tools }
      guard cursors.insert(next).inserted else { throw .malformed(reason: "tools/list gives one page twice") }
      cursor = next
    }
    throw .malformed(reason: "tools/list has more than \(Self.maxPages) pages")
  }

  /// Calls a tool. A tool's own failure is a result with `isError`.
  public func call(
    _ tool: ToolDescription, _ arguments: JSONObject, deadline: ContinuousClock.Instant
  ) async throws(MCPError) -> CallResult {
    let params: JSONObject = ["name": .string(tool.name), "arguments": .object(arguments)]
    let headers = version.isStateless ? ParameterHeaders.fields(for: arguments, schema: tool.inputSchema) : []
    let result = try await link.request(
      "tools/call", params, version: version, name: tool.name, headers: headers, deadline: deadline)
    if let kind = result["resultType"]?.stringValue, kind != "complete" {
      if kind == "input_required" { throw .needsInput(tool: tool.name) }
      throw .malformed(reason: "a result of type `\(kind)`")
    }
    return try reading { () throws(JSONError) in try CallResult(result) }
  }

  /// Ends the connection and, for a process, the process with everything that it started.
  public func close() async { await link.transport.close() }
}

/// Runs a reader; what it finds wrong is the server's malformed answer.
func reading<Value>(_ read: () throws(JSONError) -> Value) throws(MCPError) -> Value {
  do { return try read() } catch { throw .malformed(reason: "\(error)") }
}

/// A transport, and what every request needs besides its parameters: an id, and in the stateless era an envelope.
final class ServerLink: Sendable {
  let transport: any MessageTransport
  let limits: ConnectionLimits
  private let lastID = Atomic<Int64>(0)

  init(transport: any MessageTransport, limits: ConnectionLimits) {
    self.transport = transport
    self.limits = limits
  }

  /// - Parameters:
  ///   - version: the revision to speak; nil before one is agreed on.
  ///   - name: what the request is about, for methods whose headers tell.
  func request(
    _ method: String, _ params: JSONObject, version: ProtocolVersion?, name: String? = nil,
    headers: [HeaderField] = [], deadline: ContinuousClock.Instant
  ) async throws(MCPError) -> JSONValue {
    var request = RPCRequest(
      id: .number(lastID.wrappingAdd(1, ordering: .relaxed).newValue), method: method, params: params)
    var headers = headers
    if let version, version.isStateless {
      request.params = RequestEnvelope(version: version.rawValue, client: MCPClient.implementation).wrapping(params)
      headers.append(HeaderField(name: "Mcp-Method", value: method))
      if let name { headers.append(HeaderField(name: "Mcp-Name", value: ParameterHeaders.encoded(name))) }
    }
    return try await transport.exchange(request, headers: headers, deadline: deadline)
  }
}
