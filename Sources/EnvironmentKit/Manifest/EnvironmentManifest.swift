import AgentCore
import AgentTools
import Configuration

/// An environment's manifest (`environment.yaml`), read and with every part that it names found.
///
/// ```yaml
/// name: calculator
/// version: 1.0.0
/// description: Word problems that need exact arithmetic.
/// kind: tool
/// system_prompt: …                     # may be absent or empty: then no system message is sent
/// tools: [calculator]                  # names, or {name: …, settings…}
/// mcp: [{command: [python3, server.py]}]  # tools of external MCP servers; or {url: …}
/// tasks: {file: tasks.jsonl}           # or {generator: NAME, seed: 0, options of the generator…}
/// rewards:
///   outcome: {answer: {kind: numeric_match, weight: 1.0, decides_success: true}}
///   turn:    {invalid_call: {kind: invalid_call, weight: -0.1}}
/// progress: answer_seen                # optional
/// oracle: calculator                   # optional
/// isolation: required                  # what code execution demands of the machine: required, full or best_effort
/// limits: {max_turns: 6, turn_timeout: 10s, max_observation_chars: 2000, max_tool_calls: 16}
/// ```
public struct EnvironmentManifest: Sendable {
  public let name: String
  public let version: String
  public let description: String
  /// What every session of it is made from.
  public let design: ToolEnvironmentDesign
  public let tasks: any TaskSource

  public var limits: EpisodeLimits { design.limits }

  /// Reads a manifest.
  /// - Parameters:
  ///   - parts: what it may name.
  ///   - folder: where its files lie; nil for a manifest that has no folder.
  ///   - sandboxes: where its code runs.
  /// - Throws: `ConfigurationError` with line and column, or what a part throws about its settings.
  init(_ document: ConfigurationDocument, parts: EnvironmentParts, folder: String?, sandboxes: Sandboxes) throws {
    var top = document.section
    var context = PartContext(folder: folder, sandboxes: sandboxes)
    context.isolation = try top.isolation(default: context.isolation)
    name = try top.string("name")
    guard !name.isEmpty, name.utf8.allSatisfy(Self.isNameByte) else {
      throw top.error("name", "use lower-case letters, digits, `_` and `-`, found `\(name)`")
    }
    version = try top.string("version")
    description = try top.optionalString("description") ?? ""
    _ = try top.choice("kind", default: EnvironmentKind.tool)
    tasks = try Self.tasks(&top, parts, folder: folder)
    design = ToolEnvironmentDesign(
      name: name,
      systemPrompt: try top.optionalString("system_prompt") ?? "",
      makeTools: try Self.tools(&top, parts, context),
      outcomeRewards: try Self.outcomeRewards(&top, parts, context),
      turnRewards: try Self.turnRewards(&top, parts, context),
      progress: try Self.named("progress", &top, parts.progressMeasures),
      oracle: try Self.named("oracle", &top, parts.oracles),
      limits: try Self.limits(&top),
      isolation: { [context] in await context.usedIsolation() })
    try top.finish()
  }

