import AgentCore

/// One line of a corpus: `{"id": "…", "title": "…", "text": "…", …}`. Any other key is metadata.
///
/// Search-R1's corpora are read as well: `contents` in place of `text` holds the title in quotes on its first line.
struct Passage {
  var id: String
  var title: String?
  var text: String
  /// In the order of the line; nulls are left out.
  var metadata: JSONObject

  /// - Throws: what is wrong with the line.
  init(_ line: [UInt8]) throws(JSONError) {
    let json = try JSONValue(parsing: line)
    var fields = try JSONFields(json)
    let id = try fields.required("id")
    guard let name = id.stringValue ?? id.intValue.map(String.init) else {
      throw .value(reason: "expected a string or a whole number, found \(id.kindName)", path: "id")
    }
    guard !name.isEmpty, !name.utf8.contains(0) else {
      throw .value(reason: "an id has at least one character, and none of them is U+0000", path: "id")
    }
    self.id = name
    title = try fields.optionalString("title").map(Self.withoutNull)
    if let contents = try fields.optionalString("contents"), fields.optional("text") == nil {
      let parts = Self.parts(ofContents: contents)
      title = title ?? parts.title.map(Self.withoutNull)
      text = Self.withoutNull(parts.text)
    } else {
      text = Self.withoutNull(try fields.string("text"))
    }
    var metadata = json.objectValue ?? .empty
    for key in ["id", "title", "text", "contents"] { metadata[key] = nil }
    self.metadata = metadata.filter { $0.value != .null }
  }

  /// `"Title"\ntext`, as Search-R1 writes passages.
  static func parts(ofContents contents: String) -> (title: String?, text: String) {
    guard let lineFeed = contents.firstIndex(of: "\n") else { return (nil, contents) }
    var title = contents[..<lineFeed]
    guard title.count >= 2, title.first == "\"", title.last == "\"" else { return (nil, contents) }
    title = title.dropFirst().dropLast()
    return (String(title), String(contents[contents.index(after: lineFeed)...]))
  }

  /// SQLite's text functions end at U+0000.
  private static func withoutNull(_ text: String) -> String {
    guard text.utf8.contains(0) else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value == 0 ? "\u{FFFD}" : $0 }))
  }
}

/// Metadata as filters compare it.
enum FilterValue {
  /// The values of one key that a filter can name: the value itself or, of a list, each element. Objects have none.
  static func keys(of value: JSONValue) -> [String] {
    if case .array(let elements) = value { return elements.compactMap(key) }
    return key(of: value).map { [$0] } ?? []
  }

  /// A scalar as it is stored: numbers by value (1 and 1.0 are equal), long texts by digest.
  static func key(of value: JSONValue) -> String? {
    switch value {
    case .null, .array, .object: return nil
    case .double(let number): return Int64(exactly: number).map { JSONValue.int($0).serialized() } ?? value.serialized()
    case .bool, .int: return value.serialized()
    case .string(let text):
      let key = value.serialized()
      return key.utf8.count <= 256 ? key : ContentDigest.of(text)
    }
  }

  /// The JSON Schema type of a scalar.
  static func type(of value: JSONValue) -> String? {
    switch value {
    case .null, .array, .object: nil
    case .bool: "boolean"
    case .int, .double: "number"
    case .string: "string"
    }
  }
}
