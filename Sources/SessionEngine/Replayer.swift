import AgentCore
import EnvironmentKit
import OrderedCollections

/// Runs a recorded trajectory's actions again and compares what the environment answers.
///
/// Compared: the conversation before the first turn, and for each turn state key, progress, observed messages, status and
/// content of the tool results, reward and its components; at the end the outcome. Not compared: times, token ids, what
/// isolated the code that was run. The environment gets the recorded task, seed and options, so a changed task generator
/// does not show; changed tools, rewards and rules do.
public struct Replayer: Sendable {
  private let registry: EnvironmentRegistry

  public init(registry: EnvironmentRegistry) {
    self.registry = registry
  }

  public func replay(_ trajectory: Trajectory) async -> ReplayReport {
    do {
      let definition = try registry.definition(trajectory.environment.name, options: trajectory.environment.options)
      if let reason = obstacle(trajectory, definition) { return .unreplayable(trajectory.id, reason) }
      let environment = try definition.makeEnvironment()
      let report: ReplayReport
      do {
        report = try await replay(trajectory, in: environment, limits: definition.limits)
      } catch {
        report = .unreplayable(trajectory.id, "\(error)")
      }
      await environment.close()
      return report
    } catch {
      return .unreplayable(trajectory.id, "\(error)")
    }
  }

  private func obstacle(_ trajectory: Trajectory, _ definition: EnvironmentDefinition) -> String? {
    guard trajectory.environment.version == definition.version else {
      return
        "recorded with version \(trajectory.environment.version) of `\(definition.name)`, this is \(definition.version)"
    }
    if trajectory.turns.contains(where: \.isMasked) { return "a turn failed for reasons outside the policy" }
    return nil
  }

  private func replay(
    _ trajectory: Trajectory, in environment: any Environment, limits: EpisodeLimits
  ) async throws -> ReplayReport {
    let opening = try await environment.reset(trajectory.task, seed: trajectory.seed)
    var comparison = ReplayComparison(id: trajectory.id)
    comparison.compare(nil, "messages", trajectory.messages.json, opening.messages.json)
    var state = opening.state
    var outcome: Outcome?
    for turn in trajectory.turns {
      guard comparison.difference == nil, outcome == nil else { break }
      let step = try await environment.step(turn.action, deadline: .now + limits.turnTimeout)
      comparison.compare(turn, answeredBy: step, from: state)
      state = step.state
      outcome = step.outcome
      if outcome != nil && turn.index + 1 < trajectory.turns.count {
        comparison.compare(turn.index, "termination", .null, outcome?.json ?? .null)
      }
    }
    // An episode that was ended from outside has an outcome that no action explains.
    let wasEndedOutside = trajectory.outcome.map { $0.termination == .aborted || $0.termination == .maxTokens } ?? true
    if outcome != nil || !wasEndedOutside {
      comparison.compare(outcome, with: trajectory.outcome, lastTurn: trajectory.turns.last?.index)
    }
    return comparison.report
  }
}

/// What a replay found.
public struct ReplayReport: Sendable, Equatable {
  public enum Status: String, Sendable, CaseIterable {
    case identical, diverged, unreplayable
  }

  public var id: String
  public var status: Status
  /// Where it diverged; nil before the first turn.
  public var turn: Int?
  /// What differs (`observation`, `reward`, …); for `unreplayable`, nil.
  public var field: String?
  /// For `unreplayable`, the reason stands in `replayed`.
  public var recorded: JSONValue?
  public var replayed: JSONValue?

  static func unreplayable(_ id: String, _ reason: String) -> ReplayReport {
    ReplayReport(id: id, status: .unreplayable, replayed: .string(reason))
  }

  /// `{"id","status","turn","field","recorded","replayed"}`, null where there is nothing to say.
  public var json: JSONValue {
    [
      "id": .string(id), "status": .string(status.rawValue), "turn": turn.map { JSONValue($0) } ?? .null,
      "field": field.map { JSONValue.string($0) } ?? .null, "recorded": recorded ?? .null,
      "replayed": replayed ?? .null,
    ]
  }
}

/// Keeps the first difference.
private struct ReplayComparison {
  let id: String
  var difference: ReplayReport?

  init(id: String) {
    self.id = id
  }

  var report: ReplayReport { difference ?? ReplayReport(id: id, status: .identical) }

  mutating func compare(_ turn: Int?, _ field: String, _ recorded: JSONValue, _ replayed: JSONValue) {
    guard difference == nil, recorded != replayed else { return }
    difference = ReplayReport(
      id: id, status: .diverged, turn: turn, field: field, recorded: recorded, replayed: replayed)
  }

  mutating func compare(_ turn: Turn, answeredBy step: EnvironmentStep, from state: EnvironmentState) {
    compare(turn.index, "state_key", turn.stateKey.json, state.stateKey.json)
    compare(turn.index, "progress", turn.progress.json, state.progress.json)
    compare(turn.index, "observation", turn.observation.messages.json, step.messages.json)
    compare(turn.index, "tool_results", turn.toolResults.comparable, step.toolResults.comparable)
    compare(turn.index, "reward_components", turn.rewardComponents.json, step.rewardComponents.json)
    compare(turn.index, "reward", .double(turn.reward), .double(step.reward))
  }

  mutating func compare(_ outcome: Outcome?, with recorded: Outcome?, lastTurn: Int?) {
    compare(lastTurn, "termination", recorded.terminationJSON, outcome.terminationJSON)
    compare(lastTurn, "outcome", recorded?.json ?? .null, outcome?.json ?? .null)
  }
}

extension [Message] {
  fileprivate var json: JSONValue { .array(map(\.json)) }
}

extension [ToolResult] {
  fileprivate var comparable: JSONValue {
    .array(map { ["id": .string($0.id), "status": .string($0.status.rawValue), "content": .string($0.content)] })
  }
}

extension RewardComponents {
  fileprivate var json: JSONValue { .object(mapValues(JSONValue.double)) }
}

extension String? {
  fileprivate var json: JSONValue { map { JSONValue.string($0) } ?? .null }
}

extension Double? {
  fileprivate var json: JSONValue { map { JSONValue.double($0) } ?? .null }
}

extension Outcome? {
  fileprivate var terminationJSON: JSONValue { map { JSONValue.string($0.termination.rawValue) } ?? .null }
}
