import AgentCore

/// What tests found about a solution.
public struct CodeTestReport: Sendable, Hashable {
  public struct Result: Sendable, Hashable {
    public var name: String
    public var isPassed: Bool
    /// Why it did not pass; empty if it did. May quote the solution.
    public var reason: String

    public init(name: String, isPassed: Bool, reason: String = "") {
      self.name = name
      self.isPassed = isPassed
      self.reason = reason
    }
  }

  public var results: [Result]
  /// What stood around the solution; nil if it never ran.
  public var isolation: Isolation?

  public init(results: [Result], isolation: Isolation? = nil) {
    self.results = results
    self.isolation = isolation
  }

  public var passed: Int { results.count(where: \.isPassed) }
}

/// Why nothing was found out about a solution.
public enum CodeTestError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The tests themselves are wrong.
  case badTests(reason: String)
  /// The sandbox did not run them; the solution is not to blame.
  case unavailable(reason: String)

  public var description: String {
    switch self {
    case .badTests(let reason): "the tests are wrong: \(reason)"
    case .unavailable(let reason): "the tests could not be run: \(reason)"
    }
  }
}

/// What testing may use.
public struct CodeTestLimits: Sendable, Hashable {
  /// Real time of one test.
  public var timeout = Duration.seconds(5)
  /// Of the solution, and of the tests.
  public var memoryBytes = 256 << 20
  /// When everything ends; tests that have not run by then are not passed.
  public var deadline: ContinuousClock.Instant

  public init(deadline: ContinuousClock.Instant) {
    self.deadline = deadline
  }
}
