import ArgumentParser
import BuiltinEnvironments
import Configuration
import EnvironmentKit
import Foundation
import PolicyOptimization
import RunReports

/// The main path: a recipe becomes a trained policy.
struct Train: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a policy by a recipe, or continue a run.",
    discussion: """
      The run is a folder: recipe.yaml, metrics.jsonl, summary.json, trajectories.sqlite, checkpoints/, report.html and
      TensorBoard event files. Ctrl-C finishes the step, writes a checkpoint and says how to go on.
      """)

  @Argument(help: "A recipe file, e.g. recipes/quickstart.yaml.")
  var recipe: String?

  @Option(name: .customLong("set"), help: "Change a key: --set training.steps=10 (repeatable).")
  var assignments: [String] = []

  @Option(help: "Where to put the run (default: runs/NAME-seedSEED, with a number if that is taken).")
  var output: String?

  @Option(help: "Continue the run in this folder from its newest checkpoint.")
  var resume: String?

  @Flag(help: "Print the summary as JSON on stdout.")
  var json = false

  func validate() throws {
    guard (recipe == nil) != (resume == nil) else {
      throw ValidationError("Give a recipe file, or --resume with the folder of a run.")
    }
    guard resume == nil || (assignments.isEmpty && output == nil) else {
      throw ValidationError("--resume continues a run as it was started: --set and --output do not go with it.")
    }
  }

  func run() async throws {
    let console = RunConsole()
    let stop = StopSignal()
    let run = try await openRun(console)
    do {
      try await run.warmUp(until: { stop.isRaised })
      if !stop.isRaised { try await run.evaluateBefore() }
      try await run.reinforce(until: { stop.isRaised })
    } catch {
      // Someone will want to see why: the report of what there is helps, and must not hide the error.
      try? await run.writeReport()
      throw error
    }
    guard await run.isTrained else {
      try await run.writeReport()
      let place =
        run.folder.checkpointSteps().isEmpty
        ? "before the first checkpoint; begin again" : "after a checkpoint; continue"
      return console.note("stopped \(place) with: agentrl train --resume \(run.folder.path)")
    }
    let summary = try await run.finish()
    console.finish()
    print(json ? summary.json.serialized() : TrainingTable(run: run, summary: summary).text)
  }

  private func openRun(_ console: RunConsole) async throws -> TrainingRun {
    let environments = try EnvironmentRegistry.builtin()
    if let resume {
      return try await TrainingRun.resume(RunFolder(resume), environments: environments, watch: console.show)
    }
    let recipe = try Recipe(file: recipe ?? "", assignments: assignments)
    let folder = RunFolder(output ?? Self.freeFolder("runs/\(recipe.name)-seed\(recipe.seed)"))
    let run = try await TrainingRun.start(recipe, in: folder, environments: environments, watch: console.show)
    console.note("run \(folder.path): \(recipe.name), seed \(recipe.seed), \(recipe.credit.estimator)")
    return run
  }

  /// The path itself, or with the first number behind it that is not taken: a second run never disturbs the first.
  private static func freeFolder(_ path: String) -> String {
    var candidate = path
    var number = 1
    while FileManager.default.fileExists(atPath: candidate) {
      number += 1
      candidate = "\(path)-\(number)"
    }
    return candidate
  }
}
