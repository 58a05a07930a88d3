import ArgumentParser
import Configuration
import Foundation

/// The trainer's command.
struct AgentRL: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agentrl",
    abstract: "Teach a language model to use tools: turn-aware GRPO on one machine.",
    discussion: "Start with: agentrl train recipes/quickstart.yaml",
    version: "0.1.0",
    subcommands: [
      Train.self, Evaluate.self, Generate.self, Chat.self, Tokenize.self, Logprobs.self, Credit.self, Report.self,
      Pull.self, Methods.self, Bench.self, Doctor.self,
    ])
}

@main
enum Main {
  /// Exit codes: 0 ok, 1 failed, 2 wrong usage or configuration. Errors are one line on stderr.
  static func main() async {
    do {
      var command = try AgentRL.parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      exit(report(error))
    }
  }

  private static func report(_ error: any Error) -> Int32 {
    if let code = error as? ExitCode { return code.rawValue }
    let code = AgentRL.exitCode(for: error)
    if code == .success {
      print(AgentRL.fullMessage(for: error))
      return 0
    }
    let isUsage = code == .validationFailure
    let text = isUsage ? AgentRL.fullMessage(for: error) : "agentrl: \(error)"
    FileHandle.standardError.write(Data((text + "\n").utf8))
    return isUsage || error is ConfigurationError || error is UsageError ? 2 : 1
  }
}

/// A mistake in what was asked for, said in one line; the exit code is 2.
struct UsageError: Error, CustomStringConvertible {
  let description: String
}
