import AgentCore
import Foundation
import Testing

@testable import RunReports

@Suite struct MetricsLogTests {
  @Test("rows read back as they were written, in order")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let rows: [JSONObject] = [
      ["step": 0, "phase": "warmup", "loss": 1.25], ["step": 0, "reward_mean": -0.1, "note": "π \"quoted\"\n"],
      ["step": 1, "done": true, "policy_tokens": 12],
    ]
    let log = try MetricsLog(path: folder.file("metrics.jsonl"))
    for row in rows { try log.append(row) }
    let read = try MetricsLog.read(path: log.path)
    #expect(read.map(\.fields) == rows)
    #expect(read.map(\.phase) == [.warmup, .train, .train])
    #expect(try folder.text("metrics.jsonl").split(separator: "\n").count == 3)
  }

  @Test("a row is in the file before append returns")
  func flushed() throws {
    let folder = try TemporaryFolder()
    let log = try MetricsLog(path: folder.file("metrics.jsonl"))
    try log.append(["step": 0, "loss": 1.5])
    #expect(try folder.text("metrics.jsonl") == "{\"step\":0,\"loss\":1.5}\n")
  }

  @Test(
    "a value that no log can hold is refused by its key, and nothing is written",
    arguments: [
      ("entropy", JSONValue.double(.nan)), ("loss", .double(.infinity)), ("eval", .object([:])), ("list", .array([])),
      ("gone", .null), ("step", .int(-1)), ("step", .string("3")), ("phase", .string("cooldown")),
    ])
  func refusal(key: String, value: JSONValue) throws {
    let folder = try TemporaryFolder()
    let log = try MetricsLog(path: folder.file("metrics.jsonl"))
    var row: JSONObject = ["step": 1, "reward_mean": 0.5]
    row[key] = value
    let error = try #require(throws: RunReportError.self) { try log.append(row) }
    #expect(error.description.hasPrefix("metric `\(key)`"))
    #expect(try folder.bytes("metrics.jsonl").isEmpty)
  }

  @Test("a missing step is refused")
  func missingStep() {
    #expect(throws: RunReportError.metric(key: "step", reason: "is missing")) { try MetricsRow(["loss": 1.0]) }
  }

  @Test("whatever part of the last line a killed process wrote, reading gives the rows before it")
  func tornLine() throws {
    let folder = try TemporaryFolder()
    let complete = "{\"step\":0,\"loss\":1.5}\n"
    let last = "{\"step\":1,\"loss\":12.5}"
    for length in 0...last.utf8.count {
      try folder.write(complete + last.prefix(length), to: "metrics.jsonl")
      #expect(try MetricsLog.read(path: folder.file("metrics.jsonl")).map(\.step) == [0])
    }
    try MetricsLog(path: folder.file("metrics.jsonl")).append(["step": 1])
    #expect(try folder.text("metrics.jsonl") == complete + "{\"step\":1}\n")
  }

  @Test("a line that is no row is an error with file and line")
  func brokenLine() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("metrics.jsonl")
    for line in ["{\"step\":1,\"loss\":}", "[1]", "{\"loss\":1}", "", "{\"step\":1,\"phase\":\"x\"}"] {
      try folder.write("{\"step\":0}\n\(line)\n{\"step\":2}\n", to: "metrics.jsonl")
      let error = try #require(throws: RunReportError.self) { try MetricsLog.read(path: path) }
      #expect(error.description.hasPrefix("\(path):2: "), "\(error)")
    }
  }

  @Test("a log that does not exist has no rows, and one in a missing folder cannot be opened")
  func missingFile() throws {
    let folder = try TemporaryFolder()
    #expect(try MetricsLog.read(path: folder.file("metrics.jsonl")).isEmpty)
    let path = folder.file("no/metrics.jsonl")
    let error = try #require(throws: RunReportError.self) { try MetricsLog(path: path) }
    #expect(error == .file(operation: "write", path: path, reason: "No such file or directory"))
  }

  @Test(
    "truncation keeps what was before the checkpoint, whichever phase it fell in",
    arguments: [
      (RunPhase.train, 1, ["w0", "w1", "w2", "t0", "t1"]), (.train, 0, ["w0", "w1", "w2", "t0"]),
      (.warmup, 1, ["w0", "w1"]), (.warmup, 2, ["w0", "w1", "w2"]),
      (.train, 9, ["w0", "w1", "w2", "t0", "t1", "t2"]),
    ])
  func truncation(phase: RunPhase, step: Int, kept: [String]) throws {
    let folder = try TemporaryFolder()
    let log = try MetricsLog(path: folder.file("metrics.jsonl"))
    for name in ["warmup", "train"] {
      for step in 0..<3 { try log.append(["step": JSONValue(step), "phase": .string(name)]) }
    }
    try folder.write(try folder.text("metrics.jsonl") + "{\"step\":3,", to: "metrics.jsonl")
    try MetricsLog.truncate(path: log.path, after: step, of: phase)
    let rows = try MetricsLog.read(path: log.path)
    #expect(rows.map { "\($0.phase.rawValue.prefix(1))\($0.step)" } == kept)
    #expect(try folder.text("metrics.jsonl").hasSuffix("}\n"))
  }

  @Test("checkpoints are in order of their numbers")
  func checkpointOrder() throws {
    let folder = try TemporaryFolder()
    let run = RunFolder(folder.path + "/")
    #expect(run.checkpointNames.isEmpty)
    #expect(run.metrics == folder.file("metrics.jsonl"))
    try FileManager.default.createDirectory(atPath: run.checkpoints, withIntermediateDirectories: true)
    for name in ["step-10", "step-9", "step-100", ".partial"] { try folder.write("", to: "checkpoints/\(name)") }
    #expect(run.checkpointNames == ["step-9", "step-10", "step-100"])
  }
}
