import AgentCore

/// Why an environment cannot be loaded or used.
public enum EnvironmentError: Error, Sendable, Equatable, CustomStringConvertible {
  case unknownEnvironment(name: String, known: [String], nearest: String?)
  case duplicateName(String)
  /// No such task: the split has `count` tasks.
  case noTask(environment: String, split: Split, index: Int, count: Int)
  case badTask(id: String, reason: String)
  case badTaskFile(path: String, line: Int, reason: String)
  case unreadable(path: String, reason: String)
  /// `step` before `reset`.
  case notReset

  public var description: String {
    switch self {
    case .unknownEnvironment(let name, let known, let nearest):
      "there is no environment `\(name)`" + (nearest.map { "; did you mean `\($0)`?" } ?? "")
        + " (known: \(known.joined(separator: ", ")); or give the path of a folder with environment.yaml)"
    case .duplicateName(let name): "two environments are called `\(name)`: rename one in its environment.yaml"
    case .noTask(let environment, let split, let index, let count):
      "`\(environment)` has no \(split.rawValue) task \(index): "
        + (count == 0 ? "the split is empty" : "choose 0 to \(count - 1)")
    case .badTask(let id, let reason): "task `\(id)`: \(reason)"
    case .badTaskFile(let path, let line, let reason): "\(path):\(line): \(reason)"
    case .unreadable(let path, let reason): "\(path): \(reason)"
    case .notReset: "the environment has no episode: call reset first"
    }
  }
}
