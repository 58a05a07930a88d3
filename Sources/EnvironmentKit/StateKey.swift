import AgentCore

/// Digest of a tool environment's state: the environment, the task, and each call made so far with its answer.
///
/// Two episodes of a task are in the same state exactly if they made the same calls and got the same answers. What the
/// policy wrote around its calls is not part of it, nor are call ids, durations, the order of an argument object's keys,
/// or the text of a malformed call (only the complaint it got).
struct StateKey {
  private var bytes: [UInt8] = []

  init() {}

  init(environment: String, task: String) {
    append(environment)
    append(task)
  }

  var digest: String { ContentDigest.of(bytes) }

  mutating func append(_ turn: EpisodeTurn) {
    bytes.append(UInt8(ascii: "t"))
    for (call, result) in zip(turn.action.toolCalls, turn.toolResults) {
      append(call.name)
      append(call.arguments.withSortedKeys.serialized())
      append(result.status.rawValue)
      append(result.content)
    }
    bytes.append(UInt8(ascii: "m"))
    for complaint in turn.complaints { append(complaint) }
  }

  /// Length first, so that no two lists of texts give the same bytes.
  private mutating func append(_ text: String) {
    bytes.append(contentsOf: "\(text.utf8.count):".utf8)
    bytes.append(contentsOf: text.utf8)
  }
}
