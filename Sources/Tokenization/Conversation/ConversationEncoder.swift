import AgentCore

/// Turns conversations into token ids, each with its provenance, without ever encoding the past again.
///
/// A rollout is `encodePrompt`, then for each turn the policy's sampled ids and `encodeObservation`: the sequence only
/// grows, so the prompt of a turn is, id for id, what came before it plus the new observation (invariant 1).
/// Special tokens are parsed from the template's own markup alone; whatever a user, a tool, an environment or the
/// policy wrote stays text.
public struct ConversationEncoder: Sendable {
  /// Where the policy reads which tools it has.
  public enum ToolPresentation: String, Sendable, CaseIterable {
    /// `template` if the template reads `tools`, else `systemMessage`.
    case automatic
    case template
    /// One line a tool at the end of the system message, see ``ToolDescription``.
    case systemMessage
    /// Nowhere: the system prompt says it, or the policy learns it.
    case omitted
  }

  public struct Options: Sendable {
    public var toolPresentation = ToolPresentation.automatic
    /// How the policy is told to write calls.
    public var toolCallFormat = ToolCallParser.hermes
    /// The role that tool results are rendered with: `.tool`, or `.user` for templates that know no tool role. Their
    /// provenance is `tool` either way.
    public var toolResultRole = Role.tool
    /// Further variables for the template.
    public var variables: [String: JSONValue] = [:]
    /// Tokens that end a turn besides those that the template and the tokenizer name.
    public var additionalStopTokenIDs: Set<Int32> = []

    public init() {}
  }

  public let tokenizer: Tokenizer
  public let template: ChatTemplate
  public let options: Options
  /// The token that the template writes after an assistant's text; demonstrations end their turns with it.
  public let endOfTurnID: Int32
  /// Sampling any of these ends the policy's turn.
  public let stopTokenIDs: Set<Int32>

  private let renderer: ConversationRenderer

  /// - Throws: ``ConversationError/noEndOfTurn``, or what the template says to a short conversation.
  public init(tokenizer: Tokenizer, template: ChatTemplate, options: Options = Options()) throws(ConversationError) {
    var variables = options.variables
    for (name, id) in [("bos_token", tokenizer.beginOfSequenceID), ("eos_token", tokenizer.endOfSequenceID)] {
      if let id, variables[name] == nil { variables[name] = .string(tokenizer.decode([id])) }
    }
    self.tokenizer = tokenizer
    self.template = template
    self.options = options
    renderer = ConversationRenderer(
      template: template, specialTokens: tokenizer.specialTokens.map(\.text), variables: variables)
    let probe = [Role.user, .assistant].map { role in
      ConversationRenderer.Entry(message: Message(role: role, content: "text"), provenance: .template)
    }
    let ending = try renderer.render(probe, tools: [], addGenerationPrompt: false, after: 1).encoded(by: tokenizer).ids
    let closing = ending.first.flatMap { tokenizer.isSpecial($0) ? $0 : nil }
    guard let end = closing ?? tokenizer.endOfSequenceID else { throw .noEndOfTurn }
    endOfTurnID = end
    stopTokenIDs = options.additionalStopTokenIDs.union([end]).union(tokenizer.endOfSequenceID.map { [$0] } ?? [])
  }

  /// The tokens of a conversation up to where the policy begins to write.
  public func encodePrompt(messages: [Message], tools: [ToolSchema]) throws(ConversationError) -> EncodedTokens {
    let (entries, templateTools) = prepare(messages, tools)
    return try renderer.render(entries, tools: templateTools, addGenerationPrompt: true).encoded(by: tokenizer)
  }

  /// The tokens that come after the policy's last one: the end of its turn, the observation, and the markup up to
  /// where it writes again.
  ///
  /// - Parameters:
  ///   - history: the conversation before the policy's turn. The turn itself is not needed: its tokens exist.
  ///   - observation: what the environment answered; may be empty (the policy then goes on in a new turn).
  ///   - tools: as given to ``encodePrompt(messages:tools:)``.
  ///   - actionEndedWithStop: whether the last sampled token is one of ``stopTokenIDs``. If not, the turn was cut, and
  ///     its closing token comes first here, with provenance `injected`.
  public func encodeObservation(
    history: [Message], observation: [Message], tools: [ToolSchema], actionEndedWithStop: Bool
  ) throws(ConversationError) -> EncodedTokens {
    let action = Message(role: .assistant, content: "text")
    let (entries, templateTools) = prepare(history + [action] + observation, tools)
    let encoded = try renderer.render(
      entries, tools: templateTools, addGenerationPrompt: true, after: entries.count - observation.count - 1
    ).encoded(by: tokenizer)
    guard let first = encoded.ids.first, stopTokenIDs.contains(first), tokenizer.isSpecial(first) else {
      return encoded
    }
    var result = EncodedTokens()
    if !actionEndedWithStop { result.append([first], provenance: .injected) }
    for (id, provenance) in zip(encoded.ids, encoded.provenances).dropFirst() {
      result.append([id], provenance: provenance)
    }
    return result
  }

  // MARK: - Preparation

  /// Messages as the template should see them, and the tools that it should see.
  private func prepare(
    _ messages: [Message], _ tools: [ToolSchema]
  ) -> (entries: [ConversationRenderer.Entry], tools: [ToolSchema]) {
    var entries = messages.map { message in
      var shown = message
      if message.role == .tool { shown.role = options.toolResultRole }
      return ConversationRenderer.Entry(message: shown, provenance: message.role.provenance)
    }
    switch options.toolPresentation {
    case .template: return (entries, tools)
    case .automatic where template.readsTools: return (entries, tools)
    case .omitted: return (entries, [])
    case .automatic, .systemMessage:
      guard !tools.isEmpty else { return (entries, []) }
      let text = ToolDescription.text(of: tools, format: options.toolCallFormat)
      if entries.first?.message.role == .system {
        entries[0].message.content += (entries[0].message.content.isEmpty ? "" : "\n\n") + text
      } else {
        entries.insert(.init(message: Message(role: .system, content: text), provenance: .system), at: 0)
      }
      return (entries, [])
    }
  }
}

extension Role {
  /// The provenance of what a message of this role says. The assistant's messages in a prompt were put there; what
  /// the policy itself wrote is never encoded from text.
  fileprivate var provenance: Provenance {
    switch self {
    case .system: .system
    case .user: .user
    case .assistant: .injected
    case .tool: .tool
    }
  }
}
