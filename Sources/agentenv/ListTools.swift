import AgentCore
import AgentTools
import ArgumentParser
import BuiltinEnvironments
import Configuration
import EnvironmentKit
import TerminalOutput

/// `agentenv tools`
struct ListTools: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tools", abstract: "List the tools that an environment.yaml can name.",
    discussion: "`needs` is the setting without which a tool cannot be made; docs/tools.md has them all.")

  @OptionGroup var output: JSONOption

  func run() async throws {
    let registry = try EnvironmentRegistry.builtin()
    let tools = try registry.parts.tools.sorted { $0.key < $1.key }.map { name, part in
      (name: name, part: part, schema: part.needs == nil ? try registry.makeTool(name).schema : nil)
    }
    if output.json {
      let list = tools.map { tool -> JSONValue in
        [
          "name": .string(tool.name), "summary": .string(tool.part.summary),
          "needs": tool.part.needs.map { .string($0) } ?? .null, "schema": tool.schema?.functionJSON ?? .null,
        ]
      }
      return Terminal.standardOutput.writeLine(JSONValue.array(list).serialized())
    }
    var table = TextTable([.left("NAME"), .left("NEEDS"), .left("ARGUMENTS"), .left("WHAT IT IS")])
    for tool in tools {
      let arguments = tool.schema?.parameters["properties"]?.objectValue?.keys.joined(separator: ", ") ?? ""
      table.add([tool.name, tool.part.needs ?? "", arguments, tool.part.summary])
    }
    Terminal.standardOutput.writeLine(table.rendered(for: .standardOutput))
  }
}

extension EnvironmentRegistry {
  /// The tool of that name, with settings as `key=value`; relative paths start here.
  func makeTool(_ name: String, settings: [String] = []) throws -> any Tool {
    guard let part = parts.tools[name] else {
      let known = parts.tools.keys.sorted()
      let suggestion = nearestWord(to: name, among: known).map { "; did you mean `\($0)`?" } ?? ""
      throw UsageError(description: "there is no tool `\(name)`\(suggestion) (known: \(known.joined(separator: ", ")))")
    }
    if let needs = part.needs, settings.isEmpty {
      throw UsageError(description: "the tool `\(name)` needs a setting: give --set \(needs)=…")
    }
    var document = try ConfigurationDocument(text: "", source: "--set")
    for setting in settings { try document.set(setting) }
    var section = document.section
    let make = try part.factory(&section, PartContext(sandboxes: sandboxes))
    try section.finish()
    return try make()
  }
}
