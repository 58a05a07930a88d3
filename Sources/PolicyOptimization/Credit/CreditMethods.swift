import AgentCore
import Configuration

/// The credit estimators by name.
public enum CreditMethods {
  private struct Entry {
    let method: MethodDescription
    let make: @Sendable (inout JSONFields) throws(JSONError) -> any CreditEstimator

    init<Estimator: CreditEstimator>(_ type: Estimator.Type) {
      method = Estimator.method
      make = { options throws(JSONError) in try Estimator(options: &options) }
    }
  }

  /// Every estimator. A new method is one file and one entry here.
  private static let entries = [
    Entry(GRPO.self), Entry(DrGRPO.self), Entry(RLOO.self), Entry(TurnReturn.self), Entry(GiGPO.self),
    Entry(MTGRPO.self),
  ]

  /// What there is, in the order in which it is listed.
  public static var all: [MethodDescription] { entries.map(\.method) }

  /// Makes an estimator with its options.
  /// - Throws: `CreditError.unknownEstimator`, or `JSONError` for an option that is unknown or has a wrong value.
  public static func make(_ name: String, options: JSONObject = .empty) throws -> any CreditEstimator {
    guard let entry = entries.first(where: { $0.method.name == name }) else {
      throw CreditError.unknownEstimator(name, suggestion: nearestWord(to: name, among: all.map(\.name)))
    }
    var fields = try JSONFields(.object(options), path: name)
    let estimator = try entry.make(&fields)
    try fields.finish()
    return estimator
  }
}
