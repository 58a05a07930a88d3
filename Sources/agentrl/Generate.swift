import AgentCore
import ArgumentParser
import Foundation
import Rollouts

/// Continues prompts.
struct Generate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Continue each line {\"prompt\":\"…\"} or {\"token_ids\":[…]} on stdin.")

  @OptionGroup var policy: PolicyOptions

  @Option(help: "Most tokens to sample.")
  var maxTokens = 128

  @Option(help: "0 takes the most likely token.")
  var temperature = 1.0

  @Option(help: "Seed of the sampling.")
  var seed = 1

  @Flag(help: "Print JSON lines.")
  var json = false

  func validate() throws {
    try require("max-tokens", maxTokens)
    try require(temperature: temperature)
  }

  func run() async throws {
    let policy = try policy.load()
    for (index, (line, record)) in try standardInputRecords().enumerated() {
      let prompt = try prompt(record, line: line, policy.language)
      let sequence = try await policy.engine.open(prompt: prompt)
      let generation = try await policy.engine.generate(
        GenerationRequest(
          sequence: sequence, sampling: SamplingSettings(temperature: Float(temperature)), maxTokens: maxTokens,
          stopTokenIDs: policy.language.conversation.stopTokenIDs,
          random: RandomStream(seed: seed, purpose: "generate", index)))
      await policy.engine.release(sequence)
      let text = policy.language.text(of: generation)
      print(json ? output(generation, text).serialized() : text)
    }
  }

  private func prompt(_ record: JSONValue, line: Int, _ language: PolicyLanguage) throws -> [Int32] {
    guard let text = record["prompt"]?.stringValue else { return try record.tokenIDs(line: line) }
    return language.tokenizer.encode(text)
  }

  private func output(_ generation: Generation, _ text: String) -> JSONValue {
    [
      "text": .string(text), "token_ids": .array(generation.ids.map { .int(Int64($0)) }),
      "logprobs": .array(generation.logprobs.map { JSONValue($0) }), "finish": .string(generation.finish.rawValue),
    ]
  }
}
