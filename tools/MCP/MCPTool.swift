import AgentCore
import ModelContextProtocol

/// One tool of an external MCP server.
///
/// Every failure (of the tool, the server, the connection) is an answer that the policy reads. The server checks what
/// our reading of its schema leaves open.
struct MCPTool: Tool {
  let schema: ToolSchema
  let description: ToolDescription
  let settings: MCPToolSettings
  let connection: MCPConnection

  var argumentChecking: ArgumentChecking { .lenient }

  func call(_ arguments: JSONObject, context: ToolContext) async throws -> ToolOutput {
    let deadline = min(context.deadline, .now + settings.callTimeout)
    do {
      let client = try await connection.client()
      let result = try await client.call(description, arguments, deadline: deadline)
      let text = result.text(maxCharacters: settings.maxResultCharacters)
      return result.isError ? .error(text) : .ok(text)
    } catch let error as MCPError {
      connection.noteFailure(error)
      return try output(of: error)
    }
  }

  func close() async {
    if settings.share == .session { await connection.close() }
  }

  private func output(of error: MCPError) throws -> ToolOutput {
    switch error {
    case .cancelled: throw CancellationError()
    case .timeout: return ToolOutput(status: .timeout, content: "error: `\(schema.name)` did not answer in time")
    case .refused(_, let fault): return .error("`\(schema.name)` was refused by its server: \(fault)")
    // What a server says to its operator is not for the policy.
    case .serverEnded(let how, _): return .error("\(MCPError.serverEnded(how: how, lastWords: ""))")
    case .status(let status, let url, _): return .error("\(MCPError.status(status, url: url, body: ""))")
    default: return .error("\(error)")
    }
  }
}
