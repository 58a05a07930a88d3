import AgentCore

/// Renders messages through a template and finds out who wrote each part of the result.
struct ConversationRenderer: Sendable {
  /// A message together with the provenance of its content (which its role may not say, where tool results are shown
  /// to the model as the user's).
  struct Entry: Sendable {
    var message: Message
    var provenance: Provenance
  }

  let template: ChatTemplate
  let specialTokens: [String]
  let variables: [String: JSONValue]

  /// The conversation as marked text.
  ///
  /// The contents are rendered as opaque marks, which tells content from markup exactly, provided that the real
  /// contents give the same text. Contents that the template trims are handled too; where it changes them in another
  /// way, whole messages with their markup get the provenance of their content.
  ///
  /// - Parameter actionIndex: an assistant message whose content stays unknown; only what follows it is returned.
  func render(
    _ entries: [Entry], tools: [ToolSchema], addGenerationPrompt: Bool, after actionIndex: Int? = nil
  ) throws(ConversationError) -> MarkedText {
    let guardian = TextGuard(specialTokens: specialTokens, texts: Self.texts(of: entries, tools))
    let plain = guardian.pieces(
      of: try render(entries, tools, addGenerationPrompt, guardian) { index, content in
        index == actionIndex ? guardian.mark(forContent: index) : guardian.guarded(content)
      })
    let opaque = guardian.pieces(
      of: try render(entries, tools, addGenerationPrompt, guardian) { index, content in
        content.isEmpty && index != actionIndex ? "" : guardian.mark(forContent: index)
      })
    let wanted = Self.text(of: plain)
    for trims in [false, true] {
      let contents = entries.map { entry in
        trims ? PythonText.strip(entry.message.content, nil, left: true, right: true) : entry.message.content
      }
      let isSame = PythonText.equal(
        wanted, Self.text(of: opaque.map { $0.resolved(by: contents, except: actionIndex) }))
      if isSame {
        return Self.marked(try Self.suffix(of: opaque, after: actionIndex), entries, contents)
      }
    }
    return try wholeMessages(plain, entries, tools, guardian, after: actionIndex)
  }

  private func render(
    _ entries: [Entry], _ tools: [ToolSchema], _ addGenerationPrompt: Bool, _ guardian: TextGuard,
    content: (Int, String) -> String
  ) throws(ConversationError) -> String {
    let messages = entries.enumerated().map { index, entry in
      var message = guardian.guardedFields(of: entry.message)
      message.content = content(index, message.content)
      return message
    }
    do {
      return try template.render(
        messages: messages, tools: tools.map(guardian.guarded), addGenerationPrompt: addGenerationPrompt,
        variables: variables)
    } catch {
      throw .template(error)
    }
  }

  private static func texts(of entries: [Entry], _ tools: [ToolSchema]) -> [String] {
    entries.flatMap { entry in
      let message = entry.message
      return [message.content, message.name ?? "", message.toolCallID ?? ""]
        + message.toolCalls.flatMap { [$0.id, $0.name, $0.arguments.serialized()] }
    } + tools.map { $0.functionJSON.serialized() }
  }

  /// The text, marks of unknown contents kept apart by a character that no text holds twice in this place.
  private static func text(of pieces: [TextGuard.Piece]) -> String {
    pieces.map { piece in
      switch piece {
      case .markup(let text), .literal(let text): text
      case .content(let index): "\u{FFFFF}\(index)\u{FFFFF}"
      }
    }.joined()
  }

  /// What follows the last place where the action's content stands.
  private static func suffix(
    of pieces: [TextGuard.Piece], after actionIndex: Int?
  ) throws(ConversationError) -> [TextGuard.Piece] {
    guard let actionIndex else { return pieces }
    guard let last = pieces.lastIndex(of: .content(actionIndex)) else { throw .actionNotRendered }
    return Array(pieces[(last + 1)...])
  }

  private static func marked(
    _ pieces: [TextGuard.Piece], _ entries: [Entry], _ contents: [String]
  ) -> MarkedText {
    var text = MarkedText()
    for piece in pieces {
      switch piece {
      case .markup(let markup): text.append(markup, .template, isMarkup: true)
      case .literal(let literal): text.append(literal, .template, isMarkup: false)
      case .content(let index): text.append(contents[index], entries[index].provenance, isMarkup: false)
      }
    }
    return text
  }

  // MARK: Templates that change contents

  /// Whole-message provenance: the text that a message adds to the rendering of those before it is that message's.
  /// What cannot be told apart so goes to the later message; what follows the last one is the template's.
  private func wholeMessages(
    _ pieces: [TextGuard.Piece], _ entries: [Entry], _ tools: [ToolSchema], _ guardian: TextGuard,
    after actionIndex: Int?
  ) throws(ConversationError) -> MarkedText {
    let whole = Array(Self.text(of: pieces).utf8)
    var ends: [(end: Int, provenance: Provenance)] = []
    for count in 1...max(entries.count, 1) where count <= entries.count {
      let rendered = try? render(Array(entries[..<count]), tools, false, guardian) { index, content in
        index == actionIndex ? guardian.mark(forContent: index) : guardian.guarded(content)
      }
      guard let rendered else { continue }
      let prefix = Array(Self.text(of: guardian.pieces(of: rendered)).utf8)
      guard whole.starts(with: prefix), prefix.count > ends.last?.end ?? 0 else { continue }
      ends.append((prefix.count, entries[count - 1].provenance))
    }
    return Self.marked(try Self.suffix(of: pieces, after: actionIndex), startingAt: whole.count, ends)
  }

  /// Gives the last pieces of a text of `total` bytes the provenance of the message that they end in.
  private static func marked(
    _ pieces: [TextGuard.Piece], startingAt total: Int, _ ends: [(end: Int, provenance: Provenance)]
  ) -> MarkedText {
    var position = total - text(of: pieces).utf8.count
    var result = MarkedText()
    for piece in pieces {
      let (text, isMarkup) = if case .markup(let text) = piece { (text, true) } else { (Self.text(of: [piece]), false) }
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        let message = ends.first { $0.end > position }
        let count = min(rest.count, (message?.end ?? .max) - position)
        let part = String(decoding: rest.prefix(count), as: UTF8.self)
        result.append(part, message?.provenance ?? .template, isMarkup: isMarkup)
        rest = rest.dropFirst(count)
        position += count
      }
    }
    return result
  }
}

extension TextGuard.Piece {
  /// The piece with its content put back.
  fileprivate func resolved(by contents: [String], except unknown: Int?) -> TextGuard.Piece {
    guard case .content(let index) = self, index != unknown else { return self }
    return .literal(contents[index])
  }
}
