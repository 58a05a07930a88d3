import AgentCore

/// Carries text through a template unread: contents and the spellings of special tokens are replaced by marks of
/// private-use characters, and found again in what the template wrote.
struct TextGuard {
  enum Piece: Equatable {
    case markup(String)
    /// The content of the message with that index.
    case content(Int)
    /// A special token's spelling that somebody wrote as text.
    case literal(String)
  }

  private static let digits = Array("0123456789".unicodeScalars)

  private let opening: Unicode.Scalar
  private let contentMark: Unicode.Scalar
  private let literalMark: Unicode.Scalar
  /// Spellings of special tokens, longest first.
  private let spellings: [String]

  /// - Parameter texts: everything that will be rendered; the marks are characters that none of it has.
  init(specialTokens: [String], texts: [String]) {
    let used = Set(texts.lazy.flatMap(\.unicodeScalars).filter { $0.value >= 0xF0000 })
    var free = (UInt32(0xF0000)...0xFFFFD).lazy.compactMap(Unicode.Scalar.init).filter { !used.contains($0) }
      .makeIterator()
    opening = free.next() ?? "\u{F0000}"
    contentMark = free.next() ?? "\u{F0001}"
    literalMark = free.next() ?? "\u{F0002}"
    spellings = specialTokens.sorted { $0.utf8.count > $1.utf8.count }
  }

  func mark(forContent index: Int) -> String { mark(contentMark, index) }

  private func mark(_ kind: Unicode.Scalar, _ index: Int) -> String {
    PythonText.string([opening] + Array(String(index).unicodeScalars) + [kind])
  }

  /// The text with every special token's spelling replaced by a mark.
  func guarded(_ text: String) -> String {
    guard spellings.contains(where: { PythonText.contains(text, $0) }) else { return text }
    return spellings.indices.reduce(text) { text, index in
      PythonText.replace(text, spellings[index], mark(literalMark, index))
    }
  }

  func guarded(_ json: JSONValue) -> JSONValue {
    switch json {
    case .string(let text): return .string(guarded(text))
    case .array(let values): return .array(values.map(guarded))
    case .object(let fields):
      var result = JSONObject()
      for (key, value) in fields { result[guarded(key)] = guarded(value) }
      return .object(result)
    default: return json
    }
  }

  /// Everything of a message but its content.
  func guardedFields(of message: Message) -> Message {
    var message = message
    message.name = message.name.map(guarded)
    message.toolCallID = message.toolCallID.map(guarded)
    message.toolCalls = message.toolCalls.map {
      ToolCall(id: guarded($0.id), name: guarded($0.name), arguments: guarded($0.arguments))
    }
    return message
  }

  func guarded(_ tool: ToolSchema) -> ToolSchema {
    ToolSchema(
      name: guarded(tool.name), description: guarded(tool.description), parameters: guarded(tool.parameters))
  }

  /// What a template wrote, cut at the marks.
  func pieces(of rendered: String) -> [Piece] {
    var pieces: [Piece] = []
    var markup = String.UnicodeScalarView()
    func flush() {
      if !markup.isEmpty { pieces.append(.markup(String(markup))) }
      markup = String.UnicodeScalarView()
    }
    var scalars = rendered.unicodeScalars[...]
    while let scalar = scalars.popFirst() {
      guard scalar == opening else {
        markup.append(scalar)
        continue
      }
      let number = scalars.prefix { Self.digits.contains($0) }
      let kind = scalars.dropFirst(number.count).first
      guard let index = Int(String(number)), kind == contentMark || kind == literalMark else { continue }
      flush()
      pieces.append(kind == contentMark ? .content(index) : .literal(spellings[index]))
      scalars = scalars.dropFirst(number.count + 1)
    }
    flush()
    return pieces
  }
}
