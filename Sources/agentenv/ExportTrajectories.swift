import ArgumentParser
import Foundation
import TerminalOutput
import TrajectoryStore

/// `agentenv trajectories export`
struct ExportTrajectories: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write trajectories as JSON lines, in order of arrival.",
    discussion:
      "Formats: `trajectory` (agentenv.trajectory/1, everything) and `messages` (chat messages, for other trainers).")

  @OptionGroup var store: StoreOption
  @OptionGroup var selection: FilterOptions

  @Option(help: "trajectory or messages.")
  var format = ExportFormat.trajectory

  @Option(name: .shortAndLong, help: "The file to write; standard output if none is given.")
  var output: String?

  func run() async throws {
    let store = try store.open()
    guard let output else {
      _ = try await store.export(selection.filter, format: format) { Terminal.standardOutput.writeLine($0) }
      return
    }
    guard FileManager.default.createFile(atPath: output, contents: nil), let file = FileHandle(forWritingAtPath: output)
    else {
      throw UsageError(description: "cannot write \(output): check that its folder exists and is writable")
    }
    let count = try await store.export(selection.filter, format: format) { line in
      try file.write(contentsOf: Data((line + "\n").utf8))
    }
    try file.close()
    FileHandle.standardError.write(Data("wrote \(count) trajectories to \(output)\n".utf8))
  }
}
