import ArgumentParser
import Foundation
import ModelHub
import RunReports
import Synchronization
import TerminalOutput

/// Fetches a model from a hub.
struct Pull: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fetch a model from the Hugging Face hub: weights, configuration and tokenizer.",
    discussion: """
      Interrupted downloads go on where they stopped; checksums are verified. HF_ENDPOINT and HF_TOKEN are respected.
      """)

  @Argument(help: "OWNER/NAME, e.g. HuggingFaceTB/SmolLM2-135M-Instruct.")
  var repository: String

  @Option(help: "Branch, tag or commit.")
  var revision = "main"

  @Option(help: "Where to put it (default: models/NAME).")
  var output: String?

  @Option(name: .customLong("file"), help: "Fetch this file or pattern instead of the usual ones (repeatable).")
  var files: [String] = []

  func run() async throws {
    let name = repository.split(separator: "/").last.map(String.init) ?? repository
    let terminal = Terminal.standardError
    let model = try await ModelHub.pull(
      repository: repository, revision: revision, files: files.isEmpty ? .policy : .matching(files),
      into: output ?? "models/\(name)"
    ) { progress in
      guard terminal.isTerminal else { return }
      let line = [Self.bar(progress), "\(progress)"].compactMap(\.self).joined(separator: "  ")
      terminal.write(Terminal.clearLine + TerminalText.truncated(line, to: (terminal.columns ?? 100) - 1))
    }
    if terminal.isTerminal { terminal.write(Terminal.clearLine) }
    print("\(repository) (\(model.commit ?? model.revision)) is in \(model.folder)")
    print("use it with --policy \(model.policyPath)")
  }

  /// How much of all bytes is there; nil where the hub does not say how many there are.
  private static func bar(_ progress: PullProgress) -> String? {
    guard let fraction = progress.fractionCompleted else { return nil }
    let done = Int((fraction * 20).rounded(.down))
    return String(repeating: "━", count: done) + String(repeating: "─", count: 20 - done)
  }
}
