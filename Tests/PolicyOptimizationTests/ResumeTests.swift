import AgentCore
import Foundation
import RunReports
import Testing

@testable import PolicyOptimization

@Suite struct ResumeTests {
  /// A run that was stopped after a step.
  private func stopped(after step: Int, in folder: TemporaryFolder, _ assignments: [String] = []) async throws {
    let stop = StopAfter(step: step)
    let run = try await TinyRun.start(
      TinyRun.recipe(TinyRun.text, assignments), in: folder, watch: stop.watch)
    try await run.warmUp()
    try await run.evaluateBefore()
    try await run.reinforce(until: { stop.isRaised })
    #expect(await !run.isTrained)
  }

  private func finished(_ folder: TemporaryFolder) async throws -> RunSummary {
    let run = try await TinyRun.resume(folder)
    try await run.warmUp()
    try await run.evaluateBefore()
    try await run.reinforce(until: { false })
    return try await run.finish()
  }

  private func expectUninterrupted(_ summary: RunSummary, _ folder: TemporaryFolder) async throws {
    let (expectedFolder, expected) = try await TinyRun.shared.value
    #expect(summary.policyDigest == expected.policyDigest)
    #expect(summary.before == expected.before)
    #expect(summary.after == expected.after)
    #expect(summary.rolloutTokens == expected.rolloutTokens)
    #expect(summary.trainTokens == expected.trainTokens)
    #expect(try TinyRun.timelessMetrics(folder) == TinyRun.timelessMetrics(expectedFolder))
  }

  @Test("a run that was stopped and resumed is the run that was not", arguments: [1, 2, 3])
  func resume(step: Int) async throws {
    let folder = try TemporaryFolder()
    try await stopped(after: step, in: folder)
    #expect(RunFolder(folder.path).checkpointSteps().last == step)
    try await expectUninterrupted(try await finished(folder), folder)
  }

  @Test("steps after the newest checkpoint are taken again, to the same bits")
  func lostSteps() async throws {
    let folder = try TemporaryFolder()
    try await stopped(after: 3, in: folder)
    // As after a crash: step 3 is in the log and in the store, and not in a checkpoint; the next was being written.
    let run = RunFolder(folder.path)
    try FileManager.default.moveItem(atPath: run.checkpoint(step: 3), toPath: "\(run.checkpoints)/.writing")
    try folder.write(try folder.text("metrics.jsonl") + #"{"step":4,"pha"#, to: "metrics.jsonl")
    try await expectUninterrupted(try await finished(folder), folder)
  }

  @Test("a run that ended before its first checkpoint starts again when resumed")
  func beforeFirstCheckpoint() async throws {
    let folder = try TemporaryFolder()
    let run = try await TinyRun.start(TinyRun.recipe(), in: folder)
    try await run.warmUp()
    try await expectUninterrupted(try await finished(folder), folder)
  }

  @Test("a finished run resumes to the same summary")
  func finishedRun() async throws {
    let folder = try TemporaryFolder()
    let summary = try await TinyRun.whole(TinyRun.recipe(), in: folder)
    let again = try await finished(folder)
    #expect(again.policyDigest == summary.policyDigest)
    #expect(again.after == summary.after)
    #expect(try TinyRun.timelessMetrics(folder).filter { $0["phase"] == "train" }.count == 4)
  }

  @Test("a second start in the same folder is refused and changes nothing")
  func runExists() async throws {
    let folder = try TemporaryFolder()
    _ = try await TinyRun.start(TinyRun.recipe(), in: folder)
    let before = try folder.text("recipe.yaml")
    await #expect(throws: TrainingError.runExists(folder.path)) {
      try await TinyRun.start(TinyRun.recipe("seed=7"), in: folder)
    }
    #expect(try folder.text("recipe.yaml") == before)
  }

  @Test("a folder without a run cannot be resumed")
  func noRun() async throws {
    let folder = try TemporaryFolder()
    await #expect(throws: TrainingError.noRun(folder.path)) { try await TinyRun.resume(folder) }
  }

  @Test(
    "a checkpoint with one wrong bit is refused, not used",
    arguments: ["model.safetensors", "optimizer-mean.safetensors", "optimizer-variance.safetensors"])
  func damagedTensors(file: String) async throws {
    let folder = try TemporaryFolder()
    try await stopped(after: 2, in: folder)
    try folder.damage("checkpoints/step-000002/\(file)")
    await #expect {
      try await TinyRun.resume(folder)
    } throws: { error in
      guard case TrainingError.badCheckpoint(let path, _) = error else { return false }
      return path.hasSuffix("checkpoints/step-000002")
    }
  }

  @Test(
    "a damaged state.json is refused by name",
    arguments: ["", "{", "{}", #"{"format":"agentrl.checkpoint/2"}"#])
  func damagedState(text: String) async throws {
    let folder = try TemporaryFolder()
    try await stopped(after: 2, in: folder)
    try folder.write(text, to: "checkpoints/step-000002/state.json")
    await #expect {
      try await TinyRun.resume(folder)
    } throws: { error in
      guard case TrainingError.badCheckpoint(let path, _) = error else { return false }
      return path.hasSuffix("step-000002/state.json")
    }
  }
}
