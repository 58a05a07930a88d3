import AgentCore
import ArgumentParser
import BuiltinEnvironments
import EnvironmentKit
import SessionEngine
import TerminalOutput

/// `agentenv describe ENV`
struct Describe: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show an environment: its tasks, tools and limits, and how an episode begins.")

  @Argument(help: ArgumentHelp("The environment's name, or the folder of its environment.yaml.", valueName: "env"))
  var environment: String
  @OptionGroup var output: JSONOption

  func run() async throws {
    var registry = try EnvironmentRegistry.builtin()
    let name = try registry.resolve(environment)
    let definition = try registry.definition(name)
    let example = try await example(of: definition)
    Terminal.standardOutput.writeLine(output.json ? json(definition, example).serialized() : text(definition, example))
  }

  /// The opening of the first task there is.
  private func example(of definition: EnvironmentDefinition) async throws -> Session? {
    guard let split = Split.allCases.first(where: { definition.tasks.count(of: $0) != 0 }) else { return nil }
    return try await SessionEngine().open(
      SessionRequest(environment: definition, task: .index(split, 0), seed: 0, isRecorded: false))
  }

  private func json(_ definition: EnvironmentDefinition, _ example: Session?) -> JSONValue {
    guard case .object(var fields) = definition.summaryJSON else { return .null }
    fields["tools"] = .array(definition.toolSchemas.map(\.functionJSON))
    let limits = definition.limits
    fields["limits"] = [
      "max_turns": JSONValue(limits.maxTurns), "turn_timeout_ms": limits.turnTimeout.json,
      "max_observation_chars": JSONValue(limits.maxObservationCharacters),
      "max_tool_calls_per_turn": JSONValue(limits.maxToolCallsPerTurn),
    ]
    fields["example"] =
      example.map { ["task": $0.task.json, "messages": .array($0.initialMessages.map(\.json))] } ?? .null
    return .object(fields)
  }

  private func text(_ definition: EnvironmentDefinition, _ example: Session?) -> String {
    let limits = definition.limits
    var lines = [
      "\(Terminal.standardOutput.styled(definition.name, .bold)) \(definition.version)", definition.description, "",
      "tasks   " + Split.allCases.map { "\($0.rawValue) \(definition.countText($0))" }.joined(separator: ", "),
      "limits  \(limits.maxTurns) turns, \(limits.turnTimeout) a turn, \(limits.maxToolCallsPerTurn) tool calls a turn, "
        + "\(limits.maxObservationCharacters) characters a message",
    ]
    for tool in definition.toolSchemas {
      lines += [
        "", "tool \(Terminal.standardOutput.styled(tool.name, .cyan))  \(tool.description)",
        tool.parameters.serialized(),
      ]
    }
    if let example {
      lines += ["", "an episode begins like this (\(example.task.split.rawValue) task \(example.task.id)):", ""]
      lines += example.initialMessages.map(EpisodeText.message)
    }
    return lines.joined(separator: "\n")
  }
}
