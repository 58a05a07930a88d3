import AgentCore
import Foundation
import RunReports

/// How far a run is: everything that a checkpoint keeps besides weights and moments.
///
/// There is no state of a random generator in it: every stream is made from its address.
struct RunProgressState: Sendable, Equatable {
  static let format = "agentrl.checkpoint/1"

  var completedSteps = 0
  var isWarm = false
  var policyVersion = 0
  var optimizerSteps = 0
  var rolloutTokens = 0
  var trainTokens = 0
  /// Seconds spent on the run before this process.
  var earlierSeconds = 0.0
  /// Success before reinforcement learning, once it was measured.
  var before: JSONValue?
  /// How often the run was resumed.
  var attempt = 0

  init() {}

  /// Reads `state.json` of a checkpoint.
  init(checkpoint folder: String) throws {
    let path = "\(folder)/state.json"
    do {
      guard let data = FileManager.default.contents(atPath: path) else {
        throw JSONError.value(reason: "state.json is missing", path: "")
      }
      var fields = try JSONFields(JSONValue(parsing: [UInt8](data)))
      let format = try fields.string("format")
      guard format == Self.format else {
        throw JSONError.value(reason: "expected `\(Self.format)`, found `\(format)`", path: "format")
      }
      completedSteps = try fields.int("completed_steps")
      isWarm = try fields.bool("is_warm")
      policyVersion = try fields.int("policy_version")
      optimizerSteps = try fields.int("optimizer_steps")
      rolloutTokens = try fields.int("rollout_tokens")
      trainTokens = try fields.int("train_tokens")
      earlierSeconds = try fields.double("wall_seconds")
      before = fields.optional("before")
      _ = fields.optional("digests")
      try fields.finish()
    } catch let error as JSONError {
      throw TrainingError.badCheckpoint(path, reason: "\(error)")
    }
  }

  /// `state.json`, with the digests by which a damaged file is found on load.
  func json(digests: JSONObject, seconds: Double) -> JSONValue {
    var fields: JSONObject = [
      "format": .string(Self.format), "completed_steps": JSONValue(completedSteps), "is_warm": .bool(isWarm),
      "policy_version": JSONValue(policyVersion), "optimizer_steps": JSONValue(optimizerSteps),
      "rollout_tokens": JSONValue(rolloutTokens), "train_tokens": JSONValue(trainTokens),
      "wall_seconds": .double(seconds),
    ]
    fields["before"] = before
    fields["digests"] = .object(digests)
    return .object(fields)
  }

  /// The digests that a checkpoint recorded.
  static func digests(checkpoint folder: String) throws -> JSONObject {
    let path = "\(folder)/state.json"
    guard let data = FileManager.default.contents(atPath: path),
      let digests = try? JSONValue(parsing: [UInt8](data))["digests"]?.objectValue
    else { throw TrainingError.badCheckpoint(path, reason: "it records no digests") }
    return digests
  }
}

extension RunFolder {
  /// Makes the folder for a new run and writes its resolved recipe.
  /// - Throws: `TrainingError.runExists` if a run lies there already.
  func create(recipe: Recipe) throws {
    guard !FileManager.default.fileExists(atPath: self.recipe) else { throw TrainingError.runExists(path) }
    try FileManager.default.createDirectory(atPath: checkpoints, withIntermediateDirectories: true)
    try writeAtomically(try recipe.resolved.yaml(), to: self.recipe)
  }

  /// The folder of the checkpoint after so many steps.
  public func checkpoint(step: Int) -> String { "\(checkpoints)/step-\(padded(step, 6))" }

  /// The steps that have a checkpoint, oldest first.
  public func checkpointSteps() -> [Int] {
    checkpointNames.filter { $0.hasPrefix("step-") }.compactMap { Int($0.dropFirst(5)) }.sorted()
  }

  /// The run that a policy's path lies in: the run's folder itself or one of its checkpoints; nil for other paths.
  public static func containing(_ path: String) -> RunFolder? {
    let url = URL(fileURLWithPath: path)
    let candidates = [url, url.deletingLastPathComponent().deletingLastPathComponent()].map { RunFolder($0.path) }
    return candidates.first { FileManager.default.fileExists(atPath: $0.recipe) }
  }

  /// Counts the times that a run was started, on disk, so that no two of them give an episode the same id.
  func nextAttempt() throws -> Int {
    let path = "\(path)/attempts"
    let attempt = (FileManager.default.contents(atPath: path)?.count ?? 0) + 1
    try writeAtomically(String(repeating: "#", count: attempt), to: path)
    return attempt
  }
}

/// Writes a file so that a reader sees the old content or the new, never a part.
func writeAtomically(_ text: String, to path: String) throws {
  try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
}
