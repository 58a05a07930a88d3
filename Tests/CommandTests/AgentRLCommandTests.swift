import AgentCore
import Foundation
import Testing

/// The contracts that other programs rely on.
@Suite struct AgentRLCommandTests {
  private func policy() async throws -> String { try await TrainedRun.shared.value.run }

  private func numbers(_ value: JSONValue?) -> [Double] { value?.arrayValue?.compactMap(\.doubleValue) ?? [] }

  @Test("train prints its summary as JSON, and writes everything that it promises")
  func train() async throws {
    let (_, run, output) = try await TrainedRun.shared.value
    #expect(output.status == 0, "\(output.errors)")
    let summary = try #require(try output.records.first)
    #expect(try output.records.count == 1)
    #expect(summary["steps"] == 4)
    #expect(summary["policy_digest"]?.stringValue?.hasPrefix("sha256:") == true)
    #expect(summary["eval"]?["after"]?["episodes"] == 6)
    let written = try String(contentsOfFile: "\(run)/summary.json", encoding: .utf8)
    #expect(written == output.text)
    for name in ["recipe.yaml", "metrics.jsonl", "trajectories.sqlite", "report.html", "checkpoints/step-000004"] {
      #expect(FileManager.default.fileExists(atPath: "\(run)/\(name)"), "\(name)")
    }
    // Notes go to stderr, and redrawing only to terminals.
    #expect(output.errors.contains("before: success on 6 held-out test tasks"))
    #expect(!output.errors.contains("\u{1B}"))
  }

  @Test("tokenize and --decode are each other's inverse, and special tokens are text unless asked for")
  func tokenize() async throws {
    let policy = try await policy()
    let text = "3+4=? é 🙂 <|end|><tool_call>\n"
    let output = try await AgentRLProgram.run("tokenize", "--policy", policy, "--json", input: text)
    let line = try #require(try output.records.first)
    #expect(line.objectValue?.keys.sorted() == ["token_ids"])
    let back = try await AgentRLProgram.run(
      "tokenize", "--policy", policy, "--decode", "--json", input: line.serialized())
    #expect(try back.records == [["text": .string(text)]])
    let special = try await AgentRLProgram.run("tokenize", "--policy", policy, "--json", "--special", input: text)
    let fewer = try #require(try special.records.first?["token_ids"]?.arrayValue)
    #expect(line["token_ids"]?.arrayValue?.count == fewer.count + "<|end|>".utf8.count - 1)
    #expect(try await AgentRLProgram.run("tokenize", "--policy", policy, "--json").records == [["token_ids": []]])
    let people = try await AgentRLProgram.run("tokenize", "--policy", policy, input: "a")
    #expect(people.text == "97\t\"a\"\n")
  }

  @Test("logprobs gives a number for each token but the first, one line for each line")
  func logprobs() async throws {
    let input = #"{"token_ids":[51,43,52,61]}"# + "\n\n" + #"{"token_ids":[7]}"# + "\n" + #"{"token_ids":[]}"#
    let output = try await AgentRLProgram.run("logprobs", "--policy", try await policy(), "--json", input: input)
    let records = try output.records
    #expect(records.count == 3)
    #expect(records[0]["logprobs"]?.arrayValue?.first == .null)
    #expect(numbers(records[0]["logprobs"]).count == 3)
    #expect(numbers(records[0]["logprobs"]).allSatisfy { $0 < 0 && $0.isFinite })
    #expect(records[1]["logprobs"] == [.null])
    #expect(records[2]["logprobs"] == [])
  }

  @Test("generate gives text, ids, log-probabilities and how it ended; the same seed gives the same line")
  func generate() async throws {
    let policy = try await policy()
    func lines(_ more: String...) async throws -> [JSONValue] {
      let input = #"{"prompt":"3+4=?"}"# + "\n" + #"{"token_ids":[51,43]}"#
      return try await AgentRLProgram.run(
        ["generate", "--policy", policy, "--json", "--max-tokens", "9"] + more, input: input
      ).records
    }
    let first = try await lines()
    #expect(first.count == 2)
    for line in first {
      #expect(line.objectValue?.keys.sorted() == ["finish", "logprobs", "text", "token_ids"])
      #expect(["length", "stop"].contains(line["finish"]?.stringValue))
      #expect(numbers(line["logprobs"]).count == line["token_ids"]?.arrayValue?.count)
    }
    #expect(try await lines() == first)
    let hot = try await lines("--temperature", "5")
    #expect(try await lines("--temperature", "5", "--seed", "2") != hot)
    #expect(try await lines("--threads", "2") == first)
    let greedy = try await lines("--temperature", "0")
    #expect(try await lines("--temperature", "0", "--seed", "2") == greedy)

    // The recorded numbers are those of scoring the whole.
    let ids = [51, 43] + numbers(first[1]["token_ids"]).map { Int($0) }
    let scored = try await AgentRLProgram.run(
      "logprobs", "--policy", policy, "--json",
      input: (["token_ids": .array(ids.map { JSONValue($0) })] as JSONValue).serialized())
    #expect(Array(numbers(try scored.records[0]["logprobs"]).dropFirst()) == numbers(first[1]["logprobs"]))
  }

