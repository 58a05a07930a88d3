/// Why a conversation could not be turned into tokens.
public enum ConversationError: Error, Sendable, Equatable, CustomStringConvertible {
  case template(TemplateError)
  /// Neither the template nor the tokenizer says which token ends the assistant's turn.
  case noEndOfTurn
  /// The template left the assistant's message out, so what follows it cannot be told.
  case actionNotRendered

  public var description: String {
    switch self {
    case .template(let error): error.description
    case .noEndOfTurn:
      "no token ends the assistant's turn: the chat template writes no special token after its text and the tokenizer "
        + "names no end-of-sequence token; set eos_token in tokenizer_config.json"
    case .actionNotRendered:
      "the chat template leaves out the assistant's message before an observation; this template cannot be used for "
        + "conversations of several turns"
    }
  }
}
