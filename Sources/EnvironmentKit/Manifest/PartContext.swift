import AgentCore
import AgentTools
import Configuration
import Sandbox

/// What the parts of a manifest may need besides their own settings.
public struct PartContext: Sendable {
  /// Where the relative paths of settings start; nil for a manifest that has no folder.
  public var folder: String?
  /// Where code runs.
  public var sandboxes: Sandboxes
  /// What the environment demands of it.
  public var isolation: IsolationRequirement

  public init(folder: String? = nil, sandboxes: Sandboxes, isolation: IsolationRequirement? = nil) {
    self.folder = folder
    self.sandboxes = sandboxes
    self.isolation = isolation ?? sandboxes.defaultIsolation
  }

  /// The path as it stands in a setting, made absolute or relative to this process.
  public func path(_ setting: String) -> String {
    guard let folder, !setting.hasPrefix("/") else { return setting }
    return "\(folder)/\(setting)"
  }
}

extension ConfigurationSection {
  /// A path of a setting, seen from the manifest's folder.
  mutating func optionalPath(_ key: String, _ context: PartContext) throws(ConfigurationError) -> String? {
    try optionalString(key).map(context.path)
  }

  /// What the environment, or one part of it, demands of the sandbox: `isolation: required|best_effort`.
  mutating func isolation(default fallback: IsolationRequirement) throws(ConfigurationError) -> IsolationRequirement {
    try choice("isolation", default: fallback)
  }
}

/// A kind of tool that a manifest can name.
public struct ToolPart: Sendable {
  /// Reads the settings, opens what all sessions share, and returns what makes one tool for each session.
  public typealias Factory =
    @Sendable (inout ConfigurationSection, PartContext) throws -> @Sendable () throws -> any Tool

  /// One line for lists.
  public var summary: String
  /// A setting without which it cannot be made, e.g. `database`; nil where the defaults do.
  public var needs: String?
  public var factory: Factory

  public init(summary: String, needs: String? = nil, factory: @escaping Factory) {
    self.summary = summary
    self.needs = needs
    self.factory = factory
  }
}
