import AgentCore
import Foundation
import Testing

/// A run that was ended from outside and resumed is, in weights and metrics, the run that nobody disturbed.
@Suite(.serialized) struct AgentRLInterruptionTests {
  private static let length = [
    "--set", "training.steps=60", "--set", "training.checkpoint_every=7", "--set", "warmup.epochs=80",
    "--set", "warmup.learning_rate=0.004",
  ]

  private static let undisturbed = Task {
    let folder = try TemporaryFolder()
    let output = try await AgentRLProgram.run(
      ["train", try TrainedRun.recipeFile(in: folder), "--output", folder.path("run"), "--json"] + length)
    return (folder: folder, digest: try output.records.first?["policy_digest"])
  }

  /// Starts a run, and ends it with a signal once it has logged so many rows of a phase.
  ///
  /// A thread of its own watches the run: tests that compute keep Swift's pool busy for longer than a run takes.
  private func interrupted(
    in folder: TemporaryFolder, after rows: Int, of phase: String, signal: Int32
  ) async throws -> AgentRLProgram.Output {
    let arguments = ["train", try TrainedRun.recipeFile(in: folder), "--output", folder.path("run")] + Self.length
    let metrics = folder.path("run/metrics.jsonl")
    return try await withCheckedThrowingContinuation { continuation in
      Thread {
        continuation.resume(
          with: Result {
            let started = try AgentRLProgram.start(arguments)
            while started.process.isRunning {
              let text = (try? String(contentsOfFile: metrics, encoding: .utf8)) ?? ""
              if text.components(separatedBy: "\"phase\":\"\(phase)\"").count > rows { break }
              usleep(1000)
            }
            if started.process.isRunning { kill(started.process.processIdentifier, signal) }
            started.process.waitUntilExit()
            return try started.output()
          })
      }.start()
    }
  }

  /// Each step's values, without what depends on the clock.
  private func timelessMetrics(_ folder: TemporaryFolder) throws -> [JSONObject] {
    try String(contentsOfFile: folder.path("run/metrics.jsonl"), encoding: .utf8).split(separator: "\n").map { line in
      try (JSONValue(parsing: String(line)).objectValue ?? [:])
        .filter { !$0.key.hasSuffix("_seconds") && !$0.key.hasSuffix("_per_second") }
    }
  }

  private func expectUndisturbed(_ folder: TemporaryFolder) async throws {
    #expect(!FileManager.default.fileExists(atPath: folder.path("run/summary.json")))
    let resumed = try await AgentRLProgram.run("train", "--resume", folder.path("run"), "--json")
    #expect(resumed.status == 0, "\(resumed.errors)")
    let (expectedFolder, digest) = try await Self.undisturbed.value
    #expect(digest != nil)
    #expect(try resumed.records.first?["policy_digest"] == digest)
    #expect(try timelessMetrics(folder) == timelessMetrics(expectedFolder))
  }

  @Test("kill -9", arguments: [("warmup", 3), ("train", 1), ("train", 17)])
  func killed(phase: String, rows: Int) async throws {
    let folder = try TemporaryFolder()
    let output = try await interrupted(in: folder, after: rows, of: phase, signal: SIGKILL)
    #expect(output.status == SIGKILL)
    try await expectUndisturbed(folder)
  }

  @Test("Ctrl-C during the warm-up ends it at once, and a resumed run begins it again")
  func stoppedWarmUp() async throws {
    let folder = try TemporaryFolder()
    let output = try await interrupted(in: folder, after: 3, of: "warmup", signal: SIGINT)
    #expect(output.status == 0)
    #expect(output.errors.contains("begin again with: agentrl train --resume \(folder.path("run"))"))
    #expect(try timelessMetrics(folder).allSatisfy { $0["phase"] == "warmup" })
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("run/checkpoints")).isEmpty)
    try await expectUndisturbed(folder)
  }

  @Test("Ctrl-C and SIGTERM finish the step, write a checkpoint, and say how to go on", arguments: [SIGINT, SIGTERM])
  func stopped(signal: Int32) async throws {
    let folder = try TemporaryFolder()
    let output = try await interrupted(in: folder, after: 5, of: "train", signal: signal)
    #expect(output.status == 0)
    #expect(output.errors.contains("continue with: agentrl train --resume \(folder.path("run"))"))
    #expect(output.text.isEmpty)
    let steps = try timelessMetrics(folder).compactMap { $0["phase"] == "train" ? $0["step"]?.intValue : nil }
    let last = try #require(steps.last)
    #expect(last < 60)
    let name = "run/checkpoints/step-" + String(repeating: "0", count: 6 - "\(last)".count) + "\(last)"
    #expect(FileManager.default.fileExists(atPath: folder.path(name)))
    #expect(FileManager.default.fileExists(atPath: folder.path("run/report.html")))
    try await expectUndisturbed(folder)
  }
}
