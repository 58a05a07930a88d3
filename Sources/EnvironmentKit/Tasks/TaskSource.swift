import AgentCore

/// Where an environment's tasks come from. A task is a pure function of split and index.
public protocol TaskSource: Sendable {
  /// How many tasks a split has; nil where it never ends.
  func count(of split: Split) -> Int?

  /// The task of that index, from 0.
  func task(_ split: Split, at index: Int) throws -> EnvironmentTask
}
