import ArgumentParser
import TerminalOutput
import TrajectoryStore

/// `agentenv trajectories show ID`
struct ShowTrajectory: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Show an episode turn by turn.")

  @Argument(help: "The trajectory's id, or its beginning.")
  var id: String
  @OptionGroup var store: StoreOption
  @OptionGroup var output: JSONOption

  func run() async throws {
    let trajectory = try await store.open().find(id)
    Terminal.standardOutput.writeLine(output.json ? trajectory.json.serialized() : EpisodeText.text(trajectory))
  }
}
