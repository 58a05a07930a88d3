import AgentCore
import AgentTools
import Configuration
import ModelContextProtocol

extension MCPToolSettings {
  /// Reads one element of a manifest's `mcp`: `{command: […], env: {…}}` or `{url: …, headers: {…}}`, with `tools`,
  /// `prefix`, `share`, `protocol`, `timeout` and `max_chars`. A command runs in the manifest's folder.
  init(_ section: inout ConfigurationSection, _ context: PartContext) throws {
    self.init(server: try Self.server(&section, context))
    tools = try section.optionalStrings("tools")
    prefix = try section.optionalString("prefix") ?? prefix
    share = try section.choice("share", default: share)
    protocolChoice = try section.choice("protocol", default: protocolChoice)
    callTimeout = try section.positiveDuration("timeout") ?? callTimeout
    maxResultCharacters = try section.int("max_chars", default: maxResultCharacters, in: 100...10_000_000)
  }

  private static func server(
    _ section: inout ConfigurationSection, _ context: PartContext
  ) throws -> MCPServerAddress {
    let command = try section.optionalStrings("command")
    let url = try section.optionalString("url")
    let environment = try section.texts("env")
    let headers = try section.texts("headers")
    switch (command, url) {
    case (let command?, nil) where !command.isEmpty:
      guard headers.isEmpty else { throw section.error("headers", "belong to a `url`; a command has `env`") }
      return .process(command: command, environment: environment, folder: context.folder)
    case (nil, let url?):
      guard environment.isEmpty else { throw section.error("env", "belongs to a `command`; a url has `headers`") }
      return .http(url: url, headers: headers)
    default: throw section.error("command", "give either `command: [program, argument…]` or `url: http://…`")
    }
  }
}

extension ConfigurationSection {
  /// A mapping of texts, empty if absent.
  fileprivate mutating func texts(_ key: String) throws -> [String: String] {
    var texts: [String: String] = [:]
    for (name, value) in try jsonObject(key) {
      switch value {
      case .string(let text): texts[name] = text
      case .int, .double, .bool: texts[name] = value.serialized()
      default: throw error(key, "expected `\(name)` to be a text")
      }
    }
    return texts
  }
}
