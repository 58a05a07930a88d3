import AgentCore
import AgentTools
import Sandbox

/// How `execution` tests a solution.
public struct ExecutionSettings: Sendable, Hashable {
  /// Where the solution stands.
  public enum Source: String, Sendable, CaseIterable {
    /// In the final answer: its last fenced block, or all of it.
    case answer
    /// In the `code` of the last call that has one.
    case lastCall = "last_call"
  }

  public enum Score: String, Sendable, CaseIterable {
    /// The share of tests that pass.
    case fraction
    /// 1 if all tests pass, else 0.
    case all
  }

  public var language = "python"
  public var source = Source.answer
  public var score = Score.fraction
  public var comparison = OutputComparison.whitespace
  /// Of one test.
  public var timeout = Duration.seconds(5)
  /// Of all tests together. What has not run by then has not passed.
  public var totalTimeout = Duration.seconds(30)
  public var memoryBytes = 256 << 20

  public init() {}
}

/// `execution`: runs the policy's code against the task's tests in the sandbox; from 0 to 1.
///
/// As a turn reward it scores the code of the turn's last call; 0 where there is none. Expected outputs and test code
/// never share a sandbox with the solution: see `OutputTests` and `AssertionTests`. A machine whose sandbox does not work
/// is an error, not a 0.
public struct ExecutionReward: OutcomeReward, TurnReward {
  public let settings: ExecutionSettings
  private let sandbox: Sandbox
  private let gate: ExecutionGate

  /// - Parameter sandbox: one for the whole process. As many solutions are tested at once as it has workers.
  public init(sandbox: Sandbox, settings: ExecutionSettings = ExecutionSettings()) {
    self.sandbox = sandbox
    self.settings = settings
    gate = ExecutionGate(width: max(1, sandbox.configuration.workers))
  }

  public func score(_ episode: Episode) async throws -> Double {
    switch settings.source {
    case .answer:
      guard let answer = episode.answer else { return 0 }
      return try await score(CodeBlock.code(in: answer, language: settings.language), episode)
    case .lastCall:
      guard let code = episode.turns.reversed().lazy.compactMap(Self.code).first else { return 0 }
      return try await score(code, episode)
    }
  }

  public func score(_ turn: EpisodeTurn, in episode: Episode) async throws -> Double {
    guard let code = Self.code(of: turn) else { return 0 }
    return try await score(code, episode)
  }

  /// What the tests find about a solution, test by test.
  public func report(on solution: String, task: EnvironmentTask, deadline: ContinuousClock.Instant? = nil) async throws
    -> CodeTestReport
  {
    let tests = try ExecutionTests(task, settings: settings)
    let latest = deadline ?? .now + .seconds(86_400)
    do {
      return try await gate.pass(until: latest) { try await run(tests, on: solution, until: latest) }
    } catch CodeTestError.badTests(let reason) {
      throw EnvironmentError.badTask(id: task.id, reason: "its tests are wrong: \(reason)")
    }
  }

  private func run(
    _ tests: ExecutionTests, on solution: String, until latest: ContinuousClock.Instant
  ) async throws -> CodeTestReport {
    var limits = CodeTestLimits(deadline: min(latest, .now + settings.totalTimeout))
    limits.timeout = settings.timeout
    limits.memoryBytes = settings.memoryBytes
    var report = CodeTestReport(results: [])
    if let output = tests.output { report.add(try await output.report(on: solution, in: sandbox, limits: limits)) }
    if let assertions = tests.assertions {
      report.add(try await assertions.report(on: solution, in: sandbox, limits: limits))
    }
    return report
  }

  private func score(_ solution: String, _ episode: Episode) async throws -> Double {
    let report = try await report(on: solution, task: episode.task, deadline: episode.scoringDeadline)
    switch settings.score {
    case .fraction: return Double(report.passed) / Double(max(1, report.results.count))
    case .all: return report.passed == report.results.count ? 1 : 0
    }
  }

  /// The code of the turn's last call that has one.
  private static func code(of turn: EpisodeTurn) -> String? {
    turn.action.toolCalls.reversed().lazy.compactMap { $0.arguments["code"]?.stringValue }.first
  }
}

extension CodeTestReport {
  fileprivate mutating func add(_ other: CodeTestReport) {
    results += other.results
    isolation = other.isolation ?? isolation
  }
}
