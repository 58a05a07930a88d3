import AgentCore
import EnvironmentKit
import Rollouts
import SessionEngine

/// Plays the episodes of a run with the policy as it is.
struct RolloutCollector: Sendable {
  let policy: LoadedPolicy
  let sessions: SessionEngine
  let environment: EnvironmentDefinition
  let budget: EpisodeBudget
  let taskOrder: TaskOrder
  let seed: Int
  /// Appended to the ids of episodes that are played again after a resume, so that nothing recorded is overwritten.
  let idSuffix: String

  /// Episodes that were lost to an error that is not the policy's, with the reason.
  struct Losses: Sendable {
    var count = 0
    var firstReason: String?
  }

  /// Groups of G episodes of the same task, by the same policy version.
  /// - Parameter firstTask: place of the first task in the run's task order.
  func groups(
    step: Int, firstTask: Int, settings: RolloutSettings, description: PolicyDescription
  ) async throws -> (groups: [[Trajectory]], losses: Losses) {
    let runner = runner(settings.sampling, description)
    let plans = (0..<settings.tasksPerStep).map { group in
      let groupID = "s\(padded(step, 6))-g\(padded(group, 3))\(idSuffix)"
      return (0..<settings.groupSize).map { member in
        EpisodePlan(
          id: "\(groupID)-m\(padded(member, 3))", groupID: groupID, environment: environment,
          task: .index(.train, taskOrder.index(firstTask + group)), sessionSeed: sessionSeed(step, group),
          samplingSeed: seed, coordinates: [step, group, member])
      }
    }
    let groups = try await withThrowingTaskGroup(of: (Int, [Trajectory]).self) { tasks in
      for (index, group) in plans.enumerated() {
        tasks.addTask { (index, try await runner.playGroup(group)) }
      }
      var played = [[Trajectory]](repeating: [], count: plans.count)
      for try await (index, group) in tasks { played[index] = group }
      return played
    }
    return withoutLosses(groups)
  }

  /// One episode for each of the first `count` tasks of a split, or for all of them if there are fewer.
  func evaluation(
    label: String, split: Split, count: Int, sampling: SamplingSettings, description: PolicyDescription
  ) async throws -> [Trajectory] {
    let runner = runner(sampling, description)
    let count = min(count, environment.tasks.count(of: split) ?? count)
    return try await withThrowingTaskGroup(of: (Int, Trajectory).self) { tasks in
      for index in 0..<count {
        let plan = EpisodePlan(
          id: "\(label)-\(padded(index, 4))\(idSuffix)", environment: environment,
          task: .index(split, index),
          sessionSeed: sessionSeed(-1, index), samplingSeed: seed, coordinates: [-1, index])
        tasks.addTask { (index, try await runner.play(plan)) }
      }
      var trajectories: [Int: Trajectory] = [:]
      for try await (index, trajectory) in tasks { trajectories[index] = trajectory }
      return (0..<count).compactMap { trajectories[$0] }
    }
  }

  private func runner(_ sampling: SamplingSettings, _ description: PolicyDescription) -> EpisodeRunner {
    EpisodeRunner(
      engine: policy.engine, policy: policy.language, sessions: sessions, sampling: sampling, budget: budget,
      description: description)
  }

  /// An episode that the environment broke, or never answered, says nothing about the policy: it leaves its group and is
  /// never scored. (A tool that takes too long is an observation, and does not end an episode.)
  private func withoutLosses(_ groups: [[Trajectory]]) -> (groups: [[Trajectory]], losses: Losses) {
    var losses = Losses()
    let kept = groups.map { group in
      group.filter { trajectory in
        let termination = trajectory.outcome?.termination ?? .aborted
        let isLost = [.environmentError, .timeout, .aborted].contains(termination)
        if isLost {
          losses.count += 1
          losses.firstReason = losses.firstReason ?? "\(trajectory.id) ended with \(termination.rawValue)"
        }
        return !isLost
      }
    }
    return (kept, losses)
  }

  private func sessionSeed(_ coordinates: Int...) -> Int {
    var stream = RandomStream(seed: seed, purpose: "session", coordinates: coordinates)
    return stream.below(Int(Int32.max))
  }
}

/// A number with leading zeros, so that ids sort as they were made.
func padded(_ number: Int, _ digits: Int) -> String {
  let text = "\(number)"
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}

extension RolloutSettings {
  /// How the policy is sampled in rollouts.
  public var sampling: SamplingSettings {
    SamplingSettings(temperature: Float(temperature), topK: topK, topP: Float(topP), minP: Float(minP))
  }
}
