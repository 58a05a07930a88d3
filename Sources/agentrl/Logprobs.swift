import AgentCore
import ArgumentParser
import Rollouts

/// Log-probabilities of given tokens.
struct Logprobs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print log p(token | tokens before it) for each line {\"token_ids\":[…]} on stdin.")

  @OptionGroup var policy: PolicyOptions

  @Flag(help: "Print JSON lines (the only format).")
  var json = false

  func run() async throws {
    let policy = try policy.load()
    for (line, record) in try standardInputRecords() {
      let ids = try record.tokenIDs(line: line)
      let logprobs = try await policy.engine.logprobs(of: ids)
      // The first token has nothing before it.
      let values = [JSONValue.null] + logprobs.map { JSONValue($0) }
      print((["logprobs": .array(ids.isEmpty ? [] : values)] as JSONValue).serialized())
    }
  }
}
