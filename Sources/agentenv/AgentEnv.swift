import ArgumentParser

/// The environment server's command.
@main
struct AgentEnv: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agentenv",
    abstract: "Serve environments for language-model agents, record their episodes, and replay them.",
    subcommands: [
      Serve.self, ListEnvironments.self, Describe.self, ListTools.self, CallTool.self, Execute.self, SearchIndexes.self,
      Trajectories.self, Replay.self, Doctor.self, Bench.self,
    ])

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
    } catch {
      CommandFailure.exit(with: error)
    }
  }
}
