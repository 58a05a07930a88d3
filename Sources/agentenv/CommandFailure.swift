import ArgumentParser
import EnvironmentKit
import Foundation
import TerminalOutput

/// An error of the command line itself: what was asked for does not exist or makes no sense together.
struct UsageError: Error, CustomStringConvertible {
  let description: String
}

/// How the program ends when something went wrong: one line on stderr that says what to do; 2 for usage, else 1.
enum CommandFailure {
  static func exit(with error: any Error) -> Never {
    if let code = error as? ExitCode { Foundation.exit(code.rawValue) }
    switch AgentEnv.exitCode(for: error) {
    case .success:
      Terminal.standardOutput.writeLine(AgentEnv.fullMessage(for: error))
      Foundation.exit(0)
    case .validationFailure:
      report("\(AgentEnv.message(for: error)) (see agentenv --help)")
      Foundation.exit(2)
    default:
      report("\(error)")
      Foundation.exit(isUsage(error) ? 2 : 1)
    }
  }

  private static func isUsage(_ error: any Error) -> Bool {
    if case .unknownEnvironment = error as? EnvironmentError { return true }
    return error is UsageError
  }

  private static func report(_ message: String) {
    let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    FileHandle.standardError.write(Data("agentenv: \(line)\n".utf8))
  }
}
