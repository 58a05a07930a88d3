import AgentCore
import EnvironmentKit
import SessionEngine

/// Which episode a reset asks for.
struct EpisodeOptions: Sendable {
  var seed: Int?
  /// The client's own name for the episode; `state` repeats it.
  var episodeID: String?
  var environment: String?
  var split: Split?
  var index: Int?
  var groupID: String?
  /// Fields that mean nothing to us. OpenEnv's servers drop them silently; we say which.
  var ignored: [String] = []

  init() {}

  init(_ data: JSONObject) throws(RequestProblem) {
    let fields = RequestFields(data)
    seed = try fields.natural("seed")
    episodeID = try fields.string("episode_id", maxLength: 255)
    environment = try fields.string("env")
    split = try fields.split("split")
    index = try fields.natural("index")
    groupID = try fields.string("group_id", maxLength: 255)
    ignored = data.keys.filter { !Self.known.contains($0) }
  }

  private static let known: Set = ["seed", "episode_id", "env", "split", "index", "group_id"]

  /// What to open. Without `split` the training tasks are meant, without `index` the seed picks the task, without a seed
  /// one is drawn.
  func request(in definition: EnvironmentDefinition, isRecorded: Bool) throws(RequestProblem) -> SessionRequest {
    let split = split ?? .train
    let seed = seed ?? Int.random(in: 0..<Int(Int32.max))
    let count = definition.tasks.count(of: split)
    if let count, count == 0 || index ?? 0 >= count {
      let choices = count == 0 ? "the split is empty" : "choose 0 to \(count - 1)"
      throw .value(
        "index", message: "`\(definition.name)` has no \(split.rawValue) task \(index ?? 0): \(choices)",
        found: JSONValue(index ?? 0))
    }
    var stream = RandomStream(seed: seed, purpose: "task")
    let index = index ?? stream.below(count ?? Int(Int32.max))
    return SessionRequest(
      environment: definition, task: .index(split, index), seed: seed, groupID: groupID, isRecorded: isRecorded)
  }
}
