import AgentCore
import Dispatch
import Foundation

/// The `agentrl` that was built with these tests.
enum AgentRLProgram {
  struct Output: Sendable {
    let status: Int32
    let text: String
    let errors: String

    /// The JSON value of each line on stdout.
    var records: [JSONValue] {
      get throws { try text.split(separator: "\n").map { try JSONValue(parsing: String($0)) } }
    }
  }

  static var path: String {
    get throws {
      let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("agentrl").path
    }
  }

  static func run(_ arguments: String..., input: String = "") async throws -> Output {
    try await run(arguments, input: input)
  }

  static func run(_ arguments: [String], input: String = "") async throws -> Output {
    try await run(arguments, bytes: Array(input.utf8))
  }

  /// Runs to the end, off Swift's cooperative pool. Output goes through files, so that no pipe can fill.
  static func run(_ arguments: [String], bytes: [UInt8]) async throws -> Output {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(
          with: Result {
            let started = try start(arguments, input: bytes)
            started.process.waitUntilExit()
            return try started.output()
          })
      }
    }
  }

  /// A program that runs, and what it writes.
  struct Started {
    let process: Process
    let folder: TemporaryFolder

    func output() throws -> Output {
      Output(
        status: process.terminationStatus,
        text: try String(contentsOfFile: folder.path("stdout"), encoding: .utf8),
        errors: try String(contentsOfFile: folder.path("stderr"), encoding: .utf8))
    }
  }

  static func start(_ arguments: [String], input: [UInt8] = []) throws -> Started {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try path)
    process.arguments = arguments
    try Data(input).write(to: URL(fileURLWithPath: folder.path("stdin")))
    process.standardInput = FileHandle(forReadingAtPath: folder.path("stdin"))
    for (name, assign) in [
      ("stdout", { process.standardOutput = $0 }), ("stderr", { process.standardError = $0 }),
    ] as [(String, (FileHandle?) -> Void)] {
      FileManager.default.createFile(atPath: folder.path(name), contents: nil)
      assign(FileHandle(forWritingAtPath: folder.path(name)))
    }
    try process.run()
    return Started(process: process, folder: folder)
  }
}

/// A run that was trained once for all tests: a policy, a store and metrics to look at.
enum TrainedRun {
  static let recipe = """
    name: tiny
    seed: 1
    policy:
      random: {layers: 1, width: 32, heads: 2, key_value_heads: 1, feed_forward_width: 64, context_length: 128}
    environment:
      name: calculator
      options: {templates: bare, steps: 1, digits: 1, operations: [add], system_prompt: ""}
    warmup: {episodes: 8, epochs: 10, batch_episodes: 4, learning_rate: 0.02}
    rollout: {tasks_per_step: 2, group_size: 4, max_turn_tokens: 24, max_episode_tokens: 96}
    optimizer: {learning_rate: 0.002}
    training: {steps: 4, checkpoint_every: 2, keep_checkpoints: 10, threads: 1}
    evaluation: {episodes: 6, every: 2, validation_episodes: 4}

    """

  static let shared = Task {
    let folder = try TemporaryFolder()
    let output = try await AgentRLProgram.run(
      "train", try recipeFile(in: folder), "--output", folder.path("run"), "--json")
    return (folder: folder, run: folder.path("run"), output: output)
  }

  static func recipeFile(in folder: TemporaryFolder) throws -> String {
    try Data(recipe.utf8).write(to: URL(fileURLWithPath: folder.path("tiny.yaml")))
    return folder.path("tiny.yaml")
  }
}
