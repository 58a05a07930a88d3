import AgentCore
import AgentTools
import Configuration

/// The parts that a manifest can name, each with the settings it reads from its lines.
///
/// A part that is added here can be used by every environment; the standard ones are in `EnvironmentParts.standard`.
public struct EnvironmentParts: Sendable {
  public typealias OutcomeFactory = @Sendable (inout ConfigurationSection, PartContext) throws -> any OutcomeReward
  public typealias TurnFactory = @Sendable (inout ConfigurationSection, PartContext) throws -> any TurnReward
  /// Reads its options and makes a source that, with the same options and seed, always gives the same tasks.
  public typealias GeneratorFactory = @Sendable (inout ConfigurationSection, _ seed: Int) throws -> any TaskSource

  public var tools: [String: ToolPart] = [:]
  public var outcomeRewards: [String: OutcomeFactory] = [:]
  public var turnRewards: [String: TurnFactory] = [:]
  public var progressMeasures: [String: any ProgressMeasure] = [:]
  public var generators: [String: GeneratorFactory] = [:]
  public var oracles: [String: any Oracle] = [:]

  public init() {}

  /// What every environment may name.
  public static let standard: EnvironmentParts = {
    var parts = EnvironmentParts()
    parts.tools = ToolPart.standard
    parts.outcomeRewards = [
      "numeric_match": { section, _ in NumericMatch(anywhere: try section.bool("anywhere", default: false)) },
      "exact_match": { section, _ in ExactMatch(ignoresCase: try section.bool("ignore_case", default: false)) },
      "execution": { section, context in try ExecutionReward(&section, context, source: .answer) },
      "contains": { section, _ in ContainsAnswer(ignoresCase: try section.bool("ignore_case", default: false)) },
    ]
    parts.turnRewards = [
      "execution": { section, context in try ExecutionReward(&section, context, source: .lastCall) },
      "invalid_call": { _, _ in InvalidCall() },
      "tool_error": { _, _ in ToolFailure() },
      "tool_call_ok": { _, _ in ToolSuccess() },
    ]
    parts.progressMeasures = ["answer_seen": AnswerSeen()]
    return parts
  }()
}

extension ConfigurationSection {
  /// The part that `key` names, or an error with the nearest known name.
  func part<Part>(named name: String, key: String, in parts: [String: Part]) throws(ConfigurationError) -> Part {
    if let part = parts[name] { return part }
    let known = parts.keys.sorted()
    let suggestion = nearestWord(to: name, among: known).map { "; did you mean `\($0)`?" } ?? ""
    throw error(key, "there is no `\(name)`\(suggestion) (known: \(known.joined(separator: ", ")))")
  }
}
