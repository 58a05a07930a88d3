import AgentCore
import BuiltinEnvironments
import Configuration
import EnvironmentKit
import Foundation
import LanguageModel
import Rollouts
import RunReports
import SessionEngine
import Testing
import TrajectoryStore

@testable import PolicyOptimization

@Suite struct TrainingRunTests {
  @Test("the run's folder holds the recipe, a row for each step, the summary, the report and TensorBoard's file")
  func folder() async throws {
    let (folder, summary) = try await TinyRun.shared.value
    let run = RunFolder(folder.path)
    #expect(try Recipe(file: run.recipe).resolved == TinyRun.recipe().resolved)

    let rows = try MetricsLog.read(path: run.metrics)
    #expect(rows.filter { $0.phase == .warmup }.map(\.step) == Array(1...20))
    let train = rows.filter { $0.phase == .train }
    #expect(train.map(\.step) == [1, 2, 3, 4])
    #expect(train.map { $0["eval_success_rate"] != nil } == [false, true, false, true])
    #expect(train.allSatisfy { $0["episodes"] == 8 && $0["episodes_lost"] == 0 })

    let json = try JSONValue(parsing: folder.text("summary.json").trimmingCharacters(in: .newlines))
    #expect(json == summary.json)
    #expect(
      json.objectValue?.keys.sorted() == [
        "eval", "policy_digest", "rollout_tokens", "steps", "train_tokens", "wall_seconds",
      ])
    for time in ["before", "after"] {
      #expect(json["eval"]?[time]?["episodes"] == 6)
      #expect(json["eval"]?[time]?["ci95"]?.arrayValue?.count == 2)
    }
    #expect(json["steps"] == 4)
    #expect(try folder.text("report.html").contains("tiny"))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(names.filter { $0.hasPrefix("events.out.tfevents.") }.count == 1)
  }

  @Test("log-probabilities of rollout and training are the same bits, in every step that trained")
  func oneKernelOneNumber() async throws {
    let (folder, _) = try await TinyRun.shared.value
    let rows = try MetricsLog.read(path: RunFolder(folder.path).metrics).filter { $0.phase == .train }
    let trained = rows.filter { ($0["gradient_norm"] ?? 0) > 0 }
    #expect(trained.count >= 3)
    #expect(rows.allSatisfy { $0["max_logprob_gap"] == 0 })
    #expect(trained.allSatisfy { $0["divergence"] == 0 && $0["clip_fraction"] == 0 })
  }

  @Test("every episode is stored, finished, with its tokens, and replays; trained ones carry their advantages")
  func episodes() async throws {
    let (folder, summary) = try await TinyRun.shared.value
    let store = try TrajectoryStore(path: RunFolder(folder.path).trajectories, mode: .existing)
    let ids = try await store.list().map(\.id)
    // 8 of the warm-up, 6 before, 2 · 4 of validation, 4 steps of 2 · 4, 6 after.
    #expect(ids.count == 60)
    #expect(Set(ids).count == ids.count)
    let replayer = Replayer(registry: try EnvironmentRegistry.builtin())
    var sampled = 0
    for id in ids {
      let trajectory = try #require(try await store.trajectory(id))
      #expect(trajectory.outcome != nil)
      #expect(await replayer.replay(trajectory).status == .identical)
      let sequence = try TokenSequence(trajectory)
      #expect(sequence.lossMask.filter(\.self).count == sequence.behaviorLogprobs.joined().count)
      if !id.hasPrefix("warmup") { sampled += sequence.behaviorLogprobs.joined().count }
      guard trajectory.groupID != nil else { continue }
      let advantages = try await store.annotations(id)["advantages"]?["advantages"]?.arrayValue
      #expect(advantages?.count == trajectory.turns.count)
    }
    #expect(sampled == summary.rolloutTokens)
  }

  @Test("each checkpoint is a policy that loads; the last has the digest of the summary")
  func checkpoints() async throws {
    let (folder, summary) = try await TinyRun.shared.value
    let run = RunFolder(folder.path)
    #expect(run.checkpointSteps() == [0, 2, 4])
    var digests: Set<String> = []
    for step in run.checkpointSteps() {
      digests.insert(await (try LoadedPolicy(path: run.checkpoint(step: step), threads: 1)).engine.digest)
    }
    #expect(digests.count == 3)
    let newest = try LoadedPolicy(path: run.path, threads: 1)
    #expect(await newest.engine.digest == summary.policyDigest)
  }

  @Test("the same recipe gives the same weights and metrics on one thread and on two; another seed does not")
  func determinism() async throws {
    let (folder, summary) = try await TinyRun.shared.value
    let second = try TemporaryFolder()
    let again = try await TinyRun.whole(TinyRun.recipe("training.threads=2"), in: second)
    #expect(again.policyDigest == summary.policyDigest)
    #expect(again.after == summary.after)
    #expect(again.rolloutTokens == summary.rolloutTokens)
    #expect(again.trainTokens == summary.trainTokens)
    #expect(try TinyRun.timelessMetrics(second) == TinyRun.timelessMetrics(folder))
    let other = try await TinyRun.whole(TinyRun.recipe("seed=2"), in: try TemporaryFolder())
    #expect(other.policyDigest != summary.policyDigest)
  }

  @Test("only as many checkpoints are kept as the recipe says")
  func pruning() async throws {
    let folder = try TemporaryFolder()
    let recipe = try TinyRun.recipe("training.checkpoint_every=1", "training.keep_checkpoints=2")
    _ = try await TinyRun.whole(recipe, in: folder)
    #expect(RunFolder(folder.path).checkpointSteps() == [3, 4])
  }

  @Test("several epochs and minibatches take that many updates, and only the first is on the sampling weights")
  func minibatches() async throws {
    let folder = try TemporaryFolder()
    let recipe = try TinyRun.recipe("training.epochs=2", "training.minibatches=2", "training.steps=2")
    let run = try await TinyRun.start(recipe, in: folder)
    try await run.warmUp()
    let before = await run.learner.version
    try await run.reinforce(until: { false })
    #expect(await run.learner.version == before + 2 * 2 * 2)
    let rows = try MetricsLog.read(path: RunFolder(folder.path).metrics).filter { $0.phase == .train }
    #expect(rows.allSatisfy { $0["max_logprob_gap"] == 0 })
    #expect(rows.contains { ($0["divergence"] ?? 0) != 0 })
  }

  @Test("a split with fewer tasks than the recipe measures is measured whole")
  func shortSplit() async throws {
    let environment = try TemporaryFolder()
    try environment.write(
      """
      name: sums
      version: 1.0.0
      description: Sums.
      kind: tool
      system_prompt: ""
      tools: [calculator]
      tasks: {file: tasks.jsonl}
      rewards: {outcome: {answer: {kind: numeric_match, weight: 1.0}}}
      limits: {max_turns: 2, turn_timeout: 10s, max_observation_chars: 100}
      """, to: "environment.yaml")
    let tasks = [("train", 3), ("validation", 1), ("test", 2)].flatMap { split, count in
      (0..<count).map { number -> String in
        let payload: JSONValue = ["question": .string("\(number)+1=?"), "answer": .string("\(number + 1)")]
        return (["id": .string("\(split)-\(number)"), "split": .string(split), "payload": payload] as JSONValue)
          .serialized()
      }
    }
    try environment.write(tasks.joined(separator: "\n"), to: "tasks.jsonl")
    let text = """
      name: sums
      policy: {random: {layers: 1, width: 16, heads: 1, feed_forward_width: 16, context_length: 64}}
      environment: {name: \(environment.path)}
      rollout: {tasks_per_step: 2, group_size: 2, max_turn_tokens: 8, max_episode_tokens: 64}
      training: {steps: 3, threads: 1}
      evaluation: {episodes: 200, every: 1, validation_episodes: 100}
      """
    let folder = try TemporaryFolder()
    let summary = try await TinyRun.whole(TinyRun.recipe(text, []), in: folder)
    #expect(summary.after.episodes == 2)
    let store = try TrajectoryStore(path: RunFolder(folder.path).trajectories, mode: .existing)
    var filter = TrajectoryFilter()
    filter.split = .validation
    #expect(try await store.count(filter) == 3)
    // Six groups walk three tasks twice.
    filter.split = .train
    let trained = try await store.list(filter)
    for task in 0..<3 { #expect(trained.filter { $0.task == "train-\(task)" }.count == 4) }
  }

  @Test("a recipe whose episodes do not fit the policy leaves nothing behind")
  func contextTooShort() async throws {
    let parent = try TemporaryFolder()
    let folder = RunFolder("\(parent.path)/run")
    await #expect(throws: TrainingError.contextTooShort(policy: 128, needed: 129)) {
      try await TrainingRun.start(
        TinyRun.recipe("rollout.max_episode_tokens=129"), in: folder,
        environments: try EnvironmentRegistry.builtin(), watch: { _ in })
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path))
  }

  @Test("an environment without an oracle cannot warm up, and says what to change")
  func noOracle() async throws {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      name: mute
      version: 1.0.0
      kind: tool
      tools: [calculator]
      tasks: {generator: arithmetic, templates: bare}
      rewards: {outcome: {answer: {kind: numeric_match}}}
      """, to: "environment.yaml")
    let recipe = try TinyRun.recipe("environment={name: \"\(folder.path)\"}")
    let run = try await TinyRun.start(recipe, in: try TemporaryFolder())
    await #expect(throws: TrainingError.noOracle(environment: "mute")) { try await run.warmUp() }
  }
}
