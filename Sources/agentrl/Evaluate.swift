import AgentCore
import ArgumentParser
import BuiltinEnvironments
import EnvironmentKit
import PolicyOptimization
import Rollouts
import RunReports
import TerminalOutput

/// Measures a policy on tasks of an environment.
struct Evaluate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Measure a policy's success on an environment's tasks.")

  @OptionGroup var policy: PolicyOptions
  @OptionGroup var environment: EnvironmentOptions

  @Option(help: "An environment's name or the path of its folder.")
  var env: String

  @Option(help: "train, validation or test.")
  var split = "test"

  @Option(help: "How many tasks, from the first on.")
  var episodes = 100

  @Option(help: "Seed of sessions and sampling.")
  var seed = 1

  @Option(help: "0 takes the most likely token.")
  var temperature = 0.0

  @Option(help: "Most tokens of one turn.")
  var maxTurnTokens = 256

  @Option(help: "Record the episodes in this store.")
  var store: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    try require("episodes", episodes)
    try require("max-turn-tokens", maxTurnTokens)
    try require(temperature: temperature)
    _ = try parsedSplit()
  }

  func run() async throws {
    let evaluation = try Evaluation(
      policy: policy.load(),
      environment: EnvironmentRegistry.builtin().definition(for: environment.selection(env, policy: policy.policy)),
      split: parsedSplit(), episodes: episodes, seed: seed, temperature: temperature, maxTurnTokens: maxTurnTokens,
      storePath: store)
    let result = try await evaluation.run()
    if json { return print(result.json.serialized()) }
    var table = TextTable([.left("\(env), \(split)"), .right("")])
    table.add(["success", NumberText.percent(result.successRate)])
    table.add([
      "95% interval", "\(NumberText.percent(result.interval.low)) – \(NumberText.percent(result.interval.high))",
    ])
    table.add(["mean return", NumberText.fixed(result.meanReturn, 3)])
    table.add(["mean turns", NumberText.fixed(result.meanTurns, 2)])
    table.add(["tool calls per episode", NumberText.fixed(result.toolCallsPerEpisode, 2)])
    table.add(["invalid calls", NumberText.percent(result.invalidCallRate)])
    table.add(["episodes", "\(result.episodes)"])
    print(table.rendered())
  }

  private func parsedSplit() throws -> Split {
    guard let value = Split(rawValue: split) else {
      throw ValidationError("--split \(split): expected train, validation or test")
    }
    return value
  }
}
