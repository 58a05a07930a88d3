/// Where a server is: a program to start, or an address to talk to.
public enum MCPServerAddress: Sendable, Hashable {
  /// A program that speaks MCP over its standard input and output. `environment` is added to the few variables that are
  /// handed on (`PATH`, `HOME`, …); `folder` is its working directory.
  case process(command: [String], environment: [String: String] = [:], folder: String? = nil)
  /// An endpoint of streamable HTTP, and headers to send with every request.
  case http(url: String, headers: [String: String] = [:])
}

/// How a connection is opened.
public enum ProtocolChoice: String, Sendable, CaseIterable {
  /// By `initialize`; if the server refuses that, the stateless way. The handshake comes first because it gives each
  /// connection a session of its own on the server.
  case auto
  /// Only by `initialize` (revisions up to 2025-11-25).
  case handshake
  /// Only without one (revision 2026-07-28).
  case stateless
}
