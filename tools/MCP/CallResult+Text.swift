import AgentCore
import ModelContextProtocol

extension CallResult {
  /// The answer as a policy reads it: its texts one after the other, whatever is binary by name and size.
  ///
  /// An answer of data only is that data as JSON; data beside texts repeats them, says the protocol, and is left out.
  func text(maxCharacters limit: Int) -> String {
    var text = content.map(\.text).joined(separator: "\n")
    if content.isEmpty, let structuredContent { text = structuredContent.serialized() }
    guard text.utf8.count > limit, text.unicodeScalars.count > limit else { return text }
    let dropped = text.unicodeScalars.count - limit
    return String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit))) + "… [\(dropped) more characters]"
  }
}

extension ContentItem {
  fileprivate var text: String {
    switch self {
    case .text(let text): text
    case .media(let type, let mimeType, let base64): Self.bracketed([type, mimeType, Self.size(base64)])
    case .textResource(let uri, _, let text): "\(Self.bracketed(["resource", uri]))\n\(text)"
    case .binaryResource(let uri, let mimeType, let base64):
      Self.bracketed(["resource", uri, mimeType ?? "", Self.size(base64)])
    case .link(let uri, let name, let mimeType): Self.bracketed(["link", name, uri, mimeType ?? ""])
    case .other(let json): Self.bracketed(["content of type", json["type"]?.stringValue ?? "unknown"])
    }
  }

  private static func bracketed(_ parts: [String]) -> String {
    "[\(parts.filter { !$0.isEmpty }.joined(separator: " "))]"
  }

  private static func size(_ base64: String) -> String {
    let padding = base64.utf8.suffix(2).count { $0 == UInt8(ascii: "=") }
    return "\(base64.utf8.count / 4 * 3 - padding) bytes"
  }
}
