import AgentCore

/// One step of a run: a flat JSON object with a `step`, and a `phase` where the run has more than one.
public struct MetricsRow: Sendable, Equatable {
  public let step: Int
  public let phase: RunPhase
  /// All fields in their order, `step` and `phase` included.
  public let fields: JSONObject

  /// - Throws: `RunReportError.metric` if `step` is missing or no whole number, if `phase` is unknown (it is `train` if
  ///   absent), if a number is not finite, or if a value is nested or null.
  public init(_ fields: JSONObject) throws(RunReportError) {
    for (key, value) in fields {
      switch value {
      case .double(let number) where !number.isFinite:
        throw .metric(key: key, reason: "is \(number); a log holds finite numbers only")
      case .null, .array, .object:
        throw .metric(key: key, reason: "is \(value.kindName); expected a number, a string or a boolean")
      default: break
      }
    }
    guard let value = fields["step"] else { throw .metric(key: "step", reason: "is missing") }
    guard let step = value.intValue, step >= 0 else {
      throw .metric(key: "step", reason: "is \(value.serialized()); expected a whole number from 0")
    }
    self.step = step
    if let value = fields["phase"] {
      guard let phase = value.stringValue.flatMap(RunPhase.init(rawValue:)) else {
        let names = RunPhase.allCases.map(\.rawValue).joined(separator: " or ")
        throw .metric(key: "phase", reason: "is \(value.serialized()); expected \(names)")
      }
      self.phase = phase
    } else {
      phase = .train
    }
    self.fields = fields
  }

  /// The number under a key; nil if there is none.
  public subscript(_ key: String) -> Double? { fields[key]?.doubleValue }
}
