import AgentCore
import Foundation
import Testing
import TrajectoryStore

@testable import RunReports

@Suite struct FindingsTests {
  /// What a run of given rows says; every row gets its step.
  private func findings(_ rows: [JSONObject], summary: String? = "{}") async throws -> [Finding] {
    let folder = try TemporaryFolder()
    let log = try MetricsLog(path: folder.file("metrics.jsonl"))
    for (step, row) in rows.enumerated() {
      try log.append((["step": JSONValue(step)] as JSONObject).merging(row) { first, _ in first })
    }
    if let summary { try folder.write(summary, to: "summary.json") }
    return Findings(record: try await RunRecord(folder: RunFolder(folder.path))).all
  }

  /// A healthy step.
  private let sound: JSONObject = [
    "reward_mean": 0.8, "success_rate": 0.8, "gradient_norm": 1.0, "entropy": 0.5, "max_logprob_gap": 0.0,
    "advantage_abs_mean": 0.3, "clip_fraction": 0.01, "invalid_call_rate": 0.02,
  ]

  @Test("a healthy run has nothing that stands out")
  func healthy() async throws {
    #expect(try await findings(Array(repeating: sound, count: 40)).isEmpty)
  }

  @Test(
    "each thing that goes wrong is named, and nothing else is",
    arguments: [
      ("max_logprob_gap", 0.5, 39...39, "disagree"), ("gradient_norm", 25, 7...7, "spiked at step 7"),
      ("advantage_abs_mean", 0, 20...39, "20 of 40 steps had no learning signal"),
      ("clip_fraction", 0.6, 0...39, "60% of tokens were clipped"), ("entropy", 0.01, 30...39, "Entropy fell to 2%"),
      ("invalid_call_rate", 0.5, 30...39, "50% of tool calls were invalid"),
      ("success_rate", 0.1, 30...39, "Success peaked"),
    ] as [(String, Double, ClosedRange<Int>, String)])
  func faults(key: String, value: Double, steps: ClosedRange<Int>, title: String) async throws {
    var rows = Array(repeating: sound, count: 40)
    for step in steps { rows[step][key] = .double(value) }
    let found = try await findings(rows)
    try #require(found.count == 1, "\(found)")
    #expect(found[0].title.contains(title))
    #expect(found[0].kind == .bad || found[0].kind == .warn)
  }

  @Test("one lucky step at the end of a noisy run is no peak")
  func noPeakAtTheEnd() async throws {
    var rows = Array(repeating: sound, count: 40)
    for step in stride(from: 0, to: 39, by: 2) { rows[step]["success_rate"] = 0.6 }
    rows[39]["success_rate"] = 1.0
    #expect(try await findings(rows).isEmpty)
  }

  @Test("harder training tasks are no fall while held-out tasks keep their success, and are one when they do not")
  func heldOutTasksDecide() async throws {
    func rows(lastEvaluation: Double) -> [JSONObject] {
      var rows = Array(repeating: sound, count: 40)
      for step in 30...39 { rows[step]["success_rate"] = 0.5 }
      rows[19]["eval_success_rate"] = 0.8
      rows[39]["eval_success_rate"] = .double(lastEvaluation)
      return rows
    }
    func namesAFall(lastEvaluation: Double) async throws -> Bool {
      try await findings(rows(lastEvaluation: lastEvaluation)).contains { $0.title.contains("Success peaked") }
    }
    #expect(try await !namesAFall(lastEvaluation: 0.82))
    #expect(try await namesAFall(lastEvaluation: 0.5))
  }

  @Test(
    "the verdict goes by the intervals",
    arguments: [
      (0.4, 0.9, Finding.Kind.good, "rose from 40.0% to 90.0%"), (0.9, 0.4, .bad, "fell"),
      (0.50, 0.55, .warn, "may be chance"),
    ])
  func verdict(before: Double, after: Double, kind: Finding.Kind, title: String) async throws {
    let summary: JSONValue = [
      "eval": ["before": SyntheticRun.evaluation(before), "after": SyntheticRun.evaluation(after)]
    ]
    let first = try #require(try await findings([sound], summary: summary.serialized()).first)
    #expect(first.kind == kind)
    #expect(first.title.contains(title))
  }

  @Test("a run without a summary is not finished")
  func unfinished() async throws {
    #expect(try await findings([sound, sound], summary: nil).map(\.title) == ["The run has not finished."])
  }
}
