import AgentCore
import Configuration
import Foundation
import OrderedCollections

/// The environments of a program, by name.
///
/// An environment is loaded each time it is asked for, because its options may differ; a definition is cheap to keep.
public struct EnvironmentRegistry: Sendable {
  /// What manifests may name; parts added here are there for environments loaded from a path too.
  public var parts: EnvironmentParts
  /// Where the code of its environments runs.
  public let sandboxes: Sandboxes
  private var sources: [String: Source] = [:]

  private enum Source: Sendable {
    case manifest(text: String, name: String, folder: String?)
    case made(@Sendable (JSONObject) throws -> EnvironmentDefinition)
  }

  /// A registry that knows the standard parts and no environment.
  public init(parts: EnvironmentParts = .standard, sandboxes: Sandboxes = Sandboxes()) {
    self.parts = parts
    self.sandboxes = sandboxes
  }

  /// The names in alphabetical order.
  public var names: [String] { sources.keys.sorted() }

  /// Adds an environment by its manifest's text.
  /// - Parameter source: what error messages call the text.
  /// - Throws: `ConfigurationError` if it has no name, `EnvironmentError.duplicateName`.
  public mutating func add(manifest text: String, source: String, folder: String? = nil) throws {
    var top = try ConfigurationDocument(text: text, source: source).section
    let name = try top.string("name")
    guard sources[name] == nil else { throw EnvironmentError.duplicateName(name) }
    sources[name] = .manifest(text: text, name: source, folder: folder)
  }

  /// Adds an environment written in Swift. Its factory gets the options and refuses those that it does not know.
  public mutating func add(
    name: String, make: @escaping @Sendable (JSONObject) throws -> EnvironmentDefinition
  ) throws(EnvironmentError) {
    guard sources[name] == nil else { throw .duplicateName(name) }
    sources[name] = .made(make)
  }

  /// Adds the environment of a folder with `environment.yaml` (or of that file), and says its name.
  @discardableResult
  public mutating func load(path: String) throws -> String {
    let file = Self.manifestFile(path)
    guard let data = FileManager.default.contents(atPath: file) else {
      throw EnvironmentError.unreadable(path: file, reason: "cannot be read: give a folder with environment.yaml")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw EnvironmentError.unreadable(path: file, reason: "is not UTF-8 text")
    }
    let folder = (file as NSString).deletingLastPathComponent
    var top = try ConfigurationDocument(text: text, source: file).section
    let name = try top.string("name")
    try add(manifest: text, source: file, folder: folder.isEmpty ? "." : folder)
    _ = try definition(name)
    return name
  }

  /// Adds what `--env` was given: a known name, or a path. Says the environment's name.
  public mutating func resolve(_ nameOrPath: String) throws -> String {
    if sources[nameOrPath] != nil { return nameOrPath }
    let isPath = nameOrPath.contains("/") || FileManager.default.fileExists(atPath: Self.manifestFile(nameOrPath))
    guard isPath else { throw unknown(nameOrPath) }
    return try load(path: nameOrPath)
  }

  /// The environment of that name.
  ///
  /// Options change its manifest: a key with a dot (`limits.max_turns`) or one of the manifest's own top-level keys
  /// (`system_prompt`) is set there, any other is an option of its task generator (`digits`).
  ///
  /// - Throws: `EnvironmentError.unknownEnvironment`; `ConfigurationError` for a manifest or option that is wrong.
  public func definition(_ name: String, options: JSONObject = [:]) throws -> EnvironmentDefinition {
    switch sources[name] {
    case nil: throw unknown(name)
    case .made(let make): return try make(options)
    case .manifest(let text, let source, let folder):
      var document = try ConfigurationDocument(text: text, source: source)
      for (key, value) in options {
        try document.set("\(Self.manifestKey(key))=\(value.serialized())")
      }
      return try EnvironmentDefinition(
        EnvironmentManifest(document, parts: parts, folder: folder, sandboxes: sandboxes), options: options)
    }
  }

  private static let topLevelKeys: Set = ["system_prompt", "tools", "progress", "oracle", "description", "isolation"]

  private static func manifestKey(_ option: String) -> String {
    option.contains(".") || topLevelKeys.contains(option) ? option : "tasks.\(option)"
  }

  private static func manifestFile(_ path: String) -> String {
    path.hasSuffix(".yaml") || path.hasSuffix(".yml") ? path : "\(path)/environment.yaml"
  }

  private func unknown(_ name: String) -> EnvironmentError {
    .unknownEnvironment(name: name, known: names, nearest: nearestWord(to: name, among: names))
  }
}
