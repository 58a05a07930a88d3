import ArgumentParser
import PolicyOptimization
import RunReports

/// Writes a run's report again.
struct Report: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Write report.html of a run, finished or not.")

  @Argument(help: "The run's folder.")
  var run: String

  func run() async throws {
    let folder = RunFolder(self.run)
    try await RunReport(runFolder: folder).write()
    print(folder.report)
  }
}
