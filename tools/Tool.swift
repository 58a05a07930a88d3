import AgentCore

/// Something a policy can call.
///
/// A tool says what it takes in its schema; `ToolRegistry` checks the arguments against it before `call`. What goes
/// wrong inside a call is the policy's to read: return `.error(…)`. An error that is thrown is reported to the policy as
/// the tool's failure.
public protocol Tool: Sendable {
  var schema: ToolSchema { get }

  /// Whether a call bounds its own time and never suspends. Such calls run in place, without a timer.
  var isImmediate: Bool { get }

  /// Whether the calls of one turn run one after the other, in their order: for tools with a state. Others run at once.
  var isSequential: Bool { get }

  /// Digest of everything besides the arguments that decides the answers, e.g. of a corpus and of the limits on a result.
  ///
  /// Not nil makes the tool pure: sessions of one environment share its `ok` answers (`ToolCache`). The context may not
  /// change such an answer, and an answer may be asked of one session's tool for another session.
  var pureOver: String? { get }

  /// How arguments are held against the schema before a call.
  var argumentChecking: ArgumentChecking { get }

  /// Runs one call. The arguments fit the schema. Cancelled when nobody waits for the answer any more.
  func call(_ arguments: JSONObject, context: ToolContext) async throws -> ToolOutput

  /// Frees what the session held: an interpreter, a connection. Called once, after the last call has begun; a call that
  /// was abandoned at its deadline may still be running.
  func close() async
}

extension Tool {
  public var isImmediate: Bool { false }
  public var isSequential: Bool { false }
  public var pureOver: String? { nil }
  public var argumentChecking: ArgumentChecking { .strict }
  public func close() async {}
}

/// What a tool knows about the call besides its arguments.
public struct ToolContext: Sendable {
  /// The id of the call, unique within its trajectory.
  public var callID: String
  /// Seed of the session, for tools that draw random numbers.
  public var seed: Int
  /// When the caller stops waiting.
  public var deadline: ContinuousClock.Instant

  public init(callID: String, seed: Int = 0, deadline: ContinuousClock.Instant) {
    self.callID = callID
    self.seed = seed
    self.deadline = deadline
  }
}

/// What a call came to: a status and the text that the policy reads.
public struct ToolOutput: Sendable, Hashable {
  public var status: ToolStatus
  public var content: String
  /// What stood around the code that the call ran; nil if it ran none.
  public var isolation: Isolation?

  public init(status: ToolStatus, content: String, isolation: Isolation? = nil) {
    self.status = status
    self.content = content
    self.isolation = isolation
  }

  public static func ok(_ content: String) -> ToolOutput { ToolOutput(status: .ok, content: content) }

  /// A failure, as the policy reads it: `error: ` and the reason.
  public static func error(_ reason: String) -> ToolOutput { ToolOutput(status: .error, content: "error: \(reason)") }

  /// The call took longer than it may.
  public static func timeout(_ reason: String) -> ToolOutput {
    ToolOutput(status: .timeout, content: "error: \(reason)")
  }
}
