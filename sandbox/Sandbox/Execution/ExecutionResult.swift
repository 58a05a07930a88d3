import AgentCore

/// How an execution ended.
public enum ExecutionStatus: String, Sendable, Hashable, CaseIterable {
  /// The program ended with exit code 0.
  case ok
  /// It ended otherwise, did not compile, or could not be started; `message` says which.
  case error
  /// A time limit was reached; `timedOut` says which.
  case timeout
  case memoryLimit = "memory_limit"
  case outputLimit = "output_limit"
  /// The program asked the kernel for what no program in a sandbox has a reason to ask for, and was ended.
  case violation
  /// The machine does not give the isolation that is required, or the sandbox itself failed; nothing is to be
  /// concluded about the program.
  case sandboxUnavailable = "sandbox_unavailable"
  /// The caller gave up.
  case cancelled
}

/// What an execution came to.
public struct ExecutionResult: Sendable, Hashable {
  /// Which limit of time was reached.
  public enum TimeLimit: String, Sendable, Hashable, CaseIterable {
    case wall, cpu
    /// No worker was free before the deadline: the program was never started.
    case queue
  }

  /// What was being done when it ended.
  public enum Phase: String, Sendable, Hashable, CaseIterable {
    case compile, run
  }

  public var status: ExecutionStatus
  /// The kept standard output; bytes that are no UTF-8 are replaced by U+FFFD.
  public var stdout = ""
  public var stderr = ""
  /// The program's exit code; nil if it was ended by a signal or never ran.
  public var exitCode: Int?
  /// The signal that ended it.
  public var signal: Int?
  public var timedOut: TimeLimit?
  public var phase = Phase.run
  /// Real time of the program, compilation included.
  public var wall = Duration.zero
  /// Processor time of the program and its children, compilation included.
  public var cpu = Duration.zero
  public var peakMemoryBytes = 0
  public var stdoutTruncated = false
  public var stderrTruncated = false
  /// Whether the output held bytes that are no UTF-8.
  public var stdoutInvalidUTF8 = false
  public var stderrInvalidUTF8 = false
  /// The first system call that was refused, by name. A refused call alone does not end a program.
  public var violation: String?
  /// Collected files.
  public var files: [SandboxFile] = []
  /// Which files could not be collected, and why.
  public var fileErrors: [String] = []
  public var isolation: Isolation
  /// What to know besides: why nothing ran, which package is missing, that compilation failed.
  public var message: String?
  public var breakdown = LatencyBreakdown()
  /// Whether the session that this was a cell of is gone.
  public var sessionLost = false
  /// Whether the slot had died before the request reached it, so that another may run it.
  var wasNeverSent = false

  public init(status: ExecutionStatus, isolation: Isolation = .none, message: String? = nil) {
    self.status = status
    self.isolation = isolation
    self.message = message
  }
}

/// Where the time of one execution went. The program's own time is `run`.
public struct LatencyBreakdown: Sendable, Hashable {
  /// Waiting for a free worker.
  public var queue = Duration.zero
  /// Starting a slot, where none was warm.
  public var start = Duration.zero
  /// Fresh work directory and input files.
  public var prepare = Duration.zero
  /// From the request until the program's process exists.
  public var fork = Duration.zero
  public var run = Duration.zero
  /// Ending what is left over and collecting files.
  public var clean = Duration.zero
}
