/// `value | name(…)`.
enum TemplateFilters {
  static func apply(
    _ name: String, to value: TemplateValue, _ arguments: TemplateCallArguments
  ) throws(TemplateFailure) -> TemplateValue {
    switch name {
    case "trim", "upper", "lower", "title", "capitalize", "replace", "string", "safe", "indent":
      return try applyToText(name, value.printed, arguments)
    case "tojson": return .string(try value.json(indent: arguments.value(0, "indent")?.index))
    case "default", "d":
      let replaces = value.isUndefined || (arguments.value(1, "boolean")?.isTrue == true && !value.isTrue)
      return replaces ? arguments.value(0, "default_value") ?? .string("") : value
    case "length", "count": return .integer(try length(of: value))
    case "int": return .integer(integer(value) ?? arguments.value(0, "default")?.index ?? 0)
    case "float": return .real(real(value) ?? arguments.value(0, "default")?.number ?? 0)
    case "abs":
      guard let number = value.number else { throw .reason("abs of \(value.kindName)") }
      return number < 0 ? try TemplateArithmetic.negative(value) : value
    case "items":
      if case .dictionary(let dictionary) = value { return TemplateMethods.items(of: dictionary) }
      guard value.isUndefined else { throw .reason("items of \(value.kindName)") }
      return .list([])
    case "dictsort":
      guard case .dictionary(let dictionary) = value else { throw .reason("dictsort of \(value.kindName)") }
      let sorted = dictionary.entries.sorted { PythonText.isLess($0.key.lowercased(), $1.key.lowercased()) }
      return TemplateMethods.items(of: TemplateDictionary(entries: sorted))
    default:
      return try applyToElements(name, value, arguments)
    }
  }

  private static func applyToText(
    _ name: String, _ text: String, _ arguments: TemplateCallArguments
  ) throws(TemplateFailure) -> TemplateValue {
    switch name {
    case "string", "safe": return .string(text)
    case "trim":
      var characters: String?
      if case .string(let given) = arguments.value(0, "chars") { characters = given }
      return .string(PythonText.strip(text, characters, left: true, right: true))
    case "indent":
      let indent = String(repeating: " ", count: max(0, min(arguments.value(0, "width")?.index ?? 4, 1000)))
      let isFirstIndented = arguments.value(1, "first")?.isTrue ?? false
      let lines = PythonText.split(text, by: "\n").enumerated().map { index, line in
        (index == 0 ? isFirstIndented : !line.isEmpty) ? indent + line : line
      }
      return .string(lines.joined(separator: "\n"))
    default:
      guard let result = try TemplateMethods.call(name, on: .string(text), arguments) else {
        throw .reason("the filter \"\(name)\" is not supported")
      }
      return result
    }
  }

  private static func applyToElements(
    _ name: String, _ value: TemplateValue, _ arguments: TemplateCallArguments
  ) throws(TemplateFailure) -> TemplateValue {
    let known = [
      "list", "first", "last", "reverse", "join", "map", "select", "reject", "selectattr", "rejectattr", "sort",
      "unique", "sum", "min", "max",
    ]
    guard known.contains(name) else { throw .reason("the filter \"\(name)\" is not supported") }
    let elements = try TemplateInterpreter.elements(of: value)
    switch name {
    case "list": return .list(elements)
    case "first": return elements.first ?? .undefined("the first of nothing")
    case "last": return elements.last ?? .undefined("the last of nothing")
    case "reverse":
      if case .string = value { return .string(elements.reversed().map(\.printed).joined()) }
      return .list(elements.reversed())
    case "join":
      let parts = try map(elements, attribute: arguments.value(1, "attribute"))
      return .string(parts.map(\.printed).joined(separator: arguments.value(0, "d")?.printed ?? ""))
    case "map": return .list(try map(elements, arguments))
    case "select", "reject", "selectattr", "rejectattr": return .list(try select(name, elements, arguments))
    case "unique":
      return .list(
        elements.reduce(into: []) { kept, next in if !kept.contains(where: { $0 == next }) { kept.append(next) } })
    case "sum":
      var total = arguments.named("start") ?? .integer(0)
      for element in try map(elements, attribute: arguments.value(0, "attribute")) {
        total = try TemplateArithmetic.apply("+", total, element)
      }
      return total
    default:
      let sorted = try sort(elements, by: name == "sort" ? arguments.named("attribute") : nil)
      if name == "min" { return sorted.first ?? .undefined("the least of nothing") }
      if name == "max" { return sorted.last ?? .undefined("the greatest of nothing") }
      return .list(arguments.value(0, "reverse")?.isTrue == true ? sorted.reversed() : sorted)
    }
  }

