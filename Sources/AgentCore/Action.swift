/// Why the policy stopped writing.
public enum FinishReason: String, Sendable, CaseIterable {
  /// It wrote its end-of-turn token or a stop string.
  case stop
  /// It ran into the token limit of the turn or of the episode.
  case length
}

/// Text that looked like a tool call and could not be read as one. Never dropped silently: the policy is told.
public struct MalformedCall: Sendable, Hashable {
  public var text: String
  public var reason: String

  public init(text: String, reason: String) {
    self.text = text
    self.reason = reason
  }
}

/// The ids that a policy sampled in one turn, with log π of the version that sampled them.
public struct PolicyTokens: Sendable, Hashable {
  /// Sampled ids, the end-of-turn token included.
  public var ids: [Int32]
  /// Behaviour log-probability of each id (natural logarithm, at the sampling temperature). Same count as `ids`.
  public var logprobs: [Float]

  public init(ids: [Int32], logprobs: [Float]) {
    precondition(ids.count == logprobs.count, "\(ids.count) ids but \(logprobs.count) log-probabilities")
    self.ids = ids
    self.logprobs = logprobs
  }
}

/// What the policy produced in one turn.
public struct Action: Sendable, Hashable {
  /// The decoded text, without the end-of-turn token.
  public var text: String
  public var toolCalls: [ToolCall]
  public var malformedCalls: [MalformedCall]
  /// Absent for policies that do not give their tokens.
  public var tokens: PolicyTokens?
  public var finish: FinishReason

  public init(
    text: String, toolCalls: [ToolCall] = [], malformedCalls: [MalformedCall] = [], tokens: PolicyTokens? = nil,
    finish: FinishReason = .stop
  ) {
    self.text = text
    self.toolCalls = toolCalls
    self.malformedCalls = malformedCalls
    self.tokens = tokens
    self.finish = finish
  }

  /// The action as a message of the conversation.
  public var message: Message { Message(role: .assistant, content: text, toolCalls: toolCalls) }
}
