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

  /// Runs one call. The arguments fit the schema.
  func call(_ arguments: JSONObject, context: ToolContext) async throws -> ToolOutput
}

extension Tool {
  public var isImmediate: Bool { false }
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

  public init(status: ToolStatus, content: String) {
    self.status = status
    self.content = content
  }

  public static func ok(_ content: String) -> ToolOutput { ToolOutput(status: .ok, content: content) }

  /// A failure, as the policy reads it: `error: ` and the reason.
  public static func error(_ reason: String) -> ToolOutput { ToolOutput(status: .error, content: "error: \(reason)") }
}
