/// Operators with Python's rules; what Python refuses is an error here too.
enum TemplateArithmetic {
  /// Strings and lists may not grow beyond this by `*`.
  private static let longestRepetition = 100_000

  static func negative(_ value: TemplateValue) throws(TemplateFailure) -> TemplateValue {
    switch value {
    case .integer(let number) where number != .min: return .integer(-number)
    case .bool(let flag): return .integer(flag ? -1 : 0)
    case .real(let number): return .real(-number)
    default: throw .reason("cannot negate \(value.kindName)")
    }
  }

  static func apply(
    _ symbol: String, _ left: TemplateValue, _ right: TemplateValue
  ) throws(TemplateFailure) -> TemplateValue {
    if symbol == "~" { return .string(left.printed + right.printed) }
    switch (symbol, left, right) {
    case ("+", .string(let left), .string(let right)): return .string(left + right)
    case ("+", .list(let left), .list(let right)): return .list(left + right)
    case ("*", .string(let text), .integer(let count)), ("*", .integer(let count), .string(let text)):
      try checkRepetition(count)
      return .string(String(repeating: text, count: max(count, 0)))
    case ("*", .list(let values), .integer(let count)):
      try checkRepetition(count)
      return .list(Array(repeating: values, count: max(count, 0)).flatMap(\.self))
    default: break
    }
    if let left = left.index, let right = right.index, symbol != "/" {
      return try integers(symbol, left, right)
    }
    guard let first = left.number, let second = right.number else {
      throw .reason("cannot apply \(symbol) to \(left.kindName) and \(right.kindName)")
    }
    return .real(try reals(symbol, first, second))
  }

  private static func checkRepetition(_ count: Int) throws(TemplateFailure) {
    guard count <= longestRepetition else { throw .reason("repetition by \(count)") }
  }

  private static func integers(_ symbol: String, _ left: Int, _ right: Int) throws(TemplateFailure) -> TemplateValue {
    let result: (partialValue: Int, overflow: Bool)
    switch symbol {
    case "+": result = left.addingReportingOverflow(right)
    case "-": result = left.subtractingReportingOverflow(right)
    case "*": result = left.multipliedReportingOverflow(by: right)
    case "//", "%":
      guard right != 0 else { throw .reason("division by zero") }
      let quotient = left.dividedReportingOverflow(by: right)
      guard !quotient.overflow else { throw .reason("integer overflow") }
      let remainder = left % right
      let isInexact = remainder != 0 && (remainder < 0) != (right < 0)
      if symbol == "//" { return .integer(quotient.partialValue - (isInexact ? 1 : 0)) }
      return .integer(isInexact ? remainder + right : remainder)
    case "**" where right >= 0: return .integer(try power(left, right))
    default: return .real(try reals(symbol, Double(left), Double(right)))
    }
    guard !result.overflow else { throw .reason("integer overflow") }
    return .integer(result.partialValue)
  }

  private static func power(_ base: Int, _ exponent: Int) throws(TemplateFailure) -> Int {
    guard abs(Double(base)) > 1 else { return base == -1 && exponent % 2 == 0 ? 1 : exponent == 0 ? 1 : base }
    guard exponent < 64 else { throw .reason("integer overflow") }
    var result = 1
    for _ in 0..<exponent {
      let product = result.multipliedReportingOverflow(by: base)
      guard !product.overflow else { throw .reason("integer overflow") }
      result = product.partialValue
    }
    return result
  }

  private static func reals(_ symbol: String, _ left: Double, _ right: Double) throws(TemplateFailure) -> Double {
    switch symbol {
    case "+": return left + right
    case "-": return left - right
    case "*": return left * right
    case "/", "//", "%":
      guard right != 0 else { throw .reason("division by zero") }
      let quotient = left / right
      if symbol == "/" { return quotient }
      return symbol == "//" ? quotient.rounded(.down) : left - right * quotient.rounded(.down)
    default: throw .reason("\(symbol) of numbers that are not both integers is not supported")
    }
  }

  static func compare(
    _ symbol: String, _ left: TemplateValue, _ right: TemplateValue
  ) throws(TemplateFailure) -> Bool {
    switch symbol {
    case "==": return left == right
    case "!=": return left != right
    case "in": return try contains(right, left)
    case "not in": return !(try contains(right, left))
    case "<": return try isLess(left, right)
    case ">": return try isLess(right, left)
    case "<=": return try !isLess(right, left)
    default: return try !isLess(left, right)
    }
  }

  static func isLess(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateFailure) -> Bool {
    if case (.integer(let left), .integer(let right)) = (left, right) { return left < right }
    if case (.string(let left), .string(let right)) = (left, right) { return PythonText.isLess(left, right) }
    guard let first = left.number, let second = right.number else {
      throw .reason("cannot compare \(left.kindName) with \(right.kindName)")
    }
    return first < second
  }

  static func contains(_ container: TemplateValue, _ value: TemplateValue) throws(TemplateFailure) -> Bool {
    switch (container, value) {
    case (.string(let text), .string(let part)): return PythonText.contains(text, part)
    case (.list(let values), _): return values.contains { $0 == value }
    case (.dictionary(let dictionary), .string(let key)): return dictionary[key] != nil
    case (.dictionary, _), (.undefined, _): return false
    default: throw .reason("cannot look for \(value.kindName) in \(container.kindName)")
    }
  }
}
