import Foundation
import WebTransfer

/// Which hub to ask, as whom, and whether to ask at all.
public struct HubAccess: Sendable, Equatable {
  /// Scheme, host and perhaps a path, without a slash at the end.
  public let endpoint: String
  /// Sent as a bearer token to the endpoint's own origin, and never to a host that it redirects to.
  public let token: String?
  /// No network use: only a complete local copy will do.
  public let isOffline: Bool

  /// - Throws: `invalidReference` if the endpoint is no http or https address, or the token no header value.
  public init(
    endpoint: String = "https://huggingface.co", token: String? = nil, isOffline: Bool = false
  ) throws(ModelHubError) {
    var endpoint = endpoint
    while endpoint.hasSuffix("/") { endpoint.removeLast() }
    guard (try? WebAddress(endpoint)) != nil else {
      throw .invalidReference(what: "http or https address (HF_ENDPOINT)", value: endpoint)
    }
    if let token, token.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7f }) {
      throw .invalidReference(what: "token (HF_TOKEN): it has a space, a line break or a non-ASCII letter", value: "…")
    }
    self.endpoint = endpoint
    self.token = token
    self.isOffline = isOffline
  }

  /// Reads `HF_ENDPOINT`, `HF_TOKEN` and `HF_HUB_OFFLINE` (1, on, yes or true), as Hugging Face's own client does.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) throws(ModelHubError) {
    func value(_ name: String) -> String? {
      guard let text = environment[name]?.trimmingCharacters(in: .whitespacesAndNewlines) else { return nil }
      return text.isEmpty ? nil : text
    }
    try self.init(
      endpoint: value("HF_ENDPOINT") ?? "https://huggingface.co",
      token: value("HF_TOKEN"),
      isOffline: ["1", "on", "yes", "true"].contains(value("HF_HUB_OFFLINE")?.lowercased() ?? ""))
  }
}
