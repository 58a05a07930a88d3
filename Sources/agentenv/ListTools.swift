import AgentCore
import AgentTools
import ArgumentParser
import BuiltinEnvironments
import Configuration
import EnvironmentKit
import TerminalOutput

/// `agentenv tools`
struct ListTools: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "tools", abstract: "List the tools.")

  @OptionGroup var output: JSONOption

  func run() async throws {
    let parts = try EnvironmentRegistry.builtin().parts
    let schemas = try parts.tools.keys.sorted().map { try parts.makeTool($0).schema }
    if output.json {
      return Terminal.standardOutput.writeLine(JSONValue.array(schemas.map(\.functionJSON)).serialized())
    }
    var table = TextTable([
      .left("NAME"), .left("ARGUMENTS"), .left("DESCRIPTION"),
    ])
    for schema in schemas {
      let arguments = schema.parameters["properties"]?.objectValue?.keys.joined(separator: ", ") ?? ""
      table.add([schema.name, arguments, schema.description])
    }
    Terminal.standardOutput.writeLine(table.rendered(for: .standardOutput))
  }
}

extension EnvironmentParts {
  /// The tool of that name with its default settings.
  func makeTool(_ name: String) throws -> any Tool {
    guard let factory = tools[name] else {
      let known = tools.keys.sorted()
      let suggestion = nearestWord(to: name, among: known).map { "; did you mean `\($0)`?" } ?? ""
      throw UsageError(description: "there is no tool `\(name)`\(suggestion) (known: \(known.joined(separator: ", ")))")
    }
    var settings = try ConfigurationDocument(text: "", source: name).section
    return try factory(&settings)()
  }
}
