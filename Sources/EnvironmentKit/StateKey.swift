import AgentCore

/// Digest of a tool environment's state: the environment, the task, and each call made so far with its answer.
///
/// Two episodes of a task are in the same state exactly if they made the same calls and got the same answers. What the
/// policy wrote around its calls is not part of it, nor are call ids, durations, the order of an argument object's keys,
/// or the text of a malformed call (only the complaint it got). A chain: each turn's digest covers the one before it, so
/// that a turn costs its own length and not the episode's.
struct StateKey {
  private(set) var digest = ""

  init() {}

  init(environment: String, task: String) {
    digest = Self.digest(of: [environment, task])
  }

  mutating func append(_ turn: EpisodeTurn) {
    var parts = [digest]
    for (call, result) in zip(turn.action.toolCalls, turn.toolResults) {
      parts += [call.name, call.arguments.withSortedKeys.serialized(), result.status.rawValue, result.content]
    }
    parts += turn.complaints
    parts.append("\(turn.complaints.count)")
    digest = Self.digest(of: parts)
  }

  /// Length first, so that no two lists of texts give the same bytes.
  private static func digest(of texts: [String]) -> String {
    let digest = ContentDigest()
    for text in texts {
      digest.update("\(text.utf8.count):")
      digest.update(text)
    }
    return digest.finalized()
  }
}
