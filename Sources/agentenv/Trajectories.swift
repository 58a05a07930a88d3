import AgentCore
import ArgumentParser
import TrajectoryStore

/// `agentenv trajectories`
struct Trajectories: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at recorded episodes, and move them between stores.",
    subcommands: [
      ListTrajectories.self, ShowTrajectory.self, ExportTrajectories.self, ImportTrajectories.self,
    ])
}

/// Which trajectories.
struct FilterOptions: ParsableArguments {
  @Option(name: .customLong("env"), help: "Only this environment.")
  var environment: String?

  @Option(help: "Only this split: train, validation or test.")
  var split: Split?

  @Option(help: "Only this task id.")
  var task: String?

  @Flag(inversion: .prefixedNo, help: "Only episodes that succeeded, or that did not.")
  var success: Bool?

  @Option(help: "Only open or finished episodes.")
  var state: TrajectoryFilter.State?

  @Option(help: "Only this group.")
  var group: String?

  @Option(help: "At most so many.")
  var limit: Int?

  func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit must be at least 0, not \(limit)") }
  }

  var filter: TrajectoryFilter {
    var filter = TrajectoryFilter()
    filter.environment = environment
    filter.split = split
    filter.task = task
    filter.isSuccess = success
    filter.state = state
    filter.groupID = group
    filter.limit = limit
    return filter
  }
}

extension Split: ExpressibleByArgument {}
extension TrajectoryFilter.State: ExpressibleByArgument {}
extension ExportFormat: ExpressibleByArgument {}

extension TrajectoryStore {
  /// The trajectory whose id begins like that, if there is exactly one.
  func find(_ id: String) throws -> Trajectory {
    if let trajectory = try trajectory(id) { return trajectory }
    let matches = try list().map(\.id).filter { $0.hasPrefix(id) }
    guard matches.count == 1, let match = matches.first, let trajectory = try trajectory(match) else {
      let reason =
        matches.isEmpty ? "there is no trajectory `\(id)`" : "\(matches.count) trajectories begin with `\(id)`"
      throw UsageError(description: "\(reason) in \(path); list them with `agentenv trajectories ls`")
    }
    return trajectory
  }
}
