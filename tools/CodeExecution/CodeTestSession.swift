import AgentCore
import Foundation
import Sandbox

/// One end of a test: an interpreter in a sandbox of its own that speaks as `peer.py` does.
struct CodeTestSession: Sendable {
  enum Role: Sendable {
    case tester(AssertionTests)
    case solution(String)
  }

  private let session: SandboxSession
  private let role: Role
  private let sandbox: Sandbox
  private let testLimits: CodeTestLimits
  /// Of one cell.
  private let limits: ExecutionLimits
  /// Stands before what this end says. Nobody but the tests' own interpreter knows the tests' mark.
  private let mark: String
  /// What it said when it had loaded its code.
  private let loaded: String
  let isolation: Isolation

  /// Opens the session and loads its code.
  /// - Throws: `CodeTestFailure.solution` if the solution cannot be loaded; `CodeTestError`, `CancellationError`.
  init(_ role: Role, in sandbox: Sandbox, limits: CodeTestLimits) async throws {
    var bounds = ExecutionLimits(wall: limits.timeout, memoryBytes: limits.memoryBytes)
    // Arguments and answers travel in cells and on standard output.
    bounds.outputBytes = 8 << 20
    bounds.programBytes = 16 << 20
    mark = UUID().uuidString
    self.role = role
    self.sandbox = sandbox
    testLimits = limits
    self.limits = bounds
    do {
      session = try await sandbox.openSession(language: "python", limits: bounds)
    } catch .cancelled {
      throw CancellationError()
    } catch {
      throw CodeTestError.unavailable(reason: error.description)
    }
    do {
      (loaded, isolation) = try await Self.load(role, session, mark: mark, deadline: limits.deadline)
    } catch {
      await session.close()
      throw error
    }
  }

  private init(_ original: CodeTestSession, _ session: SandboxSession) {
    self.session = session
    role = original.role
    sandbox = original.sandbox
    testLimits = original.testLimits
    limits = original.limits
    mark = original.mark
    loaded = original.loaded
    isolation = original.isolation
  }

  func close() async { await session.close() }

  /// A copy that can be spoilt, for one test.
  ///
  /// What cannot be forked (a process that has other threads, or has ended) is loaded once more.
  func branch() async throws -> CodeTestSession {
    do {
      return CodeTestSession(self, try await session.branch())
    } catch .cancelled {
      throw CancellationError()
    } catch {
      return try await CodeTestSession(role, in: sandbox, limits: testLimits)
    }
  }

  /// Makes this end say the value of an expression.
  /// - Returns: what it said, and how long it ran for that.
  func say(_ expression: String, within time: Duration) async throws -> (said: String, time: Duration) {
    let (whose, message) =
      switch role {
      case .tester: ("the test", "told(\(expression))")
      case .solution: ("the solution", "line(\(expression))")
      }
    var limits = limits
    limits.wall = max(.milliseconds(1), time)
    let result = await session.run("say('\(mark)', \(message))", limits: limits, deadline: testLimits.deadline)
    // Whoever ends its own process did not lack a sandbox.
    if case .tester = role { try result.checkRan() } else if !result.sessionLost { try result.checkRan() }
    guard result.status == .ok, let said = Self.said(result, mark) else {
      throw CodeTestFailure.solution(reason: "\(whose) gave no answer (\(Self.reason(result)))")
    }
    return (said, result.wall)
  }

  /// The names of the tests that were loaded.
  func testNames() throws(CodeTestError) -> [String] {
    guard let names = Self.json(loaded)?.arrayValue?.compactMap(\.stringValue), !names.isEmpty else {
      throw .badTests(reason: "there are none")
    }
    return names
  }

  // MARK: Loading

  private static func load(
    _ role: Role, _ session: SandboxSession, mark: String, deadline: ContinuousClock.Instant
  ) async throws -> (String, Isolation) {
    let (sources, load) = program(role, mark)
    let prepared = await session.run(sources, deadline: deadline)
    try prepared.checkRan()
    guard prepared.status == .ok else {
      throw CodeTestError.unavailable(reason: "the sandbox's Python cannot run tests: \(tail(prepared))")
    }
    let result = await session.run(load, deadline: deadline)
    let said = said(result, mark)
    switch role {
    case .tester:
      try result.checkRan()
      guard result.status == .ok, let said else { throw CodeTestError.badTests(reason: tail(result)) }
      return (said, result.isolation)
    case .solution:
      if !result.sessionLost { try result.checkRan() }
      guard result.status == .ok else {
        throw CodeTestFailure.solution(reason: "the solution could not be loaded: \(tail(result))")
      }
      return ("", result.isolation)
    }
  }

  /// The two cells that make an end: its program, and its code.
  private static func program(_ role: Role, _ mark: String) -> (sources: String, load: String) {
    func source(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    // A JSON string is a Python string.
    func literal(_ text: String) -> String { JSONValue.string(text).serialized() }
    let peer = source(PackageResources.peer_py)
    switch role {
    case .tester(let tests):
      let codes = tests.codes.map(literal).joined(separator: ", ")
      let entry = tests.entryPoint.map(literal) ?? "None"
      return (
        "\(peer)\n\(source(PackageResources.discovery_py))\n\(source(PackageResources.tester_py))\nsilence()",
        """
        peer = Tester(\(tests.showsMutations ? "True" : "False"))
        say('\(mark)', line(peer.load([\(codes)], \(literal(tests.setup)), \(entry))))
        """
      )
    case .solution(let code):
      return (
        "\(peer)\n\(source(PackageResources.solution_py))\nsilence()", "peer = Solution()\npeer.load(\(literal(code)))"
      )
    }
  }

  // MARK: What was said

  /// The last line that begins with the mark.
  private static func said(_ result: ExecutionResult, _ mark: String) -> String? {
    guard !result.stdoutTruncated else { return nil }
    let lines = result.stdout.split(separator: "\n", omittingEmptySubsequences: true)
    return lines.last { $0.hasPrefix(mark + " ") }.map { String($0.dropFirst(mark.count + 1)) }
  }

  static func json(_ message: String) -> JSONValue? {
    Data(base64Encoded: message).flatMap { try? JSONValue(parsing: [UInt8]($0)) }
  }

  private static func reason(_ result: ExecutionResult) -> String {
    result.status == .ok ? "it ended its process or closed its output" : "\(result.status.rawValue): \(tail(result))"
  }

  /// The end of what went wrong.
  private static func tail(_ result: ExecutionResult) -> String {
    let text = result.stderr.isEmpty ? result.message ?? result.status.rawValue : result.stderr
    return ExecutionText.shortened(text, to: 500, head: 0)
  }
}
