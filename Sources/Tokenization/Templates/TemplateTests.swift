/// `value is name`.
enum TemplateTests {
  static func holds(
    _ name: String, for value: TemplateValue, _ arguments: [TemplateValue]
  ) throws(TemplateFailure) -> Bool {
    switch name {
    case "defined": return !value.isUndefined
    case "undefined": return value.isUndefined
    case "none": if case .none = value { return true }
    case "string": if case .string = value { return true }
    case "boolean": if case .bool = value { return true }
    case "true": if case .bool(true) = value { return true }
    case "false": if case .bool(false) = value { return true }
    case "integer": if case .integer = value { return true }
    case "float": if case .real = value { return true }
    case "number": return value.number != nil
    case "mapping": if case .dictionary = value { return true }
    case "callable": if case .function = value { return true }
    case "iterable", "sequence":
      switch value {
      case .string, .list, .dictionary: return true
      case .undefined: return true
      default: return false
      }
    case "lower": return PythonText.equal(value.printed, value.printed.lowercased())
    case "upper": return PythonText.equal(value.printed, value.printed.uppercased())
    case "odd", "even", "divisibleby":
      guard let number = value.index, let divisor = name == "divisibleby" ? arguments.first?.index : 2, divisor != 0
      else { throw .reason("\(name) needs integers") }
      return (number % divisor == 0) != (name == "odd")
    default: return try holdsBetween(name, value, arguments)
    }
    return false
  }

  private static let symbols = [
    "eq": "==", "equalto": "==", "==": "==", "sameas": "==", "ne": "!=", "!=": "!=", "lt": "<", "lessthan": "<",
    "le": "<=", "gt": ">", "greaterthan": ">", "ge": ">=", "in": "in",
  ]

  private static func holdsBetween(
    _ name: String, _ value: TemplateValue, _ arguments: [TemplateValue]
  ) throws(TemplateFailure) -> Bool {
    guard let symbol = symbols[name] else { throw .reason("the test \"\(name)\" is not supported") }
    guard let argument = arguments.first else { throw .reason("the test \"\(name)\" needs an argument") }
    return try TemplateArithmetic.compare(symbol, value, argument)
  }
}
