import AgentCore

/// Scores a whole episode from 0 to 1. Pure: the same episode gives the same score, except for rewards that ask a
/// model or run code that depends on time or chance.
public protocol OutcomeReward: Sendable {
  func score(_ episode: Episode) async throws -> Double
}

/// Scores one turn; `turn` is the last of the episode so far. Usually a count or 0 and 1; the weight gives it its sign.
public protocol TurnReward: Sendable {
  func score(_ turn: EpisodeTurn, in episode: Episode) async throws -> Double
}

/// One named part of the outcome reward.
public struct OutcomeComponent: Sendable {
  public var name: String
  public var reward: any OutcomeReward
  public var weight: Double
  /// An episode succeeds if it was answered and all parts that decide success score 1.
  public var decidesSuccess: Bool

  public init(name: String, reward: any OutcomeReward, weight: Double = 1, decidesSuccess: Bool = true) {
    self.name = name
    self.reward = reward
    self.weight = weight
    self.decidesSuccess = decidesSuccess
  }
}

/// One named part of the turn reward.
public struct TurnComponent: Sendable {
  public var name: String
  public var reward: any TurnReward
  public var weight: Double

  public init(name: String, reward: any TurnReward, weight: Double = 1) {
    self.name = name
    self.reward = reward
    self.weight = weight
  }
}

extension Episode {
  /// The text of the task's expected answer, from the payload's `answer` (a text or a number).
  public func expectedAnswer() throws -> String {
    switch task.payload["answer"] {
    case .string(let text): return text
    case .int(let number): return number.description
    case .double(let number): return number.description
    default: throw EnvironmentError.badTask(id: task.id, reason: "its payload has no `answer` to compare with")
    }
  }
}
