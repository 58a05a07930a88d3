import AgentCore
import Foundation
import RunReports
import TrajectoryStore

/// Writes run folders that look like real ones: a policy that learns the calculator, or one that comes apart.
struct SyntheticRun {
  enum Course: Sendable {
    case learns, collapses
  }

  let folder: RunFolder
  var course = Course.learns
  var steps = 120

  /// - Parameter isFinished: writes summary.json.
  func write(isFinished: Bool = true) async throws {
    try FileManager.default.createDirectory(
      atPath: "\(folder.checkpoints)/step-\(steps)", withIntermediateDirectories: true)
    try Self.recipe.write(toFile: folder.recipe, atomically: true, encoding: .utf8)
    try writeMetrics()
    try await writeTrajectories()
    guard isFinished else { return }
    let after = course == .learns ? 0.965 : 0.31
    let summary: JSONValue = [
      "eval": ["before": Self.evaluation(0.41), "after": Self.evaluation(after)], "steps": JSONValue(steps),
      "wall_seconds": 187.4, "rollout_tokens": 1_482_113, "train_tokens": 2_205_918, "seed": 17,
      "policy_digest": .string(ContentDigest.of("weights")),
    ]
    try summary.serialized().write(toFile: folder.summary, atomically: true, encoding: .utf8)
  }

  static let recipe = """
    name: quickstart
    seed: 17
    environment: {name: calculator, split: train}
    policy:
      initialise: {width: 128, layers: 4, heads: 4, tokenizer: bytes}
    warmup: {episodes: 400, steps: 60, learning_rate: 3.0e-3}
    rollout: {prompts: 8, group_size: 8, temperature: 1.0, max_turns: 4}
    credit: {estimator: turn_return, discount: 1.0, normalise: group}
    objective: {ratio: token, clip: [0.2, 0.28], reference: none}
    optimizer: {learning_rate: 6.0e-4, gradient_clip: 1.0}
    steps: 120
    """

  static func evaluation(_ rate: Double) -> JSONValue {
    let interval = Statistics.wilsonInterval(successes: Int(rate * 200), trials: 200)
    return [
      "success_rate": .double(rate), "mean_return": .double(rate * 1.1 - 0.1), "mean_turns": 2.14,
      "invalid_call_rate": .double(0.2 * (1 - rate)), "tool_calls_per_episode": 1.32, "episodes": 200,
      "ci95": [.double(interval.low), .double(interval.high)],
    ]
  }

  /// Success at a step: an S-shaped rise, or a rise that ends in a fall.
  private func skill(_ step: Int) -> Double {
    let x = Double(step) / Double(steps)
    let rise = 0.41 + 0.56 / (1 + exp(-12 * (x - 0.35)))
    return course == .learns || x < 0.6 ? rise : rise * exp(-4 * (x - 0.6)) + 0.02
  }

  private func writeMetrics() throws {
    let log = try MetricsLog(path: folder.metrics)
    var random = RandomStream(seed: 3, purpose: "synthetic metrics")
    func noise(_ size: Double) -> Double { (random.uniform() + random.uniform() - 1) * size }
    for step in 0..<60 {
      try log.append([
        "step": JSONValue(step), "phase": "warmup", "loss": .double(3.2 * exp(-Double(step) / 18) + 0.6 + noise(0.1)),
        "gradient_norm": .double(1.4 + noise(0.6)), "learning_rate": 0.003,
        "train_tokens_per_second": .double(21_000 + noise(1500)), "step_seconds": .double(0.31 + noise(0.04)),
      ])
    }
    for step in 0..<steps {
      let skill = skill(step)
      let broken = course == .collapses && step > steps * 6 / 10
      let rollout = 0.86 + noise(0.2)
      let train = 0.41 + noise(0.06)
      var row: JSONObject = [
        "step": JSONValue(step), "phase": "train", "reward_mean": .double(skill * 1.1 - 0.1 + noise(0.12)),
        "success_rate": .double(min(1, max(0, skill + noise(0.1)))), "loss": .double(noise(0.03) - 0.01),
        "gradient_norm": .double(broken ? 14 + noise(9) : 0.7 + noise(0.4)),
        "entropy": .double(broken ? 0.01 : 0.05 + 0.5 * exp(-Double(step) / 50) + noise(0.03)),
        "clip_fraction": .double(max(0, 0.02 + noise(0.02))), "max_logprob_gap": .double(broken ? 0.02 : 0),
        "advantage_abs_mean": .double(max(0, 0.7 * (1 - skill) + 0.05 + noise(0.05))),
        "learning_rate": .double(6e-4 * (1 - Double(step) / Double(steps))), "policy_tokens": 12_350,
        "rollout_tokens_per_second": .double(14_000 + noise(2200)),
        "train_tokens_per_second": .double(30_000 + noise(2600)), "rollout_seconds": .double(rollout),
        "train_seconds": .double(train), "step_seconds": .double(rollout + train + 0.12), "groups_dropped": 1,
        "invalid_call_rate": .double(broken ? 0.45 : 0.2 * (1 - skill)),
        "turns_mean": .double(2.4 - 0.4 * skill + noise(0.1)),
      ]
      if step % 20 == 0 || step == steps - 1 {
        let interval = Statistics.wilsonInterval(successes: Int(skill * 200), trials: 200)
        row["eval_success_rate"] = .double(skill)
        row["eval_ci95_low"] = .double(interval.low)
        row["eval_ci95_high"] = .double(interval.high)
      }
      try log.append(row)
    }
  }

