import AgentCore
import Synchronization

/// What bounds a session's notes.
public struct NotesSettings: Sendable, Hashable {
  public var maxNotes = 32
  /// Unicode scalars of one note.
  public var maxCharacters = 2000

  public init() {}
}

/// A memory for one session, which outlives what is cut from its context:
/// `{"operation": "write", "name": "plan", "text": "…"}`.
public final class NotesTool: Tool {
  public let isImmediate = true
  public let isSequential = true
  public let schema: ToolSchema
  private let settings: NotesSettings
  private let notebook: Mutex<Notebook>

  static let maxNameCharacters = 100

  public init(settings: NotesSettings = NotesSettings()) {
    self.settings = settings
    notebook = Mutex(Notebook(settings: settings))
    schema = ToolSchema(
      name: "notes",
      description:
        "Keep notes for later turns; they stay when earlier messages are gone. write replaces a note, append "
        + "adds to it, read gives one (or all, without a name), list names them, delete removes one. At most "
        + "\(settings.maxNotes) notes of \(settings.maxCharacters) characters.",
      parameters: [
        "type": "object",
        "properties": [
          "operation": ["type": "string", "enum": .array(Operation.allCases.map { .string($0.rawValue) })],
          "name": [
            "type": "string", "minLength": 1, "maxLength": JSONValue(Self.maxNameCharacters),
            "description": "The note's name; needed to write, append and delete",
          ],
          "text": ["type": "string", "description": "What to write or append"],
        ],
        "required": ["operation"],
        "additionalProperties": false,
      ])
  }

  fileprivate enum Operation: String, CaseIterable {
    case write, append, read, list, delete
  }

  public func call(_ arguments: JSONObject, context: ToolContext) async -> ToolOutput {
    let operation = arguments["operation"]?.stringValue.flatMap(Operation.init(rawValue:)) ?? .list
    let name = arguments["name"]?.stringValue
    let text = arguments["text"]?.stringValue
    let result = notebook.withLock { notebook in
      Result { () throws(NotesError) in
        switch operation {
        case .list: return notebook.list
        case .read: return try notebook.read(name)
        case .write, .append:
          guard let name else { throw NotesError.missing("name", operation.rawValue) }
          guard let text else { throw NotesError.missing("text", operation.rawValue) }
          return try notebook.write(operation == .append ? notebook.text(of: name, followedBy: text) : text, name)
        case .delete:
          guard let name else { throw NotesError.missing("name", operation.rawValue) }
          return try notebook.delete(name)
        }
      }
    }
    switch result {
    case .success(let answer): return .ok(answer)
    case .failure(let error): return .error(error.description)
    }
  }
}

/// Why a note was not written or read, as the policy reads it.
enum NotesError: Error, Equatable, CustomStringConvertible {
  case missing(_ argument: String, _ operation: String)
  case noNote(name: String, known: [String])
  case tooLong(name: String, characters: Int, limit: Int)
  case tooMany(limit: Int, known: [String])

  var description: String {
    switch self {
    case .missing(let argument, let operation): "`\(operation)` needs `\(argument)`"
    case .noNote(let name, let known):
      "there is no note `\(name)`; "
        + (known.isEmpty ? "there are none" : "the notes are: \(known.joined(separator: ", "))")
    case .tooLong(let name, let characters, let limit):
      "`\(name)` would have \(characters) characters, the limit is \(limit): write it shorter, or use a second note"
    case .tooMany(let limit, let known):
      "there are \(limit) notes already: delete or overwrite one of \(known.joined(separator: ", "))"
    }
  }
}

/// The notes in the order in which they were first written.
private struct Notebook {
  let settings: NotesSettings
  private var notes: [(name: String, text: String)] = []

  init(settings: NotesSettings) {
    self.settings = settings
  }

  private var names: [String] { notes.map(\.name) }

  private func index(of name: String) throws(NotesError) -> Int {
    guard let index = names.firstIndex(of: name) else { throw .noNote(name: name, known: names) }
    return index
  }

  var list: String {
    guard !notes.isEmpty else { return "no notes" }
    return notes.map { "\($0.name) (\($0.text.unicodeScalars.count) characters)" }.joined(separator: "\n")
  }

  func read(_ name: String?) throws(NotesError) -> String {
    if let name { return notes[try index(of: name)].text }
    guard !notes.isEmpty else { return "no notes" }
    return notes.map { "[\($0.name)]\n\($0.text)" }.joined(separator: "\n\n")
  }

  /// A note's text with another one on its next line.
  func text(of name: String, followedBy text: String) -> String {
    guard let index = names.firstIndex(of: name) else { return text }
    return notes[index].text + "\n" + text
  }

  mutating func write(_ text: String, _ name: String) throws(NotesError) -> String {
    let characters = text.unicodeScalars.count
    guard characters <= settings.maxCharacters else {
      throw .tooLong(name: name, characters: characters, limit: settings.maxCharacters)
    }
    if let index = names.firstIndex(of: name) {
      notes[index].text = text
    } else {
      guard notes.count < settings.maxNotes else { throw .tooMany(limit: settings.maxNotes, known: names) }
      notes.append((name, text))
    }
    return "wrote `\(name)` (\(characters) characters)"
  }

  mutating func delete(_ name: String) throws(NotesError) -> String {
    notes.remove(at: try index(of: name))
    return "deleted `\(name)`"
  }
}
