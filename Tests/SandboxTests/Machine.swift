import Foundation

@testable import Sandbox

/// What tests need and this machine may lack.
enum Machine {
  static func has(_ command: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(command)") }
  }

  static func has(language: String) async -> Bool {
    (try? await LanguageResolver(.builtin).language(language)) != nil
  }

  /// Whether programs can be run here in that mode.
  static func gives(_ mode: IsolationMode) async -> Bool {
    guard let report = try? await Sandbox().capabilities(), let best = report.mode else { return false }
    return mode == .noNamespace || best == .full
  }

  static let givesFull = "this machine does not give isolation `full`"
}
