import AgentCore
import Configuration

/// One of the four operations.
public enum ArithmeticOperation: String, Sendable, CaseIterable {
  case add, subtract, multiply, divide

  var symbol: String {
    switch self {
    case .add: "+"
    case .subtract: "-"
    case .multiply: "*"
    case .divide: "/"
    }
  }

  /// Whether it binds tighter than addition.
  var isProduct: Bool { self == .multiply || self == .divide }
}

/// How a problem is put.
public enum ArithmeticStyle: String, Sendable, CaseIterable {
  /// A story: `Mia has 12 apples. …`
  case words
  /// The expression alone: `37+85=?`
  case bare
}

/// What the generator `arithmetic` can be told.
public struct ArithmeticOptions: Sendable {
  /// Decimal digits of the operands. A dividend has more: it is a product.
  public var digits = 1...3
  public var operations = ArithmeticOperation.allCases
  /// Operations of one problem.
  public var steps = 1...3
  public var style = ArithmeticStyle.words

  public init() {}

  /// Reads `digits: 2` or `digits: [1, 3]`, `operations: [add, …]`, `steps: 1` or `steps: [1, 3]`,
  /// `templates: words|bare`.
  public init(_ section: inout ConfigurationSection) throws {
    digits = try Self.range("digits", &section, default: digits, within: 1...18)
    steps = try Self.range("steps", &section, default: steps, within: 1...8)
    style = try section.choice("templates", default: style)
    guard let names = try section.optionalStrings("operations") else { return }
    operations = []
    for name in names {
      guard let operation = ArithmeticOperation(rawValue: name) else {
        let all = ArithmeticOperation.allCases.map(\.rawValue)
        let suggestion = nearestWord(to: name, among: all).map { "; did you mean `\($0)`?" } ?? ""
        throw section.error("operations", "`\(name)` is none of \(all.joined(separator: ", "))\(suggestion)")
      }
      if !operations.contains(operation) { operations.append(operation) }
    }
    guard !operations.isEmpty else { throw section.error("operations", "name at least one operation") }
  }

  /// A number, or two numbers: the least and the greatest.
  private static func range(
    _ key: String, _ section: inout ConfigurationSection, default fallback: ClosedRange<Int>, within: ClosedRange<Int>
  ) throws -> ClosedRange<Int> {
    guard let value = try section.optionalJSON(key) else { return fallback }
    let bounds = (value.arrayValue ?? [value, value]).map(\.intValue)
    guard bounds.count == 2, let least = bounds[0], let greatest = bounds[1], least <= greatest,
      within.contains(least), within.contains(greatest)
    else {
      throw section.error(
        key, "expected a number or [least, greatest] within \(within.lowerBound) to \(within.upperBound)")
    }
    return least...greatest
  }
}
