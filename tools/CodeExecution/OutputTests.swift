import AgentCore
import Sandbox

/// Tests of what a program prints for given inputs.
///
/// Each input is a run of its own. What is expected stays in this process: the program never shares a sandbox with it.
public struct OutputTests: Sendable {
  public struct Case: Sendable, Hashable {
    public var input: String
    public var output: String

    public init(input: String, output: String) {
      self.input = input
      self.output = output
    }
  }

  public var cases: [Case]
  public var comparison: OutputComparison
  public var language: String

  public init(cases: [Case], comparison: OutputComparison = .whitespace, language: String = "python") {
    self.cases = cases
    self.comparison = comparison
    self.language = language
  }

  /// Inputs that are run at once.
  private static let width = 4

  /// Runs a program on every input.
  /// - Throws: `CodeTestError.unavailable`, `CancellationError`.
  public func report(on program: String, in sandbox: Sandbox, limits: CodeTestLimits) async throws -> CodeTestReport {
    let bounds = try executionLimits(sandbox, limits)
    var report = CodeTestReport(results: [])
    var found: [Int: (CodeTestReport.Result, Isolation)] = [:]
    try await withThrowingTaskGroup(of: (Int, CodeTestReport.Result, Isolation).self) { group in
      for index in cases.indices {
        if index >= Self.width, let (done, result, isolation) = try await group.next() {
          found[done] = (result, isolation)
        }
        group.addTask {
          let (result, isolation) = try await check(index, program, sandbox, bounds, limits.deadline)
          return (index, result, isolation)
        }
      }
      for try await (done, result, isolation) in group { found[done] = (result, isolation) }
    }
    for index in cases.indices {
      guard let (result, isolation) = found[index] else { continue }
      report.results.append(result)
      if isolation != .none { report.isolation = isolation }
    }
    return report
  }

  private func executionLimits(_ sandbox: Sandbox, _ limits: CodeTestLimits) throws -> ExecutionLimits {
    do {
      var bounds = try sandbox.limits(of: language)
      bounds.wall = limits.timeout
      bounds.memoryBytes = limits.memoryBytes
      let longest = cases.map(\.output.utf8.count).max() ?? 0
      bounds.outputBytes = min(32 << 20, max(bounds.outputBytes, 2 * longest + 4096))
      return bounds
    } catch {
      throw CodeTestError.unavailable(reason: error.description)
    }
  }

  private func check(
    _ index: Int, _ program: String, _ sandbox: Sandbox, _ limits: ExecutionLimits,
    _ deadline: ContinuousClock.Instant
  ) async throws -> (CodeTestReport.Result, Isolation) {
    let name = "case \(index + 1)"
    func failed(_ reason: String) -> CodeTestReport.Result {
      CodeTestReport.Result(name: name, isPassed: false, reason: reason)
    }
    guard ContinuousClock.now < deadline else { return (failed("no time was left"), .none) }
    let result = await sandbox.run(
      ExecutionRequest(
        language: language, code: program, input: Array(cases[index].input.utf8), limits: limits, deadline: deadline))
    try result.checkRan()
    let isolation = result.isolation
    guard result.status == .ok else {
      let text = ExecutionText.text(of: result, limits: limits, characters: 500)
      return (failed("\(result.status.rawValue): \(text)"), isolation)
    }
    guard !result.stdoutTruncated, comparison.accepts(result.stdout, for: cases[index].output) else {
      return (failed("printed \(ExecutionText.shortened(result.stdout, to: 300, head: 0.5))"), isolation)
    }
    return (CodeTestReport.Result(name: name, isPassed: true), isolation)
  }
}

extension ExecutionResult {
  /// - Throws: if nothing is to be concluded about the program.
  func checkRan() throws {
    if status == .cancelled { throw CancellationError() }
    if status == .sandboxUnavailable { throw CodeTestError.unavailable(reason: message ?? status.rawValue) }
    if timedOut == .queue { throw CodeTestError.unavailable(reason: "no sandbox worker was free in time") }
  }
}
