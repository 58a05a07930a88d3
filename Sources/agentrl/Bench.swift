import AgentCore
import ArgumentParser
import Glibc
import PolicyOptimization
import Rollouts
import RunReports
import TerminalOutput

/// Measures speed on this machine.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure speed: a whole training step, or generation.",
    subcommands: [BenchStep.self, BenchGenerate.self])
}

/// One whole GRPO step: rollouts of fixed length, then one update.
struct BenchStep: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "step", abstract: "Time one GRPO step: rollouts of fixed length, then one gradient step.")

  @OptionGroup var policy: PolicyOptions

  @Option(help: "Tasks, each with a prompt of its own.")
  var prompts = 4
  @Option(help: "Rollouts per prompt.")
  var group = 8
  @Option(help: "Tokens of each prompt.")
  var promptTokens = 256
  @Option(help: "Tokens sampled in each rollout.")
  var completionTokens = 128
  @Option(help: "Turns over which the sampled tokens are spread.")
  var turns = 1
  @Option(help: "Tokens of each observation between two turns.")
  var observationTokens = 32
  @Option(help: "Most tokens in one forward and backward pass.")
  var microbatchTokens = 3072
  @Option(help: "Counted steps, after one that is not counted; medians are printed.")
  var `repeat` = 3
  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    try require("prompts", prompts)
    try require("group", group)
    try require("prompt-tokens", promptTokens)
    try require("turns", turns)
    try require("completion-tokens", completionTokens, atLeast: turns)
    try require("observation-tokens", observationTokens)
    try require("microbatch-tokens", microbatchTokens)
  }

  func run() async throws {
    let bench = StepBenchmark(
      policy: try policy.load(),
      shape: StepShape(
        prompts: prompts, group: group, promptTokens: promptTokens, completionTokens: completionTokens, turns: turns,
        observationTokens: observationTokens),
      microbatchTokens: microbatchTokens)
    var steps: [StepTiming] = []
    for index in 0...max(1, self.repeat) {
      let timing = try await bench.step(index)
      if index > 0 { steps.append(timing) }
    }
    let result: JSONValue = [
      "step_seconds": .double(median(steps.map { $0.rolloutSeconds + $0.trainSeconds })),
      "rollout_seconds": .double(median(steps.map(\.rolloutSeconds))),
      "train_seconds": .double(median(steps.map(\.trainSeconds))),
      "rollout_tokens_per_second": .double(median(steps.map { Double($0.sampledTokens) / $0.rolloutSeconds })),
      "train_tokens_per_second": .double(median(steps.map { Double($0.paddedTokens) / $0.trainSeconds })),
      "max_logprob_gap": .double(steps.map(\.maxLogprobGap).max() ?? 0),
      "peak_rss_bytes": JSONValue(peakResidentBytes()), "dtype": "float32",
      "threads": JSONValue(bench.policy.engine.threadCount),
      "instruction_set": .string(bench.policy.engine.instructionSet),
    ]
    BenchmarkOutput.show(result, json: json)
  }
}

/// Generation with a batch of prompts.
struct BenchGenerate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Time prompt reading and decoding with a batch of sequences.")

  @OptionGroup var policy: PolicyOptions

  @Option(help: "Sequences at once.")
  var batch = 32
  @Option(help: "Tokens of each prompt.")
  var promptTokens = 64
  @Option(help: "Tokens decoded for each sequence.")
  var newTokens = 64
  @Option(help: "Counted runs, after one that is not counted; medians are printed.")
  var `repeat` = 3
  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    try require("batch", batch)
    try require("prompt-tokens", promptTokens)
    try require("new-tokens", newTokens)
  }

  func run() async throws {
    let policy = try policy.load()
    var decoding: [Double] = []
    var reading: [Double] = []
    for index in 0...max(1, self.repeat) {
      let timing = try await GenerationBenchmark(policy: policy).run(
        batch: batch, promptTokens: promptTokens, newTokens: newTokens, index: index)
      guard index > 0 else { continue }
      decoding.append(Double(batch * newTokens) / timing.decodeSeconds)
      reading.append(Double(batch * promptTokens) / timing.prefillSeconds)
    }
    BenchmarkOutput.show(
      [
        "tokens_per_second": .double(median(decoding)), "prefill_tokens_per_second": .double(median(reading)),
        "peak_rss_bytes": JSONValue(peakResidentBytes()),
      ], json: json)
  }
}

/// Prints a measurement as JSON or as a table.
enum BenchmarkOutput {
  static func show(_ result: JSONValue, json: Bool) {
    if json { return print(result.serialized()) }
    var table = TextTable([.left("measured"), .right("median")])
    for (name, value) in result.objectValue ?? [:] {
      table.add([name, value.doubleValue.map { NumberText.short($0) } ?? value.stringValue ?? ""])
    }
    print(table.rendered())
  }
}

private func median(_ values: [Double]) -> Double {
  Statistics.quantile(0.5, ofSorted: values.sorted())
}

/// Largest resident size that this process had, in bytes.
private func peakResidentBytes() -> Int {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_maxrss * 1024
}
