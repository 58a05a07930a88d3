import AgentCore
import Sandbox
import TerminalOutput

/// The languages, for `exec --list` and `doctor`.
enum LanguageList {
  static func show(_ languages: [LanguageStatus], json: Bool) {
    if json { return Terminal.standardOutput.writeLine(JSONValue.array(languages.map(\.json)).serialized()) }
    Terminal.standardOutput.writeLine(table(languages).rendered(for: .standardOutput))
  }

  static func table(_ languages: [LanguageStatus]) -> TextTable {
    var table = TextTable([.left("LANGUAGE"), .left("ALSO"), .left("HERE"), .left("DESCRIPTION")])
    for language in languages {
      table.add([
        language.profile.name, language.profile.aliases.joined(separator: ", "), language.missing ?? language.program,
        language.profile.description,
      ])
    }
    return table
  }
}

extension LanguageStatus {
  var json: JSONValue {
    [
      "name": .string(profile.name), "aliases": .array(profile.aliases.map { .string($0) }),
      "description": .string(profile.description), "program": missing == nil ? .string(program) : .null,
      "missing": missing.map { .string($0) } ?? .null, "sessions": .bool(profile.session != .none),
    ]
  }
}