  private static func length(of value: TemplateValue) throws(TemplateFailure) -> Int {
    switch value {
    case .string(let text): return PythonText.count(text)
    case .list(let values): return values.count
    case .dictionary(let dictionary): return dictionary.entries.count
    case .undefined: return 0
    default: throw .reason("\(value.kindName) has no length")
    }
  }

  private static func integer(_ value: TemplateValue) -> Int? {
    if case .string(let text) = value {
      let trimmed = PythonText.strip(text, nil, left: true, right: true)
      return Int(trimmed) ?? Double(trimmed).flatMap { Int(exactly: $0.rounded(.towardZero)) }
    }
    return value.index ?? value.number.flatMap { Int(exactly: $0.rounded(.towardZero)) }
  }

  private static func real(_ value: TemplateValue) -> Double? {
    if case .string(let text) = value { return Double(PythonText.strip(text, nil, left: true, right: true)) }
    return value.number
  }

  /// `map(attribute="a.b", default=…)` or `map("filter", …)`.
  private static func map(
    _ elements: [TemplateValue], _ arguments: TemplateCallArguments
  ) throws(TemplateFailure) -> [TemplateValue] {
    if let attribute = arguments.named("attribute") {
      let fallback = arguments.named("default")
      return try map(elements, attribute: attribute).map { $0.isUndefined ? fallback ?? $0 : $0 }
    }
    guard case .string(let filter) = arguments.positional.first else { throw .reason("map needs a filter's name") }
    let rest = TemplateCallArguments(positional: Array(arguments.positional.dropFirst()), named: arguments.named)
    var results: [TemplateValue] = []
    for element in elements { results.append(try apply(filter, to: element, rest)) }
    return results
  }

  private static func map(
    _ elements: [TemplateValue], attribute: TemplateValue?
  ) throws(TemplateFailure) -> [TemplateValue] {
    guard let attribute else { return elements }
    var results: [TemplateValue] = []
    for element in elements { results.append(try self.attribute(attribute, of: element)) }
    return results
  }

  /// `a.b.0`: names and indices, one after the other.
  private static func attribute(_ path: TemplateValue, of value: TemplateValue) throws(TemplateFailure) -> TemplateValue
  {
    var value = value
    for part in PythonText.split(path.printed, by: ".") {
      value = try TemplateAccess.element(Int(part).map { .integer($0) } ?? .string(part), of: value)
    }
    return value
  }

  private static func select(
    _ name: String, _ elements: [TemplateValue], _ arguments: TemplateCallArguments
  ) throws(TemplateFailure) -> [TemplateValue] {
    var positional = arguments.positional[...]
    let path = name.hasSuffix("attr") ? positional.popFirst() : nil
    if name.hasSuffix("attr"), path == nil { throw .reason("\(name) needs an attribute's name") }
    var test: String?
    if let first = positional.popFirst() { test = first.printed }
    let keeps = name.hasPrefix("select")
    var kept: [TemplateValue] = []
    for element in elements {
      let value = try path.map { path throws(TemplateFailure) in try attribute(path, of: element) } ?? element
      let holds = try test.map { test throws(TemplateFailure) in
        try TemplateTests.holds(test, for: value, Array(positional))
      }
      if (holds ?? value.isTrue) == keeps { kept.append(element) }
    }
    return kept
  }

  /// Stable, strings without regard to case, as Jinja does.
  private static func sort(
    _ elements: [TemplateValue], by attribute: TemplateValue?
  ) throws(TemplateFailure) -> [TemplateValue] {
    let keys = try map(elements, attribute: attribute).map { key in
      if case .string(let text) = key { return TemplateValue.string(text.lowercased()) }
      return key
    }
    var order: [Int] = []
    for index in elements.indices {
      var place = order.count
      while place > 0, try TemplateArithmetic.isLess(keys[index], keys[order[place - 1]]) { place -= 1 }
      order.insert(index, at: place)
    }
    return order.map { elements[$0] }
  }
}
