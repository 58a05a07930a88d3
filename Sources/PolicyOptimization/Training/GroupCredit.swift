import AgentCore

/// Invariant 4: a group is G finished episodes of one task by one policy version.
///
/// - Throws: `TrainingError.brokenGroup` saying how it is not.
public func checkGroup(_ group: [Trajectory]) throws(TrainingError) {
  guard let first = group.first else { return }
  let id = first.groupID ?? first.id
  for member in group.dropFirst() {
    guard member.groupID == first.groupID else {
      throw .brokenGroup(id, reason: "\(member.id) belongs to group \(member.groupID ?? "none")")
    }
    guard member.task == first.task else {
      throw .brokenGroup(id, reason: "\(member.id) has task \(member.task.id), \(first.id) has \(first.task.id)")
    }
    guard member.policy?.version == first.policy?.version, member.policy?.digest == first.policy?.digest else {
      throw .brokenGroup(id, reason: "\(member.id) was sampled by another policy version than \(first.id)")
    }
  }
}

/// Advantages for every member of a checked group.
func creditedEpisodes(_ group: [Trajectory], by estimator: any CreditEstimator) throws -> [TrainingEpisode] {
  try checkGroup(group)
  var records: [CreditRecord] = []
  for trajectory in group { records.append(try CreditRecord(trajectory)) }
  let advantages = estimator.advantages(for: records)
  return try zip(group, advantages).map { trajectory, advantages in
    try TrainingEpisode(trajectory, advantages: advantages)
  }
}
