import AgentCore
import TrajectoryStore

/// An episode with what the trainer noted about it.
struct SampleEpisode {
  var trajectory: Trajectory
  /// One advantage per turn, where the trainer kept them.
  var advantages: [Double]?
  var estimator: String?

  init(_ trajectory: Trajectory, annotations: JSONObject) {
    self.trajectory = trajectory
    let noted = annotations["advantages"]
    let values = noted?["advantages"]?.arrayValue?.compactMap(\.doubleValue)
    if let values, values.count == trajectory.turns.count { advantages = values }
    estimator = noted?["estimator"]?.stringValue
  }
}

/// The episodes that a report shows: from the first step, the middle and the last, successes beside failures, and what
/// still fails in the last evaluation.
struct SampleEpisodes {
  struct Part {
    var title: String
    var ids: [String]
  }

  /// Chooses from a run's list. Same list, same choice.
  static func choose(_ episodes: [TrajectorySummary]) -> [Part] {
    let ended = episodes.filter { !$0.isOpen }
    let rollouts = ended.filter { $0.split == .train && $0.policyVersion != nil && $0.groupID != nil }
    let versions = Set(rollouts.compactMap(\.policyVersion)).sorted()
    var parts: [Part] = []
    for (name, index) in [("First step", 0), ("Middle", versions.count / 2), ("Last step", versions.count - 1)]
    where versions.indices.contains(index) && !parts.contains(where: { $0.title.hasSuffix(" \(versions[index])") }) {
      let ids = contrast(rollouts.filter { $0.policyVersion == versions[index] })
      parts.append(Part(title: "\(name) · policy version \(versions[index])", ids: ids))
    }
    let evaluations = ended.filter { $0.split != .train && $0.policyVersion != nil }
    if let last = evaluations.compactMap(\.policyVersion).max() {
      let failures = evaluations.filter { $0.policyVersion == last && $0.isSuccess == false }.prefix(3).map(\.id)
      if !failures.isEmpty {
        parts.append(Part(title: "Still failing in the last evaluation · policy version \(last)", ids: Array(failures)))
      }
    }
    if parts.isEmpty, !episodes.isEmpty {
      parts = [Part(title: "Recorded episodes", ids: contrast(ended.isEmpty ? episodes : ended))]
    }
    return parts
  }

  /// A success and a failure of the same group where there is one, since their difference is what is learned from;
  /// otherwise of any; then one more failure.
  private static func contrast(_ episodes: [TrajectorySummary]) -> [String] {
    let successes = episodes.filter { $0.isSuccess == true }
    let failures = episodes.filter { $0.isSuccess != true }
    let mixed = successes.first { success in failures.contains { $0.groupID == success.groupID } }
    let success = mixed ?? successes.first
    let failure = failures.first { $0.groupID != nil && $0.groupID == mixed?.groupID } ?? failures.first
    let another = failures.first { $0.id != failure?.id && $0.groupID != failure?.groupID }
    return [success, failure, another].compactMap { $0?.id }
  }

  /// Reads the chosen episodes.
  static func load(_ parts: [Part], from store: TrajectoryStore) async throws -> [[SampleEpisode]] {
    var result: [[SampleEpisode]] = []
    for part in parts {
      var episodes: [SampleEpisode] = []
      for id in part.ids {
        guard let trajectory = try await store.trajectory(id) else { continue }
        episodes.append(SampleEpisode(trajectory, annotations: try await store.annotations(id)))
      }
      result.append(episodes)
    }
    return result
  }
}
