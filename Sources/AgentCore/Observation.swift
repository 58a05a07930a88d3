/// How a tool call ended.
public enum ToolStatus: String, Sendable, CaseIterable {
  case ok, error, timeout, denied
}

/// The answer of one tool call.
public struct ToolResult: Sendable, Hashable {
  /// The id of the call.
  public var id: String
  public var status: ToolStatus
  public var content: String
  public var duration: Duration
  /// What stood around the code that the call ran; nil for calls that ran none.
  public var isolation: Isolation?

  public init(
    id: String, status: ToolStatus, content: String, duration: Duration = .zero, isolation: Isolation? = nil
  ) {
    self.id = id
    self.status = status
    self.content = content
    self.duration = duration
    self.isolation = isolation
  }
}

/// What comes back from the environment after an action.
public struct Observation: Sendable, Hashable {
  public var messages: [Message]
  /// The tokens that were appended to the policy's sequence for this observation, the markup up to the next
  /// generation prompt included. Absent where no local policy encoded it, and after the last turn.
  public var tokens: EncodedTokens?

  public init(messages: [Message], tokens: EncodedTokens? = nil) {
    self.messages = messages
    self.tokens = tokens
  }
}
