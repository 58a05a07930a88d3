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
  private let limits: ExecutionLimits
  private let deadline: ContinuousClock.Instant
  private let isSolution: Bool
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
    deadline = limits.deadline
    self.limits = bounds
    do {
      session = try await sandbox.openSession(language: "python", limits: bounds, seed: 0)
    } catch .cancelled {
      throw CancellationError()
    } catch {
      throw CodeTestError.unavailable(reason: error.description)
    }
    switch role {
    case .tester: isSolution = false
    case .solution: isSolution = true
    }
    do {
      (loaded, isolation) = try await Self.load(role, session, mark: mark, deadline: deadline)
    } catch {
      await session.close()
      throw error
    }
  }

  private init(_ original: CodeTestSession, _ session: SandboxSession, deadline: ContinuousClock.Instant) {
    self.session = session
    self.deadline = deadline
    limits = original.limits
    isSolution = original.isSolution
    mark = original.mark
    loaded = original.loaded
    isolation = original.isolation
  }

  func close() async { await session.close() }

  /// A copy that can be spoilt, for one test.
  func branch(deadline: ContinuousClock.Instant) async throws -> CodeTestSession {
    do {
      return CodeTestSession(self, try await session.branch(), deadline: deadline)
    } catch .cancelled {
      throw CancellationError()
    } catch .sessionLost(let reason) where isSolution {
      throw CodeTestFailure.solution(reason: "the solution ended its process: \(reason)")
    } catch {
      throw CodeTestError.unavailable(reason: error.description)
    }
  }

  /// Makes this end say the value of an expression.
  func say(_ expression: String) async throws -> String {
    let message = isSolution ? "line(\(expression))" : "told(\(expression))"
    let result = await session.run(
      "say('\(mark)', \(message))", limits: limits.until(deadline), deadline: deadline)
    try result.checkRan()
    guard result.status == .ok, let said = Self.said(result, mark) else {
      let whose = isSolution ? "the solution" : "the test"
      throw CodeTestFailure.solution(
        reason: "\(whose) gave no answer (\(Self.reason(result, limits)))")
    }
    return said
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
    try result.checkRan()
    let said = said(result, mark)
    switch role {
    case .tester:
      guard result.status == .ok, let said else { throw CodeTestError.badTests(reason: tail(result)) }
      return (said, result.isolation)
    case .solution:
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
        "\(peer)\n\(source(PackageResources.tester_py))\nsilence()",
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

  private static func reason(_ result: ExecutionResult, _ limits: ExecutionLimits) -> String {
    result.status == .ok ? "it ended its process or closed its output" : "\(result.status.rawValue): \(tail(result))"
  }

  /// The end of what went wrong.
  private static func tail(_ result: ExecutionResult) -> String {
    let text = result.stderr.isEmpty ? result.message ?? result.status.rawValue : result.stderr
    return ExecutionText.shortened(text, to: 500, head: 0)
  }
}

extension ExecutionLimits {
  /// These limits, with no more time than there is left.
  fileprivate func until(_ deadline: ContinuousClock.Instant) -> ExecutionLimits {
    var limits = self
    limits.wall = max(.milliseconds(1), min(wall, deadline - .now))
    return limits
  }
}
