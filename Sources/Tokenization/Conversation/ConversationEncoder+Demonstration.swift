import AgentCore

/// One turn of an expert's episode: what it wrote, and what the environment answered.
public struct DemonstrationTurn: Sendable, Hashable {
  public var text: String
  public var observation: [Message]

  public init(text: String, observation: [Message] = []) {
    self.text = text
    self.observation = observation
  }
}

/// An expert's episode in tokens, in the parts that a rollout would have made.
public struct EncodedDemonstration: Sendable, Hashable {
  public struct Turn: Sendable, Hashable {
    /// The expert's text and the end-of-turn token, in place of sampled ids.
    public var action: [Int32]
    /// What follows; absent after the last turn.
    public var observation: EncodedTokens?
  }

  public var prompt: EncodedTokens
  public var turns: [Turn]

  /// The whole sequence; the expert's tokens have provenance `policy`.
  public var tokens: EncodedTokens {
    var tokens = prompt
    for turn in turns {
      tokens.append(turn.action, provenance: .policy)
      if let observation = turn.observation { tokens.append(observation) }
    }
    return tokens
  }
}

extension ConversationEncoder {
  /// Encodes an expert's episode exactly as a rollout that sampled the expert's texts would have it: prompt, text by
  /// text with its end-of-turn token, and observation by observation. For supervised warm-up.
  public func encodeDemonstration(
    prompt: [Message], turns: [DemonstrationTurn], tools: [ToolSchema]
  ) throws(ConversationError) -> EncodedDemonstration {
    var result = EncodedDemonstration(prompt: try encodePrompt(messages: prompt, tools: tools), turns: [])
    var history = prompt
    for (index, turn) in turns.enumerated() {
      var encoded = EncodedDemonstration.Turn(action: tokenizer.encode(turn.text) + [endOfTurnID])
      if index + 1 < turns.count {
        encoded.observation = try encodeObservation(
          history: history, observation: turn.observation, tools: tools, actionEndedWithStop: true)
      }
      result.turns.append(encoded)
      history += [Message(role: .assistant, content: turn.text)] + turn.observation
    }
    return result
  }
}