  @Test("no lines in, no lines out", arguments: ["logprobs", "generate"])
  func emptyInput(command: String) async throws {
    for input in ["", "\n  \n"] {
      let output = try await AgentRLProgram.run(command, "--policy", try await policy(), "--json", input: input)
      #expect(output.status == 0)
      #expect(output.text.isEmpty)
    }
  }

  @Test("eval gives the seven numbers, the same ones each time")
  func eval() async throws {
    let policy = try await policy()
    let arguments = [
      "eval", "--policy", policy, "--env", "calculator", "--split", "validation", "--episodes", "4", "--seed", "3",
      "--env-option", "templates=bare", "--env-option", "digits=1", "--env-option", "system_prompt=",
      "--max-turn-tokens", "24", "--json",
    ]
    let output = try await AgentRLProgram.run(arguments)
    let result = try #require(try output.records.first)
    #expect(
      result.objectValue?.keys.sorted() == [
        "ci95", "episodes", "invalid_call_rate", "mean_return", "mean_turns", "success_rate", "tool_calls_per_episode",
      ])
    #expect(result["episodes"] == 4)
    #expect(try await AgentRLProgram.run(arguments).text == output.text)
  }

  @Test("credit gives one advantage for each turn, in input order, and knows its methods by name")
  func credit() async throws {
    let folder = try TemporaryFolder()
    func line(_ id: String, group: String, rewards: [Double], outcome: Double) -> String {
      let turns = rewards.enumerated().map { index, reward -> JSONValue in
        [
          "index": JSONValue(index), "action": ["text": "", "finish": "stop"], "observation": ["messages": []],
          "reward": .double(reward), "started_at": "2026-01-01T00:00:00Z", "duration_ms": 0,
        ]
      }
      let record: JSONValue = [
        "format": "agentenv.trajectory/1", "id": .string(id), "group_id": .string(group),
        "environment": ["name": "e", "version": "1"], "task": ["id": .string("t-\(group)"), "split": "train"],
        "seed": 1, "messages": [], "turns": .array(turns),
        "outcome": ["reward": .double(outcome), "success": true, "termination": "answered"],
      ]
      return record.serialized()
    }
    let lines = [
      line("a", group: "1", rewards: [0, 0], outcome: 1), line("x", group: "2", rewards: [0], outcome: 5),
      line("b", group: "1", rewards: [0], outcome: 0), line("y", group: "2", rewards: [0, 0, 0], outcome: 3),
    ]
    let path = folder.path("groups.jsonl")
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
    let output = try await AgentRLProgram.run("credit", path, "--estimator", "dr_grpo", "--json")
    #expect(output.errors.isEmpty)
    #expect(
      try output.records == [
        ["id": "a", "advantages": [0.5, 0.5]], ["id": "x", "advantages": [1.0]], ["id": "b", "advantages": [-0.5]],
        ["id": "y", "advantages": [-1.0, -1.0, -1.0]],
      ])
    let methods = try #require(try await AgentRLProgram.run("methods", "--json").records.first?.arrayValue)
    for method in methods {
      let name = try #require(method["name"]?.stringValue)
      let credited = try await AgentRLProgram.run("credit", path, "--estimator", name, "--json")
      #expect(try credited.records.map { numbers($0["advantages"]).count } == [2, 1, 1, 3], "\(name)")
      #expect(method["paper"]?.stringValue?.contains("arXiv") == true)
    }
  }

  @Test("bench prints what it measured")
  func bench() async throws {
    let policy = try await policy()
    let step = try await AgentRLProgram.run(
      "bench", "step", "--policy", policy, "--prompts", "2", "--group", "2", "--prompt-tokens", "9",
      "--completion-tokens", "6", "--turns", "2", "--observation-tokens", "3", "--repeat", "1", "--json")
    let measured = try #require(try step.records.first)
    for key in [
      "step_seconds", "rollout_seconds", "train_seconds", "rollout_tokens_per_second", "train_tokens_per_second",
      "peak_rss_bytes", "threads",
    ] {
      #expect((measured[key]?.doubleValue ?? 0) > 0, "\(key)")
    }
    #expect(measured["max_logprob_gap"]?.doubleValue == 0)
    #expect(measured["dtype"] == "float32")
    let generate = try await AgentRLProgram.run(
      "bench", "generate", "--policy", policy, "--batch", "2", "--prompt-tokens", "5", "--new-tokens", "4",
      "--repeat", "1", "--json")
    for key in ["tokens_per_second", "prefill_tokens_per_second", "peak_rss_bytes"] {
      #expect((try generate.records.first?[key]?.doubleValue ?? 0) > 0, "\(key)")
    }
  }

  @Test("report writes the page again and says where")
  func report() async throws {
    let (_, run, _) = try await TrainedRun.shared.value
    let copy = try TemporaryFolder()
    try FileManager.default.copyItem(atPath: run, toPath: copy.path("run"))
    try FileManager.default.removeItem(atPath: copy.path("run/report.html"))
    let output = try await AgentRLProgram.run("report", copy.path("run"))
    #expect(output.text == copy.path("run/report.html") + "\n")
    #expect(FileManager.default.fileExists(atPath: copy.path("run/report.html")))
  }
}
