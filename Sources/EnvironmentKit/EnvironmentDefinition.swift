import AgentCore
import AgentTools
import OrderedCollections

/// An environment ready for sessions: what it is called, what its tasks are, how a session of it is made.
public struct EnvironmentDefinition: Sendable {
  public let name: String
  public let version: String
  public let description: String
  /// What was changed against the manifest; recorded with every trajectory, so that a replay can do the same.
  public let options: JSONObject
  public let tasks: any TaskSource
  public let limits: EpisodeLimits
  /// The tools of its sessions, in order.
  public let toolSchemas: [ToolSchema]
  /// The answers of pure tools that its sessions share; nil if they share none.
  public let toolCache: ToolCache?
  private let make: @Sendable () throws -> any Environment

  /// An environment in Swift. Most need only a manifest: see `EnvironmentManifest` and `EnvironmentRegistry`.
  public init(
    name: String, version: String, description: String, options: JSONObject = [:], tasks: any TaskSource,
    limits: EpisodeLimits = EpisodeLimits(), toolSchemas: [ToolSchema], toolCache: ToolCache? = nil,
    make: @escaping @Sendable () throws -> any Environment
  ) {
    self.name = name
    self.version = version
    self.description = description
    self.options = options
    self.tasks = tasks
    self.limits = limits
    self.toolSchemas = toolSchemas
    self.toolCache = toolCache
    self.make = make
  }

  /// The environment that a manifest describes.
  /// - Throws: `ToolError` if its tools cannot be offered together.
  init(_ manifest: EnvironmentManifest, options: JSONObject) throws {
    let design = manifest.design
    let cache = ToolCache()
    self.init(
      name: manifest.name, version: manifest.version, description: manifest.description, options: options,
      tasks: manifest.tasks, limits: manifest.limits,
      toolSchemas: try ToolRegistry(design.makeTools()).schemas, toolCache: cache,
      make: { try ToolEnvironment(design, cache: cache) })
  }

  /// How trajectories name it.
  public var reference: EnvironmentReference { EnvironmentReference(name: name, version: version, options: options) }

  /// A new session's environment.
  public func makeEnvironment() throws -> any Environment { try make() }
}
