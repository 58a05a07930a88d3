import AgentCore

extension ExecutionResult {
  /// What a slot's answer means.
  init(_ result: SlotResult, isolation: Isolation, phase: Phase) {
    self.init(status: Self.status(of: result), isolation: isolation)
    self.phase = phase
    (stdout, stdoutInvalidUTF8) = Self.text(result.stdout, isTruncated: result.isStdoutTruncated)
    (stderr, stderrInvalidUTF8) = Self.text(result.stderr, isTruncated: result.isStderrTruncated)
    stdoutTruncated = result.isStdoutTruncated
    stderrTruncated = result.isStderrTruncated
    exitCode = result.exitCode
    signal = result.signal
    timedOut = result.outcome == .wall ? .wall : result.outcome == .cpu ? .cpu : nil
    wall = result.wall
    cpu = result.cpu
    peakMemoryBytes = result.peakBytes
    violation = result.refusedCall
    // A program chooses its files' names; whoever writes them somewhere may take them for safe ones.
    files = result.files.filter { SandboxFile.problem(withName: $0.name) == nil }
    fileErrors = result.fileErrors + result.files.compactMap { SandboxFile.problem(withName: $0.name) }
    sessionLost = result.isSessionLost
    breakdown.prepare = result.prepare
    breakdown.fork = result.fork
    breakdown.run = max(.zero, result.wall - result.fork)
    breakdown.clean = result.clean
    message = Self.message(result)
  }

  private static func status(of result: SlotResult) -> ExecutionStatus {
    switch result.outcome {
    case .exited: result.exitCode == 0 ? .ok : .error
    case .signaled: .error
    case .wall, .cpu: .timeout
    case .memory: .memoryLimit
    case .output: .outputLimit
    case .violation: .violation
    case .cancelled: .cancelled
    case .failed: isOfTheRequest(result.error ?? "") ? .error : .sandboxUnavailable
    }
  }

  /// Whether a run could not be started for what was asked, and nothing of the sandbox is broken: an earlier cell left a
  /// link where a file is to lie, the files need more room than there is, the program to start is not there.
  private static func isOfTheRequest(_ failure: String) -> Bool {
    failure.hasPrefix("place input file ") || failure.hasPrefix("execute ")
  }

  private static func message(_ result: SlotResult) -> String? {
    if let error = result.error { return error }
    switch result.outcome {
    case .signaled: return result.signal.map { "ended by signal \($0)" }
    case .wall: return "the time limit was reached"
    case .cpu: return "the limit of processor time was reached"
    case .memory: return "the memory limit was reached"
    case .output: return "the output limit was reached"
    case .violation:
      return "ended for a system call that is never allowed" + (result.refusedCall.map { ": \($0)" } ?? "")
    case .exited, .cancelled, .failed: return nil
    }
  }

  /// Bytes as text, and whether they were not.
  ///
  /// A cut through a character is the limit's doing: what is left of that character is dropped.
  static func text(_ bytes: ArraySlice<UInt8>, isTruncated: Bool) -> (text: String, isInvalid: Bool) {
    if let text = String(validating: bytes, as: UTF8.self) { return (text, false) }
    if isTruncated {
      for cut in 1...3 where cut < bytes.count {
        let lead = bytes[bytes.endIndex - cut]
        guard (0xC2...0xF4).contains(lead) else { continue }
        let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
        if length > cut, let text = String(validating: bytes.dropLast(cut), as: UTF8.self) { return (text, false) }
        break
      }
    }
    return (String(decoding: bytes, as: UTF8.self), true)
  }

  /// What was not run, and why.
  init(_ error: SandboxError, isolation: Isolation) {
    let status: ExecutionStatus =
      switch error {
      case .unavailable: .sandboxUnavailable
      case .cancelled: .cancelled
      case .busy: .timeout
      default: .error
      }
    self.init(status: status, isolation: isolation, message: error.description)
    if case .busy = error { timedOut = .queue }
    if case .sessionLost = error { sessionLost = true }
  }

  init(_ failure: SlotFailure, isolation: Isolation) {
    self.init(status: .sandboxUnavailable, isolation: isolation, message: failure.description)
  }
}
