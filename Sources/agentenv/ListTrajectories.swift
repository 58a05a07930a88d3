import AgentCore
import ArgumentParser
import TerminalOutput
import TrajectoryStore

/// `agentenv trajectories ls`
struct ListTrajectories: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ls", abstract: "List trajectories, newest first.")

  @OptionGroup var store: StoreOption
  @OptionGroup var selection: FilterOptions
  @OptionGroup var output: JSONOption

  func run() async throws {
    var filter = selection.filter
    filter.newestFirst = true
    let summaries = try await store.open().list(filter)
    if output.json { return summaries.forEach { Terminal.standardOutput.writeLine($0.json.serialized()) } }
    var table = TextTable([
      .left("ID"), .left("ENVIRONMENT"), .left("SPLIT"), .left("TASK"), .right("TURNS"), .right("RETURN"), .left("END"),
      .left("STARTED"),
    ])
    for summary in summaries {
      let end = summary.termination.map { "\($0.rawValue)\(summary.isSuccess == true ? " ✓" : "")" } ?? "open"
      table.add([
        summary.id, summary.environment, summary.split.rawValue, summary.task, "\(summary.turns)",
        EpisodeText.number(summary.totalReturn), end, summary.startedAt,
      ])
    }
    Terminal.standardOutput.writeLine(summaries.isEmpty ? "no trajectories" : table.rendered(for: .standardOutput))
  }
}

extension TrajectorySummary {
  fileprivate var json: JSONValue {
    [
      "id": .string(id), "environment": .string(environment), "split": .string(split.rawValue),
      "task": .string(task), "group_id": groupID.map(JSONValue.string) ?? .null,
      "policy": policy.map(JSONValue.string) ?? .null,
      "policy_version": policyVersion.map { JSONValue($0) } ?? .null, "started_at": .string(startedAt),
      "turns": JSONValue(turns), "return": .double(totalReturn), "success": isSuccess.map(JSONValue.bool) ?? .null,
      "termination": termination.map { .string($0.rawValue) } ?? .null,
    ]
  }
}
