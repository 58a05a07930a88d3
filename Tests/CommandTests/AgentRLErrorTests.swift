import Foundation
import Testing

/// Whatever is wrong: one line on stderr that names it and helps, nothing on stdout, 2 for usage and 1 for the rest.
@Suite struct AgentRLErrorTests {
  struct Mistake: Sendable, CustomTestStringConvertible {
    /// `RUN` stands for a trained run, `RECIPE` for a recipe, `FOLDER` for an empty folder.
    var arguments: String
    var input = ""
    var status: Int32
    var hint: String

    var testDescription: String { arguments }
  }

  private static let mistakes = [
    Mistake(arguments: "fly", status: 2, hint: "fly"),
    Mistake(arguments: "train", status: 2, hint: "Give a recipe file, or --resume"),
    Mistake(arguments: "train RECIPE --resume RUN", status: 2, hint: "Give a recipe file, or --resume"),
    Mistake(arguments: "train FOLDER/none.yaml", status: 2, hint: "FOLDER/none.yaml: cannot be read"),
    Mistake(
      arguments: "train RECIPE --set rollout.group_sise=3 --output FOLDER/run", status: 2,
      hint: "rollout.group_sise: unknown key; did you mean `group_size`?"),
    Mistake(
      arguments: "train RECIPE --set steps --output FOLDER/run", status: 2, hint: "--set steps: expected key=value"),
    Mistake(
      arguments: "train RECIPE --set algorithm.estimator=gipgo --output FOLDER/run", status: 2,
      hint: "did you mean `gigpo`?"),
    Mistake(
      arguments: "train RECIPE --set environment.name=calulator --output FOLDER/run", status: 2,
      hint: "did you mean `calculator`?"),
    Mistake(
      arguments: "train RECIPE --set rollout.max_episode_tokens=500 --output FOLDER/run", status: 1,
      hint: "the policy's context is 128 tokens"),
    Mistake(arguments: "train RECIPE --output RUN", status: 1, hint: "continue it with --resume RUN"),
    Mistake(arguments: "train --resume FOLDER", status: 1, hint: "FOLDER holds no run"),
    Mistake(arguments: "eval --policy FOLDER/none --env calculator", status: 1, hint: "FOLDER/none"),
    Mistake(arguments: "eval --policy RUN --env calulator", status: 2, hint: "did you mean `calculator`?"),
    Mistake(arguments: "eval --policy RUN --env calculator --split dev", status: 2, hint: "--split dev"),
    Mistake(arguments: "eval --policy RUN --env calculator --episodes 0", status: 2, hint: "--episodes 0"),
    Mistake(arguments: "eval --policy RUN --env calculator --episodes=-3", status: 2, hint: "--episodes -3"),
    Mistake(arguments: "eval --policy RUN --env calculator --env-option digits", status: 2, hint: "expected key=value"),
    Mistake(arguments: "eval --policy RUN --env calculator --temperature=-1", status: 2, hint: "--temperature -1"),
    Mistake(arguments: "bench step --policy RUN --prompts=-1", status: 2, hint: "--prompts -1"),
    Mistake(arguments: "bench step --policy RUN --completion-tokens 2 --turns 3", status: 2, hint: "at least 3"),
    Mistake(arguments: "bench generate --policy RUN --batch 0", status: 2, hint: "--batch 0"),
    Mistake(
      arguments: "generate --policy RUN --max-tokens 0", input: #"{"prompt":"a"}"#, status: 2, hint: "--max-tokens 0"),
    Mistake(
      arguments: "generate --policy RUN", input: "{\"prompt\":\"a\"}\n\n{\"prompt\"", status: 1,
      hint: "standard input, line 3"),
    Mistake(
      arguments: "generate --policy RUN", input: "\n{\"text\":\"a\"}", status: 1,
      hint: "standard input, line 2: token_ids"),
    Mistake(arguments: "generate --policy RUN", input: #"{"prompt":""}"#, status: 1, hint: "the prompt has no tokens"),
    Mistake(
      arguments: "logprobs --policy RUN", input: "\n\n{\"token_ids\":[1,99999]}", status: 1,
      hint: "token id 99999 is outside the vocabulary"),
    Mistake(
      arguments: "logprobs --policy RUN", input: #"{"token_ids":["a"]}"#, status: 1, hint: "standard input, line 1"),
    Mistake(arguments: "tokenize --policy RUN --decode", input: "[1]", status: 1, hint: "standard input, line 1"),
    Mistake(arguments: "tokenize --policy RUN --decode", input: "", status: 1, hint: "standard input, line 1"),
    Mistake(
      arguments: "credit FOLDER/none.jsonl --estimator grpo", status: 1, hint: "FOLDER/none.jsonl: cannot be read"),
    Mistake(arguments: "credit RECIPE --estimator grpo", status: 1, hint: "RECIPE:1: "),
    Mistake(arguments: "credit RECIPE --estimator gipgo", status: 2, hint: "did you mean `gigpo`?"),
    Mistake(arguments: "credit RECIPE --estimator gigpo --set omgea=1", status: 2, hint: "gigpo.omgea"),
    Mistake(arguments: "report FOLDER", status: 1, hint: "FOLDER"),
  ]

  @Test("a mistake is one line that helps", arguments: mistakes)
  func mistake(_ mistake: Mistake) async throws {
    let (shared, run, _) = try await TrainedRun.shared.value
    let folder = try TemporaryFolder()
    func filled(_ text: String) -> String {
      text.replacingOccurrences(of: "RECIPE", with: shared.path("tiny.yaml"))
        .replacingOccurrences(of: "RUN", with: run)
        .replacingOccurrences(of: "FOLDER", with: String(folder.path("").dropLast()))
    }
    let arguments = mistake.arguments.split(separator: " ").map { filled(String($0)) }
    let output = try await AgentRLProgram.run(arguments, input: mistake.input)
    expectOneLine(output, status: mistake.status, hint: filled(mistake.hint))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("")).isEmpty)
  }

  private func expectOneLine(_ output: AgentRLProgram.Output, status: Int32, hint: String) {
    #expect(output.status == status, "\(output.errors)")
    #expect(output.errors.contains(hint), "\(output.errors)")
    #expect(output.errors.hasPrefix("agentrl: "))
    #expect(output.errors.split(separator: "\n", omittingEmptySubsequences: false).count == 2, "\(output.errors)")
  }

  @Test(
    "a cut or foreign model file is refused by name",
    arguments: ["", "GGUF", "GGUF\u{3}\u{0}\u{0}\u{0}\u{1}", "PK\u{3}\u{4} zip"])
  func damagedModel(content: String) async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("model.gguf")
    try Data(content.utf8).write(to: URL(fileURLWithPath: path))
    let output = try await AgentRLProgram.run("logprobs", "--policy", path)
    expectOneLine(output, status: 1, hint: path)
  }

  @Test(
    "a policy folder that lacks a file says which",
    arguments: ["tokenizer.json", "config.json", "model.safetensors"])
  func incompletePolicy(file: String) async throws {
    let (_, run, _) = try await TrainedRun.shared.value
    let folder = try TemporaryFolder()
    try FileManager.default.copyItem(atPath: "\(run)/checkpoints/step-000004", toPath: folder.path("policy"))
    try FileManager.default.removeItem(atPath: folder.path("policy/\(file)"))
    let output = try await AgentRLProgram.run("logprobs", "--policy", folder.path("policy"))
    expectOneLine(output, status: 1, hint: file == "model.safetensors" ? "safetensors" : file)
  }

  @Test("text that is not UTF-8 is refused")
  func invalidText() async throws {
    let (_, run, _) = try await TrainedRun.shared.value
    let output = try await AgentRLProgram.run(["tokenize", "--policy", run], bytes: [0x61, 0xFF])
    expectOneLine(output, status: 1, hint: "not valid UTF-8")
  }
}
