import AgentCore

/// Why a session cannot be opened or stepped. What happens inside an episode is never one of these: it is an observation
/// or a termination.
public enum SessionError: Error, Sendable, Equatable, CustomStringConvertible {
  /// All places are taken.
  case atCapacity(active: Int, limit: Int)
  case unknownSession(id: String)
  case duplicateSession(id: String)
  /// The episode has ended.
  case finished(id: String, termination: Termination)
  /// A second step while one is running. Steps of one session are answered one after the other: wait for the answer.
  case stepInProgress(id: String)
  /// A turn number or token ids that do not fit what has happened.
  case wrongTurn(id: String, index: Int, turns: Int)
  /// The environment could not set the task.
  case resetFailed(environment: String, task: String, reason: String)

  public var description: String {
    switch self {
    case .atCapacity(let active, let limit): "at capacity: \(active)/\(limit) sessions are open; close one or try later"
    case .unknownSession(let id): "there is no open session `\(id)`"
    case .duplicateSession(let id): "there is already a session `\(id)`"
    case .finished(let id, let termination): "session `\(id)` is over (\(termination.rawValue)): open a new one"
    case .stepInProgress(let id): "session `\(id)` is still answering the last step: wait for its answer"
    case .wrongTurn(let id, let index, let turns): "session `\(id)` has \(turns) turns, there is no turn \(index)"
    case .resetFailed(let environment, let task, let reason):
      "environment `\(environment)` could not start task `\(task)`: \(reason)"
    }
  }
}
