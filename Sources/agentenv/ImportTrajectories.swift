import AgentCore
import ArgumentParser
import Foundation
import TerminalOutput
import TrajectoryStore

/// `agentenv trajectories import FILE`
struct ImportTrajectories: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Read trajectories from JSON lines (agentenv.trajectory/1): all of a file or, if a line is wrong, none.")

  @Argument(help: "The file; - for standard input.")
  var file: String

  @Option(help: "The trajectory store, a SQLite file; made if it is not there.")
  var store = "agentenv.sqlite"

  @OptionGroup var output: JSONOption

  func run() async throws {
    let bytes: [UInt8]
    if file == "-" {
      bytes = Array(FileHandle.standardInput.readDataToEndOfFile())
    } else if let data = FileManager.default.contents(atPath: file) {
      bytes = Array(data)
    } else {
      throw UsageError(description: "cannot read \(file): check that it exists and is readable")
    }
    let report = try await TrajectoryStore(path: store).importLines(
      bytes, source: file == "-" ? "standard input" : file)
    let json: JSONValue = ["imported": JSONValue(report.imported), "skipped": JSONValue(report.skipped)]
    Terminal.standardOutput.writeLine(
      output.json ? json.serialized() : "imported \(report.imported), already there \(report.skipped)")
  }
}
