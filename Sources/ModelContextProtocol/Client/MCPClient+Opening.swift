import AgentCore

extension MCPClient {
  /// Opens a connection: starts the program or reaches the address, and agrees on a version.
  ///
  /// - Throws: `MCPError`; nothing is left behind then.
  public static func open(
    _ address: MCPServerAddress, choice: ProtocolChoice = .auto, limits: ConnectionLimits = ConnectionLimits()
  ) async throws(MCPError) -> MCPClient {
    let link = ServerLink(transport: try transport(for: address, limits: limits), limits: limits)
    do {
      return try await agree(link, choice)
    } catch {
      await link.transport.close()
      throw error
    }
  }

  private static func transport(
    for address: MCPServerAddress, limits: ConnectionLimits
  ) throws(MCPError) -> any MessageTransport {
    switch address {
    case .process(let command, let environment, let folder):
      try StdioTransport(command: command, environment: environment, folder: folder, limits: limits)
    case .http(let url, let headers): HTTPTransport(url: url, headers: headers, limits: limits)
    }
  }

  private static func agree(_ link: ServerLink, _ choice: ProtocolChoice) async throws(MCPError) -> MCPClient {
    switch choice {
    case .handshake: return try await initialize(link)
    case .stateless: return try await discover(link)
    case .auto:
      do {
        return try await initialize(link)
      } catch {
        guard isRefusal(error) else { throw error }
        do {
          return try await discover(link)
        } catch let second {
          // A server of the stateless era says more to `server/discover`; to any other, the first refusal matters.
          if case .refused(_, let fault) = second, fault.code != RPCFault.unsupportedVersion { throw error }
          throw isRefusal(second) ? error : second
        }
      }
    }
  }

  /// Whether the server is there and does not want `initialize`.
  private static func isRefusal(_ error: MCPError) -> Bool {
    switch error {
    case .refused: true
    case .status(let status, _, _): (400..<500).contains(status) && status != 401 && status != 403
    default: false
    }
  }

  private static func initialize(_ link: ServerLink) async throws(MCPError) -> MCPClient {
    let deadline = ContinuousClock.now + link.limits.startTimeout
    let offer = InitializeParameters(version: ProtocolVersion.latestHandshake.rawValue, client: implementation)
    let json = try await link.request("initialize", offer.json, version: nil, deadline: deadline)
    let result = try reading { () throws(JSONError) in try InitializeResult(json) }
    guard let version = ProtocolVersion(rawValue: result.version), !version.isStateless else {
      throw .noCommonVersion(server: result.version)
    }
    try requireTools(result.capabilities, result.server)
    link.transport.adopt(version)
    try await link.transport.notify("notifications/initialized", .empty)
    return MCPClient(link: link, version: version, server: result.server, instructions: result.instructions)
  }

  private static func discover(_ link: ServerLink) async throws(MCPError) -> MCPClient {
    let deadline = ContinuousClock.now + link.limits.startTimeout
    let version = ProtocolVersion.july2026
    link.transport.adopt(version)
    let json: JSONValue
    do {
      json = try await link.request("server/discover", .empty, version: version, deadline: deadline)
    } catch .refused(_, let fault) where fault.code == RPCFault.unsupportedVersion {
      let versions = fault.data?["supported"]?.arrayValue?.compactMap(\.stringValue) ?? []
      throw .noCommonVersion(server: versions.isEmpty ? "\(fault)" : versions.joined(separator: ", "))
    }
    let result = try reading { () throws(JSONError) in try DiscoverResult(json) }
    guard result.supportedVersions.contains(version.rawValue) else {
      throw .noCommonVersion(server: result.supportedVersions.joined(separator: ", "))
    }
    try requireTools(result.capabilities, result.server)
    return MCPClient(link: link, version: version, server: result.server, instructions: result.instructions)
  }

  private static func requireTools(_ capabilities: JSONObject, _ server: Implementation) throws(MCPError) {
    guard capabilities["tools"]?.objectValue != nil else { throw .offersNoTools(server: server.description) }
  }
}
