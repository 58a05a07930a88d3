/// Which part of an environment's tasks a task belongs to. Splits never share a task.
public enum Split: String, Sendable, CaseIterable {
  case train, validation, test
}

/// One instance to solve. (Swift has a `Task` of its own.)
public struct EnvironmentTask: Sendable, Hashable {
  /// Unique within its environment.
  public var id: String
  public var split: Split
  public var category: String
  /// From 0 (easy) to 1.
  public var difficulty: Double
  /// Whatever the environment needs to set the task and to judge it.
  public var payload: JSONObject

  public init(id: String, split: Split, category: String, difficulty: Double, payload: JSONObject) {
    self.id = id
    self.split = split
    self.category = category
    self.difficulty = difficulty
    self.payload = payload
  }
}
