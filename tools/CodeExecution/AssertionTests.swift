import AgentCore
import Sandbox

/// Tests that call a solution: assertions, test functions, `unittest` classes, or `check(candidate)`.
///
/// The tests run in one sandbox and the solution in another. A name that a test does not define stands for an object of
/// the solution; what is done with it is carried over, question by question, by `TestConversation`. The solution
/// sees the arguments of the calls and nothing else of the tests; what it answers is data, or a handle that decides no
/// comparison; the verdict comes from the sandbox of the tests. Every test meets the solution as it was when it had been
/// loaded, in a fork of its own. Languages: Python.
public struct AssertionTests: Sendable, Hashable {
  /// One test each, or one code with several.
  public var codes: [String]
  /// Runs before each test, beside it.
  public var setup: String
  /// The name of the function that `check(candidate)` is given.
  public var entryPoint: String?
  /// Whether a test sees what a call does to lists and other data that it passes. If so, a solution can spoil what the
  /// test goes on to compare with, as it can in one process.
  public var showsMutations: Bool

  public init(codes: [String], setup: String = "", entryPoint: String? = nil, showsMutations: Bool = false) {
    self.codes = codes
    self.setup = setup
    self.entryPoint = entryPoint
    self.showsMutations = showsMutations
  }

  /// Runs every test against a solution.
  /// - Throws: `CodeTestError`, `CancellationError`.
  public func report(on solution: String, in sandbox: Sandbox, limits: CodeTestLimits) async throws -> CodeTestReport {
    async let opening = Self.open(.solution(solution), in: sandbox, limits)
    let tests = await Self.open(.tester(self), in: sandbox, limits)
    let loaded = await opening
    let report: Result<CodeTestReport, any Error>
    do {
      report = .success(try await self.report(on: loaded, try tests.get(), limits))
    } catch {
      report = .failure(error)
    }
    for case .success(let end) in [tests, loaded] { await end.close() }
    return try report.get()
  }

  private static func open(
    _ role: CodeTestSession.Role, in sandbox: Sandbox, _ limits: CodeTestLimits
  ) async -> Result<CodeTestSession, any Error> {
    do { return .success(try await CodeTestSession(role, in: sandbox, limits: limits)) } catch {
      return .failure(error)
    }
  }

  private func report(
    on loaded: Result<CodeTestSession, any Error>, _ tester: CodeTestSession, _ limits: CodeTestLimits
  ) async throws -> CodeTestReport {
    let names = try tester.testNames()
    let solution: CodeTestSession
    do {
      solution = try loaded.get()
    } catch CodeTestFailure.solution(let reason) {
      return CodeTestReport(results: names.map { CodeTestReport.Result(name: $0, isPassed: false, reason: reason) })
    }
    var report = CodeTestReport(results: [], isolation: solution.isolation)
    for (index, name) in names.enumerated() {
      report.results.append(try await result(index, name, tester, solution, limits))
    }
    return report
  }

  private func result(
    _ index: Int, _ name: String, _ tester: CodeTestSession, _ solution: CodeTestSession, _ limits: CodeTestLimits
  ) async throws -> CodeTestReport.Result {
    guard ContinuousClock.now < limits.deadline else {
      return CodeTestReport.Result(name: name, isPassed: false, reason: "no time was left")
    }
    var ends: [CodeTestSession] = []
    let result: Result<CodeTestReport.Result, any Error>
    do {
      let tests = try await tester.branch()
      ends.append(tests)
      let solution = try await solution.branch()
      ends.append(solution)
      let verdict = try await TestConversation(tests: tests, solution: solution).verdict(
        onTest: index, within: limits.timeout)
      result = .success(CodeTestReport.Result(name: name, isPassed: verdict.isPassed, reason: verdict.reason))
    } catch CodeTestFailure.solution(let reason) {
      result = .success(CodeTestReport.Result(name: name, isPassed: false, reason: reason))
    } catch {
      result = .failure(error)
    }
    for end in ends { await end.close() }
    return try result.get()
  }
}

/// A test cannot pass any more, and that is the solution's doing.
enum CodeTestFailure: Error {
  case solution(reason: String)
}
