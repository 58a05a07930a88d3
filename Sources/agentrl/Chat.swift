import AgentCore
import ArgumentParser
import BuiltinEnvironments
import EnvironmentKit
import Foundation
import PolicyOptimization
import Rollouts
import RunReports
import SessionEngine
import TerminalOutput

/// A conversation with a policy, with an environment's tools or without.
struct Chat: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Talk to a policy; with --env every line is a question that it may use the environment's tools for.")

  @OptionGroup var policy: PolicyOptions
  @OptionGroup var environment: EnvironmentOptions

  @Option(help: "Give the policy the tools of this environment.")
  var env: String?

  @Option(help: "A system prompt; with --env the environment's own is used.")
  var system: String?

  @Option(help: "Most tokens of one turn.")
  var maxTokens = 256

  @Option(help: "0 takes the most likely token.")
  var temperature = 0.0

  @Option(help: "Seed of the sampling.")
  var seed = 1

  func validate() throws {
    try require("max-tokens", maxTokens)
    try require(temperature: temperature)
  }

  func run() async throws {
    let policy = try policy.load()
    let conversation = ChatConversation(
      policy: policy, sampling: SamplingSettings(temperature: Float(temperature)), maxTokens: maxTokens, seed: seed)
    let definition = try env.map {
      try EnvironmentRegistry.builtin().definition(for: environment.selection($0, policy: self.policy.policy))
    }
    var history = system.map { [Message(role: .system, content: $0)] } ?? []
    var number = 0
    while let line = prompt() {
      number += 1
      guard !line.allSatisfy(\.isWhitespace) else { continue }
      if let definition {
        try await conversation.solve(line, in: definition, number: number) { show($0) }
      } else {
        history.append(Message(role: .user, content: line))
        history.append(try await conversation.reply(to: history, number: number))
        show(history[history.count - 1])
      }
    }
  }

  private func prompt() -> String? {
    if Terminal.standardOutput.isTerminal { Terminal.standardOutput.write("you> ") }
    return readLine()
  }

  private func show(_ message: Message) {
    print("\(message.role == .tool ? message.name ?? "tool" : "policy")> \(message.content)")
  }
}

/// Turns of a policy, one after the other.
struct ChatConversation {
  let policy: LoadedPolicy
  let sampling: SamplingSettings
  let maxTokens: Int
  let seed: Int

  /// The policy's answer to a conversation.
  func reply(to history: [Message], number: Int) async throws -> Message {
    let conversation = policy.language.conversation
    let prompt = try conversation.encodePrompt(messages: history, tools: [])
    let sequence = try await policy.engine.open(prompt: prompt.ids)
    let generation = try await policy.engine.generate(
      GenerationRequest(
        sequence: sequence, sampling: sampling, maxTokens: maxTokens, stopTokenIDs: conversation.stopTokenIDs,
        random: RandomStream(seed: seed, purpose: "chat", number)))
    await policy.engine.release(sequence)
    return Message(role: .assistant, content: policy.language.text(of: generation))
  }

  /// Plays an episode whose task is the question, and shows every message of it.
  func solve(
    _ question: String, in definition: EnvironmentDefinition, number: Int, show: (Message) -> Void
  ) async throws {
    // Nobody knows the answer: whatever the environment's rewards say of this episode is not looked at.
    let task = EnvironmentTask(
      id: "chat-\(number)", split: .test, category: "chat", difficulty: 0,
      payload: ["question": .string(question), "expression": "0", "answer": "0"])
    let runner = EpisodeRunner(
      engine: policy.engine, policy: policy.language, sessions: SessionEngine(), sampling: sampling,
      budget: EpisodeBudget(
        maxTurnTokens: maxTokens, maxEpisodeTokens: policy.engine.configuration.contextLength),
      description: PolicyDescription(name: policy.name, version: 0, digest: "", sampling: sampling.json))
    let trajectory = try await runner.play(
      EpisodePlan(
        id: "chat-\(number)", environment: definition, task: .task(task), sessionSeed: seed, samplingSeed: seed,
        coordinates: [number]))
    for message in trajectory.conversation.dropFirst(trajectory.messages.count) { show(message) }
  }
}
