import AgentTools
import Configuration

extension ExecutionReward {
  /// Reads the settings of a reward of kind `execution`; as outcome or turn reward.
  init(_ section: inout ConfigurationSection, _ context: PartContext, source: ExecutionSettings.Source) throws {
    var settings = ExecutionSettings()
    settings.language = try section.optionalString("language") ?? settings.language
    settings.source = try section.choice("source", default: source)
    settings.score = try section.choice("score", default: settings.score)
    settings.comparison = try section.comparison()
    settings.timeout = try section.positiveDuration("timeout") ?? settings.timeout
    settings.totalTimeout = try section.positiveDuration("total_timeout") ?? settings.totalTimeout
    settings.memoryBytes = try section.int("memory_mb", default: settings.memoryBytes >> 20, in: 16...1 << 20) << 20
    let sandbox = try context.sandbox(&section)
    _ = try sandbox.limits(of: settings.language)
    self.init(sandbox: sandbox, settings: settings)
  }
}

extension ConfigurationSection {
  private enum Comparison: String, CaseIterable { case exact, whitespace, numeric }

  /// `comparison: exact|whitespace|numeric`, the last with `tolerance`.
  fileprivate mutating func comparison() throws(ConfigurationError) -> OutputComparison {
    let kind = try choice("comparison", default: Comparison.whitespace)
    let tolerance = try optionalDouble("tolerance")
    if let tolerance, kind != .numeric || tolerance < 0 {
      throw error("tolerance", "is a number from 0 that goes with `comparison: numeric`")
    }
    return switch kind {
    case .exact: .exact
    case .whitespace: .whitespace
    case .numeric: .numeric(tolerance: tolerance ?? 1e-6)
    }
  }
}
