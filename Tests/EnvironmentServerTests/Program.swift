import Foundation

/// Another program, run to its end off the cooperative pool.
enum Program {
  struct Output: Sendable {
    let status: Int32
    let text: String
    let errors: String
  }

  static func run(_ path: String, _ arguments: [String]) async throws -> Output {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(with: Result { try runBlocking(path, arguments) })
      }
    }
  }

  private static func runBlocking(_ path: String, _ arguments: [String]) throws -> Output {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // Little is written to either; the pipes hold it.
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let errorText = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Output(
      status: process.terminationStatus, text: String(decoding: text, as: UTF8.self),
      errors: String(decoding: errorText, as: UTF8.self))
  }

  /// The `agentenv` that was built with these tests; it lies beside the test program.
  static var agentenv: String {
    get throws {
      let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("agentenv").path
    }
  }
}