  // MARK: Episodes

  /// Recorded text that would run, restyle or reorder the page if it were not shown as text.
  static let hostile =
    "</div><script>document.title='broken'</script><img src=x onerror=alert(1)> \u{202E}abc\u{1B}[31m"

  private func writeTrajectories() async throws {
    let store = try TrajectoryStore(path: folder.trajectories)
    for version in [0, steps / 2, steps - 1] {
      for member in 0..<4 {
        let isSuccess = member < (version == 0 ? 1 : version == steps / 2 ? 2 : 3)
        let episode = episode(version: version, member: member, isSuccess: isSuccess)
        try await record(episode, in: store)
        let scale = isSuccess ? 0.9 : -0.7
        let advantages = episode.turns.indices.map { JSONValue.double(scale * (1 - 0.35 * Double($0))) }
        let note: JSONValue = ["estimator": "turn_return", "advantages": .array(advantages)]
        try await store.annotate(episode.id, key: "advantages", note)
      }
    }
    var failing = episode(version: steps, member: 9, isSuccess: false)
    failing.task.split = .test
    failing.turns[0].action.text = Self.hostile
    failing.turns[0].action.finish = .length
    try await record(failing, in: store)
  }

  private func record(_ episode: Trajectory, in store: TrajectoryStore) async throws {
    var start = episode
    start.turns = []
    start.outcome = nil
    try await store.begin(start)
    for turn in episode.turns { try await store.append(turn, to: episode.id) }
    if let outcome = episode.outcome { try await store.finish(episode.id, outcome: outcome) }
  }

  private func episode(version: Int, member: Int, isSuccess: Bool) -> Trajectory {
    let id = "ep-\(version)-\(member)"
    let expression = isSuccess ? "(418 - 67) * 12" : "418 - 67 * 12"
    let value = isSuccess ? "4212" : "-386"
    let call = ToolCall(id: "call_\(id)", name: "calculator", arguments: ["expression": .string(expression)])
    var turns = [
      Turn(
        index: 0, progress: 0,
        action: Action(
          text: "First the crates that are left, then the bottles in them.", toolCalls: [call],
          tokens: PolicyTokens(ids: Array(0..<34), logprobs: Array(repeating: -0.25, count: 34))),
        observation: Observation(messages: [
          Message(role: .tool, content: value, name: "calculator", toolCallID: call.id)
        ]), toolResults: [ToolResult(id: call.id, status: .ok, content: value, duration: .microseconds(40))],
        reward: 0.1, rewardComponents: ["valid_call": 0.1], startedAt: "2026-01-01T00:00:00Z",
        duration: .milliseconds(12))
    ]
    if !isSuccess {
      let bad = ToolCall(id: "bad_\(id)", name: "calculator", arguments: ["expression": "418 - * 12"])
      turns.append(
        Turn(
          index: 1, progress: 0.5,
          action: Action(
            text: "", toolCalls: [bad],
            malformedCalls: [MalformedCall(text: "{\"name\": \"calculator\", \"arg", reason: "the JSON is cut off")]),
          observation: Observation(messages: [
            Message(
              role: .tool, content: "syntax error at position 7: expected a number", name: "calculator",
              toolCallID: bad.id)
          ]), toolResults: [ToolResult(id: bad.id, status: .error, content: "syntax error at position 7")],
          reward: -0.1, rewardComponents: ["invalid_call": -0.1], startedAt: "2026-01-01T00:00:01Z",
          duration: .milliseconds(9)))
    }
    turns.append(
      Turn(
        index: turns.count, progress: 0.5, action: Action(text: "The answer is \(value)."),
        observation: Observation(messages: []), reward: 0, startedAt: "2026-01-01T00:00:02Z", duration: .milliseconds(7)
      ))
    return Trajectory(
      id: id, groupID: "group-\(version)", environment: EnvironmentReference(name: "calculator", version: "1.0.0"),
      task: EnvironmentTask(id: "train-00417", split: .train, category: "bottles", difficulty: 0.4, payload: [:]),
      seed: 17,
      policy: PolicyDescription(
        name: "quickstart", version: version, digest: "sha256:00", sampling: ["temperature": 1.0]),
      messages: [
        Message(role: .system, content: "Solve the problem. Use the calculator for arithmetic. Give one number."),
        Message(
          role: .user,
          content: "A depot has 418 crates and sends 67 away. Each crate holds 12 bottles. How many bottles are left?"),
      ], turns: turns,
      outcome: Outcome(
        reward: isSuccess ? 1 : 0, rewardComponents: ["answer": isSuccess ? 1 : 0], isSuccess: isSuccess,
        termination: .answered))
  }
}
