import AgentCore
import AgentTools
import Configuration
import Sandbox
import Synchronization

/// What the parts of a manifest may need besides their own settings.
public struct PartContext: Sendable {
  /// Where the relative paths of settings start; nil for a manifest that has no folder.
  public var folder: String?
  /// What the environment demands of the sandbox.
  public var isolation: IsolationRequirement
  private let sandboxes: Sandboxes
  private let used = UsedSandboxes()

  public init(folder: String? = nil, sandboxes: Sandboxes, isolation: IsolationRequirement? = nil) {
    self.folder = folder
    self.sandboxes = sandboxes
    self.isolation = isolation ?? sandboxes.defaultIsolation
  }

  /// Where a part of the environment runs its code; `isolation` of its own settings goes before the environment's.
  public func sandbox(_ section: inout ConfigurationSection) throws(ConfigurationError) -> Sandbox {
    let sandbox = sandboxes.sandbox(try section.isolation(default: isolation))
    used.insert(sandbox)
    return sandbox
  }

  /// What the code of the environment's parts runs under, the weakest of it; nil if they run none.
  func usedIsolation() async -> Isolation? { await used.isolation() }

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

/// The sandboxes that the parts of one environment asked for.
private final class UsedSandboxes: Sendable {
  private let sandboxes = Mutex<[Sandbox]>([])

  func insert(_ sandbox: Sandbox) {
    sandboxes.withLock { if !$0.contains(where: { $0 === sandbox }) { $0.append(sandbox) } }
  }

  func isolation() async -> Isolation? {
    var weakest: Isolation?
    // All of one machine, so that one which runs nothing is the least, and else the one that lacks most.
    for sandbox in sandboxes.withLock({ $0 }) where weakest != Isolation.none {
      let isolation = await sandbox.isolation()
      if isolation == .none || isolation.degraded.count > weakest?.degraded.count ?? -1 { weakest = isolation }
    }
    return weakest
  }
}
