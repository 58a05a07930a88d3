import AgentCore

/// Collects the parts of one text.
struct ToolCallReader {
  static let openingTag = "<tool_call>"
  static let closingTag = "</tool_call>"

  private let firstID: Int
  private var content: [UInt8] = []
  private var calls: [ToolCall] = []
  private var malformed: [MalformedCall] = []

  init(firstID: Int) { self.firstID = firstID }

  var action: ParsedAction {
    let text = String(decoding: content, as: UTF8.self)
    return ParsedAction(
      content: PythonText.strip(text, nil, left: true, right: true), toolCalls: calls, malformedCalls: malformed)
  }

  // MARK: Tagged

  mutating func readTagged(_ text: [UInt8]) {
    let (opening, closing) = (Array(Self.openingTag.utf8), Array(Self.closingTag.utf8))
    var nextClosing = -1
    var position = 0
    while position < text.count {
      guard let start = text[position...].firstIndex(of: UInt8(ascii: "<")) else {
        content.append(contentsOf: text[position...])
        return
      }
      content.append(contentsOf: text[position..<start])
      if text[start...].starts(with: opening) {
        let body = start + opening.count
        if nextClosing < body { nextClosing = PythonText.find(closing, in: text, from: body) ?? .max }
        position = readCall(text, start: start, body: body, closing: closing, nextClosing: nextClosing)
      } else if text[start...].starts(with: closing) {
        malformed.append(MalformedCall(text: Self.closingTag, reason: "a closing tag without an opening one"))
        position = start + closing.count
      } else {
        content.append(text[start])
        position = start + 1
      }
    }
  }

  /// Reads the call whose opening tag is at `start`; returns where the text goes on.
  private mutating func readCall(
    _ text: [UInt8], start: Int, body: Int, closing: [UInt8], nextClosing: Int
  ) -> Int {
    var end = nextClosing
    if let json = JSONExtent.end(in: text, from: body), text[json...].starts(with: closing) {
      end = json
    } else {
      // Not JSON up to a closing tag: take everything to that tag, or to the next call if that comes first.
      let nextOpening = PythonText.find(Array(Self.openingTag.utf8), in: text, from: body) ?? text.count
      guard nextClosing < nextOpening else { return unclosed(text[start..<nextOpening]) }
    }
    read(Array(text[body..<end]), text: text[start..<end + closing.count])
    return end + closing.count
  }

  private mutating func unclosed(_ text: ArraySlice<UInt8>) -> Int {
    note(text, "the tag \(Self.openingTag) is not closed")
    return text.endIndex
  }

  private mutating func note(_ text: ArraySlice<UInt8>, _ reason: String) {
    malformed.append(MalformedCall(text: String(decoding: text, as: UTF8.self), reason: reason))
  }

  // MARK: Bare

  mutating func readBare(_ text: String) {
    let trimmed = PythonText.strip(text, nil, left: true, right: true)
    let bytes = Array(trimmed.utf8)
    guard bytes.first == UInt8(ascii: "{") || bytes.first == UInt8(ascii: "[") else {
      content = Array(text.utf8)
      return
    }
    if let json = try? JSONValue(parsing: bytes), !Self.isCall(json) {
      content = Array(text.utf8)
    } else {
      read(bytes, text: bytes[...])
    }
  }

  /// Whether valid JSON means to be a call (or calls) rather than an answer.
  private static func isCall(_ json: JSONValue) -> Bool {
    json["name"] != nil || json["function"] != nil || (json.arrayValue?.contains(where: isCall) ?? false)
  }

  // MARK: JSON

  /// Reads the JSON of one call or of a list of calls. `text` is what a malformed call is reported as.
  private mutating func read(_ bytes: [UInt8], text: ArraySlice<UInt8>) {
    let json: JSONValue
    do {
      json = try JSONValue(parsing: bytes)
    } catch {
      return note(text, error.description)
    }
    guard let list = json.arrayValue else { return read(json, text: text) }
    if list.isEmpty { note(text, "an empty list of calls") }
    for element in list { read(element, text: list.count == 1 ? text : Array(element.serialized().utf8)[...]) }
  }

  private mutating func read(_ json: JSONValue, text: ArraySlice<UInt8>) {
    guard json.objectValue != nil else { return note(text, "a call must be a JSON object, not \(json.kindName)") }
    let function = json["name"] == nil ? json["function"] ?? json : json
    guard let name = function["name"]?.stringValue, !name.isEmpty else {
      return note(text, "the call has no \"name\"")
    }
    switch function["arguments"] ?? function["parameters"] ?? .null {
    case .null: add(name, [:])
    case .string(let inner):
      guard let arguments = try? JSONValue(parsing: inner), arguments.objectValue != nil else {
        return note(text, "\"arguments\" is a string that holds no JSON object")
      }
      add(name, arguments)
    case let arguments: add(name, arguments)
    }
  }

  private mutating func add(_ name: String, _ arguments: JSONValue) {
    calls.append(ToolCall(id: "call_\(firstID + calls.count)", name: name, arguments: arguments))
  }
}

/// Finds where a JSON value ends without reading it, so that a closing tag inside one of its strings closes nothing.
enum JSONExtent {
  /// The position after the object or list that starts at `start` (white space around it skipped), or nil if what is
  /// there cannot be one.
  static func end(in text: [UInt8], from start: Int) -> Int? {
    var position = start
    skipSpace(text, &position)
    guard position < text.count, text[position] == UInt8(ascii: "{") || text[position] == UInt8(ascii: "[") else {
      return nil
    }
    var depth = 0
    while position < text.count {
      switch text[position] {
      case UInt8(ascii: "\""):
        guard skipString(text, &position) else { return nil }
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        if depth == 0 {
          position += 1
          skipSpace(text, &position)
          return position
        }
      case UInt8(ascii: "<"): return nil
      default: break
      }
      position += 1
    }
    return nil
  }

  private static func skipSpace(_ text: [UInt8], _ position: inout Int) {
    while position < text.count, [0x20, 0x0A, 0x0D, 0x09].contains(text[position]) { position += 1 }
  }

  /// Moves past the string whose quote is at `position`; false if it does not end.
  private static func skipString(_ text: [UInt8], _ position: inout Int) -> Bool {
    position += 1
    while position < text.count {
      switch text[position] {
      case UInt8(ascii: "\\"): position += 2
      case UInt8(ascii: "\""):
        position += 1
        return true
      default: position += 1
      }
    }
    return false
  }
}
