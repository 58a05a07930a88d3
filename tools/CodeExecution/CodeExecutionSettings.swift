import Sandbox

/// What a manifest may say about a tool that runs code.
public struct CodeExecutionSettings: Sendable, Hashable {
  /// A language of the sandbox, e.g. `python`.
  public var language: String
  /// Whether variables and files stay from call to call, until the episode ends.
  public var isStateful = false
  /// Real time of one call.
  public var timeout = Duration.seconds(5)
  public var memoryBytes = 256 << 20
  /// Unicode scalars of a result, below `max_observation_chars` so that its last line is never cut.
  public var outputCharacters = 1800

  public init(language: String = "python") {
    self.language = language
  }

  func limits(_ sandbox: Sandbox) throws(SandboxError) -> ExecutionLimits {
    var limits = try sandbox.limits(of: language)
    limits.wall = timeout
    limits.memoryBytes = memoryBytes
    return limits
  }
}
