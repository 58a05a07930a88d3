import AgentCore
import AgentTools
import Configuration

/// The parts that a manifest can name, each with the settings it reads from its lines.
///
/// A part that is added here can be used by every environment; the standard ones are in `EnvironmentParts.standard`.
public struct EnvironmentParts: Sendable {
  /// Reads its settings, and then makes one tool for each session.
  public typealias ToolFactory = @Sendable (inout ConfigurationSection) throws -> @Sendable () throws -> any Tool
  public typealias OutcomeFactory = @Sendable (inout ConfigurationSection) throws -> any OutcomeReward
  public typealias TurnFactory = @Sendable (inout ConfigurationSection) throws -> any TurnReward
  /// Reads its options and makes a source that, with the same options and seed, always gives the same tasks.
  public typealias GeneratorFactory = @Sendable (inout ConfigurationSection, _ seed: Int) throws -> any TaskSource

  public var tools: [String: ToolFactory] = [:]
  public var outcomeRewards: [String: OutcomeFactory] = [:]
  public var turnRewards: [String: TurnFactory] = [:]
  public var progressMeasures: [String: any ProgressMeasure] = [:]
  public var generators: [String: GeneratorFactory] = [:]
  public var oracles: [String: any Oracle] = [:]

  public init() {}

  /// What every environment may name.
  public static let standard: EnvironmentParts = {
    var parts = EnvironmentParts()
    parts.tools = ["calculator": { _ in { CalculatorTool() } }]
    parts.outcomeRewards = [
      "numeric_match": { NumericMatch(anywhere: try $0.bool("anywhere", default: false)) },
      "exact_match": { ExactMatch(ignoresCase: try $0.bool("ignore_case", default: false)) },
      "contains": { ContainsAnswer(ignoresCase: try $0.bool("ignore_case", default: false)) },
    ]
    parts.turnRewards = [
      "invalid_call": { _ in InvalidCall() },
      "tool_error": { _ in ToolFailure() },
      "tool_call_ok": { _ in ToolSuccess() },
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