  private enum EnvironmentKind: String, CaseIterable { case tool }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
      UInt8(ascii: "-"):
      true
    default: false
    }
  }

  private static func named<Part>(
    _ key: String, _ top: inout ConfigurationSection, _ parts: [String: Part]
  ) throws -> Part? {
    guard let name = try top.optionalString(key) else { return nil }
    return try top.part(named: name, key: key, in: parts)
  }

  /// The named tools, then those of MCP servers.
  private static func tools(
    _ top: inout ConfigurationSection, _ parts: EnvironmentParts, _ context: PartContext
  ) throws -> @Sendable () throws -> [any Tool] {
    let makes = try top.namedSections("tools").map { section in
      var section = section
      let part = try section.part(named: section.string("name"), key: "name", in: parts.tools)
      let make = try part.factory(&section, context)
      try section.finish()
      return make
    }
    let servers = try top.namedSections("mcp").map { section in
      var section = section
      let settings = try MCPToolSettings(&section, context)
      try section.finish()
      return try MCPToolSource.loadBlocking(settings)
    }
    return { try makes.map { try $0() } + servers.flatMap { $0.makeTools() } }
  }

  private static func tasks(
    _ top: inout ConfigurationSection, _ parts: EnvironmentParts, folder: String?
  ) throws -> any TaskSource {
    var section = try top.section("tasks")
    if let file = try section.optionalString("file") {
      if section.contains("generator") { throw section.error("generator", "give either `file` or `generator`") }
      guard let folder else { throw section.error("file", "this manifest has no folder: use a generator") }
      try section.finish()
      return try TaskFile(path: file.hasPrefix("/") ? file : "\(folder)/\(file)")
    }
    guard let generator = try section.optionalString("generator") else {
      throw top.error("tasks", "give `file: tasks.jsonl` or `generator: NAME`")
    }
    let factory = try section.part(named: generator, key: "generator", in: parts.generators)
    let seed = try section.int("seed", default: 0)
    let count = try section.optionalInt("count", in: 1...Int.max)
    let source = try factory(&section, seed)
    try section.finish()
    return count.map { FirstTasks(source: source, limit: $0) } ?? source
  }

  private static func outcomeRewards(
    _ top: inout ConfigurationSection, _ parts: EnvironmentParts, _ context: PartContext
  ) throws -> [OutcomeComponent] {
    var rewards = try top.section("rewards")
    rewards.declare("turn")
    var section = try rewards.section("outcome")
    try rewards.finish()
    guard !section.keys.isEmpty else {
      throw rewards.error("outcome", "an environment needs at least one, e.g. `answer: {kind: numeric_match}`")
    }
    return try section.keys.map { name in
      var part = try section.section(name)
      let factory = try part.part(named: part.string("kind"), key: "kind", in: parts.outcomeRewards)
      let component = OutcomeComponent(
        name: name, reward: try factory(&part, context), weight: try part.double("weight", default: 1),
        decidesSuccess: try part.bool("decides_success", default: true))
      try part.finish()
      return component
    }
  }

  private static func turnRewards(
    _ top: inout ConfigurationSection, _ parts: EnvironmentParts, _ context: PartContext
  ) throws -> [TurnComponent] {
    var rewards = try top.section("rewards")
    var section = try rewards.section("turn")
    return try section.keys.map { name in
      var part = try section.section(name)
      let factory = try part.part(named: part.string("kind"), key: "kind", in: parts.turnRewards)
      let component = TurnComponent(
        name: name, reward: try factory(&part, context), weight: try part.double("weight", default: 1))
      try part.finish()
      return component
    }
  }

  private static func limits(_ top: inout ConfigurationSection) throws -> EpisodeLimits {
    var section = try top.section("limits")
    var limits = EpisodeLimits()
    limits.maxTurns = try section.int("max_turns", default: limits.maxTurns, in: 1...100_000)
    limits.turnTimeout = try section.positiveDuration("turn_timeout") ?? limits.turnTimeout
    limits.maxObservationCharacters = try section.int(
      "max_observation_chars", default: limits.maxObservationCharacters, in: 1...10_000_000)
    limits.maxToolCallsPerTurn = try section.int("max_tool_calls", default: limits.maxToolCallsPerTurn, in: 1...1000)
    try section.finish()
    return limits
  }
}

/// The first tasks of each split of another source.
private struct FirstTasks: TaskSource {
  let source: any TaskSource
  let limit: Int

  func count(of split: Split) -> Int? { source.count(of: split).map { min($0, limit) } ?? limit }

  func task(_ split: Split, at index: Int) throws -> EnvironmentTask {
    guard index < limit else {
      throw EnvironmentError.noTask(environment: "tasks", split: split, index: index, count: limit)
    }
    return try source.task(split, at: index)
  }
}
