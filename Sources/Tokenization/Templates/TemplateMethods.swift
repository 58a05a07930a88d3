/// Methods of strings, dictionaries and lists.
enum TemplateMethods {
  /// The result of `value.name(…)`, or nil if values of that kind have no such method.
  static func call(
    _ name: String, on value: TemplateValue, _ arguments: TemplateCallArguments
  ) throws(TemplateFailure) -> TemplateValue? {
    switch value {
    case .string(let text): return try call(name, on: text, arguments)
    case .dictionary(let dictionary): return call(name, on: dictionary, arguments)
    case .list(let values): return try call(name, on: values, arguments)
    default: return nil
    }
  }

  private static func call(
    _ name: String, on text: String, _ arguments: TemplateCallArguments
  ) throws(TemplateFailure) -> TemplateValue? {
    func string(_ position: Int) throws(TemplateFailure) -> String {
      guard position < arguments.positional.count, case .string(let value) = arguments.positional[position] else {
        throw .reason("argument \(position + 1) of \(name) must be a string")
      }
      return value
    }
    func limit(_ position: Int, _ key: String) -> Int {
      arguments.value(position, key)?.index.flatMap { $0 < 0 ? nil : $0 } ?? .max
    }
    var characters: String?
    if case .string(let given) = arguments.value(0, "chars") { characters = given }
    switch name {
    case "strip": return .string(PythonText.strip(text, characters, left: true, right: true))
    case "lstrip": return .string(PythonText.strip(text, characters, left: true, right: false))
    case "rstrip": return .string(PythonText.strip(text, characters, left: false, right: true))
    case "upper": return .string(text.uppercased())
    case "lower": return .string(text.lowercased())
    case "title": return .string(PythonText.title(text))
    case "capitalize": return .string(PythonText.capitalize(text))
    case "startswith": return .bool(try anyAffix(arguments, name) { PythonText.hasPrefix(text, $0) })
    case "endswith": return .bool(try anyAffix(arguments, name) { PythonText.hasSuffix(text, $0) })
    case "removeprefix":
      let prefix = try string(0)
      return .string(
        PythonText.hasPrefix(text, prefix)
          ? String(decoding: text.utf8.dropFirst(prefix.utf8.count), as: UTF8.self) : text)
    case "removesuffix":
      let suffix = try string(0)
      return .string(
        PythonText.hasSuffix(text, suffix)
          ? String(decoding: text.utf8.dropLast(suffix.utf8.count), as: UTF8.self) : text)
    case "replace": return .string(PythonText.replace(text, try string(0), try string(1), limit: limit(2, "count")))
    case "split": return .list(try split(text, arguments, limit: limit(1, "maxsplit")).map { .string($0) })
    case "splitlines": return .list(PythonText.lines(text).map { .string($0) })
    case "find":
      let bytes = Array(text.utf8)
      let found = PythonText.find(Array(try string(0).utf8), in: bytes, from: 0)
      return .integer(found.map { PythonText.count(String(decoding: bytes[..<$0], as: UTF8.self)) } ?? -1)
    case "count": return .integer(PythonText.split(text, by: try nonEmpty(string(0), name)).count - 1)
    case "join":
      let parts = try TemplateInterpreter.elements(of: arguments.value(0, "iterable") ?? .undefined("iterable"))
      return .string(parts.map(\.printed).joined(separator: text))
    case "isdigit":
      return .bool(
        !text.isEmpty
          && text.unicodeScalars.allSatisfy {
            $0.properties.numericType != nil && $0.properties.numericType != .numeric
          })
    case "isspace": return .bool(!text.isEmpty && text.unicodeScalars.allSatisfy(PythonText.isSpace))
    case "isalpha": return .bool(!text.isEmpty && text.unicodeScalars.allSatisfy { CharacterClass($0) == .letter })
    default: return nil
    }
  }

  private static func nonEmpty(_ text: String, _ method: String) throws(TemplateFailure) -> String {
    guard !text.isEmpty else { throw .reason("\(method) with an empty string") }
    return text
  }

  private static func split(
    _ text: String, _ arguments: TemplateCallArguments, limit: Int
  ) throws(TemplateFailure) -> [String] {
    switch arguments.value(0, "sep") {
    case .string(let separator):
      return PythonText.split(text, by: try nonEmpty(separator, "split"), limit: limit)
    case nil, .some(.none):
      guard limit == .max else { throw .reason("split at white space with a limit is not supported") }
      return PythonText.words(text)
    case let other?: throw .reason("split takes a string, not \(other.kindName)")
    }
  }

  /// `startswith` and `endswith` take one string or several.
  private static func anyAffix(
    _ arguments: TemplateCallArguments, _ name: String, _ holds: (String) -> Bool
  ) throws(TemplateFailure) -> Bool {
    let candidates: [TemplateValue]
    switch arguments.positional.first {
    case .string(let text): return holds(text)
    case .list(let values): candidates = values
    default: throw .reason("\(name) takes a string")
    }
    return candidates.contains { candidate in
      guard case .string(let text) = candidate else { return false }
      return holds(text)
    }
  }

  private static func call(
    _ name: String, on dictionary: TemplateDictionary, _ arguments: TemplateCallArguments
  ) -> TemplateValue? {
    switch name {
    case "items": return items(of: dictionary)
    case "keys": return .list(dictionary.entries.map { .string($0.key) })
    case "values": return .list(dictionary.entries.map(\.value))
    case "get":
      guard case .string(let key) = arguments.value(0, "key") else { return TemplateValue.none }
      return dictionary[key] ?? arguments.value(1, "default") ?? TemplateValue.none
    default: return nil
    }
  }

  static func items(of dictionary: TemplateDictionary) -> TemplateValue {
    .list(dictionary.entries.map { .list([.string($0.key), $0.value]) })
  }

  private static func call(
    _ name: String, on values: [TemplateValue], _ arguments: TemplateCallArguments
  ) throws(TemplateFailure) -> TemplateValue? {
    guard let wanted = arguments.positional.first else { return nil }
    switch name {
    case "count": return .integer(values.count { $0 == wanted })
    case "index":
      guard let index = values.firstIndex(where: { $0 == wanted }) else {
        throw .reason("\(wanted.representation) is not in the list")
      }
      return .integer(index)
    default: return nil
    }
  }
}
