import AgentCore
import ArgumentParser
import SessionEngine
import TerminalOutput
import TrajectoryStore

/// `agentenv replay ID…|--all [--verify]`
struct Replay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run recorded actions again and compare observations, rewards and states with the record.",
    discussion:
      "With --verify, ends with 1 unless every trajectory is identical. Give --env for environments of your own.")

  @Argument(help: "Ids of trajectories, or their beginnings.")
  var ids: [String] = []

  @Flag(help: "All trajectories of the store.")
  var all = false

  @Flag(help: "Fail if a replay differs from its record.")
  var verify = false

  @OptionGroup var store: StoreOption
  @OptionGroup var environments: EnvironmentOptions
  @OptionGroup var output: JSONOption

  func validate() throws {
    guard all != !ids.isEmpty else { throw ValidationError("give the ids of trajectories, or --all") }
  }

  func run() async throws {
    let store = try store.open()
    let replayer = Replayer(registry: try environments.load().registry)
    let ids = all ? try await store.list().map(\.id) : self.ids
    var counts: [ReplayReport.Status: Int] = [:]
    for id in ids {
      let report = await replayer.replay(try await store.find(id))
      counts[report.status, default: 0] += 1
      if output.json {
        Terminal.standardOutput.writeLine(report.json.serialized())
      } else if report.status != .identical {
        Terminal.standardOutput.writeLine(describe(report))
      }
    }
    if !output.json {
      Terminal.standardOutput.writeLine(
        ReplayReport.Status.allCases.map { "\($0.rawValue) \(counts[$0, default: 0])" }.joined(separator: ", "))
    }
    if verify && counts[.identical, default: 0] != ids.count { throw ExitCode(1) }
  }

  private func describe(_ report: ReplayReport) -> String {
    let status = Terminal.standardOutput.styled(report.status.rawValue, report.status == .diverged ? .red : .yellow)
    guard report.status == .diverged else {
      return TerminalText.harmless("\(report.id)  ") + "\(status)  \(report.replayed?.stringValue ?? "")"
    }
    let place = report.turn.map { "turn \($0)" } ?? "before the first turn"
    return """
      \(report.id)  \(status)  \(place), \(report.field ?? "")
        recorded  \(TerminalText.harmless(report.recorded?.serialized() ?? ""))
        replayed  \(TerminalText.harmless(report.replayed?.serialized() ?? ""))
      """
  }
}
