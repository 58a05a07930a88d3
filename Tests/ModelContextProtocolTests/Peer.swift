import AgentCore
import Foundation
import Testing

@testable import ModelContextProtocol

/// The Python servers beside the tests.
enum Peer {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Peers").path

  /// Pythons that have the official SDK, by its major version; `scripts/test-peers` makes them.
  static let sdks: [(major: Int, python: String)] = [1, 2].compactMap { major in
    ProcessInfo.processInfo.environment["AGENTENV_TEST_PYTHON_MCP\(major)"].map { (major, $0) }
  }
  static let sdkComment: Comment =
    "set AGENTENV_TEST_PYTHON_MCP1 and _MCP2 to Pythons with mcp 1.x and 2.x (scripts/test-peers makes them)"
  static let majors = sdks.map(\.major)

  static func python(_ major: Int) throws -> String { try #require(sdks.first { $0.major == major }).python }

  static func sdkServer(_ major: Int) throws -> MCPServerAddress {
    .process(command: [try python(major), "\(folder)/sdk_server.py", "stdio"])
  }

  /// Any Python 3: the misbehaving servers need no package.
  static let plainPython = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  static func hostile(_ behaviour: String) throws -> MCPServerAddress {
    .process(command: [try #require(plainPython), "\(folder)/hostile_server.py", behaviour])
  }

  /// Opens a connection, hands it to the body and closes it.
  static func with<Value>(
    _ address: MCPServerAddress, choice: ProtocolChoice = .auto, limits: ConnectionLimits = ConnectionLimits(),
    _ body: (MCPClient) async throws -> Value
  ) async throws -> Value {
    let client = try await MCPClient.open(address, choice: choice, limits: limits)
    do {
      let value = try await body(client)
      await client.close()
      return value
    } catch {
      await client.close()
      throw error
    }
  }
}

extension MCPClient {
  /// Calls a tool by name.
  func call(_ name: String, _ arguments: JSONObject = [:], within: Duration = .seconds(20)) async throws -> CallResult {
    let tool = ToolDescription(name: name, description: "", inputSchema: ["type": "object"])
    return try await call(tool, arguments, deadline: .now + within)
  }
}

extension CallResult {
  var text: String {
    content.compactMap { item in
      guard case .text(let text) = item else { return nil }
      return text
    }.joined(separator: "\n")
  }
}

/// The error of a call that must fail.
func failure<Value>(_ body: () async throws -> Value) async -> MCPError? {
  do {
    _ = try await body()
    return nil
  } catch {
    return error as? MCPError
  }
}

extension Result where Failure == any Error {
  init(asyncCatching body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
