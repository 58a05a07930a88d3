import AgentCore
import AgentTools
import ArgumentParser
import BuiltinEnvironments
import EnvironmentKit
import TerminalOutput

/// `agentenv tool NAME --args JSON`
struct CallTool: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tool", abstract: "Call a tool and print what a policy would read.",
    discussion:
      """
      Ends with 1 if the call did not go well, e.g. `agentenv tool calculator --args '{"expression":"1/0"}'` or \
      `agentenv tool search --set index=corpus.sqlite --args '{"query":"red panda"}'`.
      """)

  @Argument var name: String

  @Option(help: "The arguments, a JSON object.")
  var args = "{}"

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("A setting of the tool, as in an environment.yaml; repeatable.", valueName: "key=value"))
  var settings: [String] = []

  @Option(help: "Seconds to wait for the answer.")
  var timeout = 30.0

  @OptionGroup var output: JSONOption

  func run() async throws {
    guard timeout > 0, timeout < 1e6 else { throw UsageError(description: "--timeout must be above 0 seconds") }
    let arguments: JSONValue
    do {
      arguments = try JSONValue(parsing: args)
    } catch {
      throw UsageError(description: "--args: \(error)")
    }
    let registry = try EnvironmentRegistry.builtin()
    let tool = try registry.makeTool(name, settings: settings)
    let result = try await ToolRegistry([tool]).call(
      ToolCall(id: "call_0", name: tool.schema.name, arguments: arguments), deadline: .now + .seconds(timeout))
    await tool.close()
    await registry.sandboxes.shutdown()
    Terminal.standardOutput.writeLine(
      output.json ? result.commandJSON.serialized() : TerminalText.harmless(result.content))
    if result.status != .ok { throw ExitCode(1) }
  }
}

extension ToolResult {
  fileprivate var commandJSON: JSONValue {
    var fields: JSONObject = [
      "status": .string(status.rawValue), "content": .string(content), "duration_ms": duration.json,
    ]
    if let isolation {
      fields["isolation"] = .string(isolation.mode)
      fields["degraded"] = .array(isolation.degraded.map(JSONValue.string))
    }
    return .object(fields)
  }
}
