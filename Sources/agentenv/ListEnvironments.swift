import AgentCore
import ArgumentParser
import EnvironmentKit
import TerminalOutput

/// `agentenv list`
struct ListEnvironments: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List the environments.")

  @OptionGroup var environments: EnvironmentOptions
  @OptionGroup var output: JSONOption

  func run() async throws {
    let (registry, names) = try environments.load()
    let definitions = try names.map { try registry.definition($0) }
    if output.json {
      return Terminal.standardOutput.writeLine(JSONValue.array(definitions.map(\.summaryJSON)).serialized())
    }
    var table = TextTable([
      .left("NAME"), .left("VERSION"), .right("TRAIN"), .right("VALIDATION"), .right("TEST"), .left("TOOLS"),
      .left("DESCRIPTION"),
    ])
    for definition in definitions {
      table.add([
        definition.name, definition.version, definition.countText(.train), definition.countText(.validation),
        definition.countText(.test), definition.toolSchemas.map(\.name).joined(separator: ", "),
        definition.description,
      ])
    }
    Terminal.standardOutput.writeLine(table.rendered(for: .standardOutput))
  }
}

extension EnvironmentDefinition {
  var summaryJSON: JSONValue {
    var tasks: JSONObject = [:]
    for split in Split.allCases { tasks[split.rawValue] = self.tasks.count(of: split).map { JSONValue($0) } ?? .null }
    return [
      "name": .string(name), "version": .string(version), "description": .string(description),
      "tools": .array(toolSchemas.map { .string($0.name) }), "tasks": .object(tasks),
    ]
  }

  /// How many tasks a split has, for people; generated tasks have no end.
  func countText(_ split: Split) -> String { tasks.count(of: split).map(String.init) ?? "∞" }
}
