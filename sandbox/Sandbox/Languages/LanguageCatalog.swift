import Configuration
import Foundation

/// The languages there are: those built in, and those that the user describes in YAML files.
public struct LanguageCatalog: Sendable {
  /// By name, in alphabetical order.
  public private(set) var profiles: [LanguageProfile] = []

  /// No languages.
  public init() {}

  /// The built-in languages.
  public static let builtin: LanguageCatalog = {
    var catalog = LanguageCatalog()
    for (name, text) in BuiltinProfiles.texts {
      do {
        try catalog.add(LanguageProfile(ConfigurationDocument(text: text, source: "\(name).yaml (built in)")))
      } catch {
        preconditionFailure("a built-in language is wrong: \(error)")
      }
    }
    return catalog
  }()

  /// Reads a YAML file, or all `*.yaml` of a folder. A language of a name that is there already takes its place.
  public mutating func load(_ path: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
      return try add(LanguageProfile(ConfigurationDocument(file: path)))
    }
    for name in try FileManager.default.contentsOfDirectory(atPath: path).sorted() where name.hasSuffix(".yaml") {
      try add(LanguageProfile(ConfigurationDocument(file: "\(path)/\(name)")))
    }
  }

  /// Adds a language.
  /// - Throws: `ConfigurationError` if another language has one of its names.
  public mutating func add(_ profile: LanguageProfile) throws(ConfigurationError) {
    profiles.removeAll { $0.name == profile.name }
    for name in [profile.name] + profile.aliases {
      guard let other = profiles.first(where: { $0.name == name || $0.aliases.contains(name) }) else { continue }
      throw ConfigurationError(
        source: "language \(profile.name)", path: "aliases", reason: "`\(name)` already means language `\(other.name)`")
    }
    profiles.append(profile)
    profiles.sort { $0.name < $1.name }
  }

  /// The language of that name or alias.
  /// - Throws: `SandboxError.unknownLanguage` with the nearest known name.
  public func profile(_ name: String) throws(SandboxError) -> LanguageProfile {
    if let profile = profiles.first(where: { $0.name == name || $0.aliases.contains(name) }) { return profile }
    throw .unknownLanguage(
      name: name, known: profiles.map(\.name),
      suggestion: nearestWord(to: name, among: profiles.flatMap { [$0.name] + $0.aliases }))
  }
}
