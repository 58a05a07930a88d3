import AgentCore

/// Renders the nodes of a template: one instance a rendering.
final class TemplateInterpreter {
  /// Nodes and loop rounds of one rendering; more means that the template runs away.
  private static let maximumSteps = 500_000
  private static let maximumMacroDepth = 50

  private enum Flow { case normal, breaking, continuing }

  private var scopes: [[String: TemplateValue]]
  private var output = ""
  private var line = 1
  private var steps = 0
  private var macroDepth = 0

  private init(variables: [String: TemplateValue]) { scopes = [TemplateGlobals.functions, variables] }

  static func render(
    _ nodes: [TemplateNode], variables: [String: TemplateValue]
  ) throws(TemplateError) -> String {
    let interpreter = TemplateInterpreter(variables: variables)
    do {
      _ = try interpreter.run(nodes)
      return interpreter.output
    } catch {
      throw interpreter.located(error)
    }
  }

  private func located(_ failure: TemplateFailure) -> TemplateError {
    switch failure {
    case .reason(let reason): .rendering(line: line, reason: reason)
    case .refusal(let message): .refused(line: line, message: message)
    case .located(let error): error
    }
  }

  // MARK: Statements

  private func run(_ nodes: [TemplateNode]) throws(TemplateFailure) -> Flow {
    for node in nodes {
      let flow = try run(node)
      if flow != .normal { return flow }
    }
    return .normal
  }

  private func run(_ node: TemplateNode) throws(TemplateFailure) -> Flow {
    try countStep()
    switch node {
    case .text(let text): output += text
    case .output(let expression, let line):
      self.line = line
      output += try evaluate(expression).printed
    case .branches(let branches, let otherwise, let line):
      self.line = line
      for branch in branches where try evaluate(branch.condition).isTrue { return try run(branch.body) }
      return try run(otherwise)
    case .loop(let loop): try run(loop)
    case .assignment(let target, let expression, let line):
      self.line = line
      try assign(try evaluate(expression), to: target)
    case .capture(let target, let body, let line):
      self.line = line
      let text = try capture { interpreter throws(TemplateFailure) in _ = try interpreter.run(body) }
      try assign(.string(text), to: target)
    case .macro(let macro): define(macro)
    case .breakLoop: return .breaking
    case .continueLoop: return .continuing
    }
    return .normal
  }

  private func countStep() throws(TemplateFailure) {
    steps += 1
    guard steps <= Self.maximumSteps else { throw .reason("more than \(Self.maximumSteps) steps") }
  }

  private func run(_ loop: TemplateLoop) throws(TemplateFailure) {
    line = loop.line
    var items = try Self.elements(of: try evaluate(loop.items))
    if let condition = loop.condition {
      var kept: [TemplateValue] = []
      for item in items where try isTrue(condition, with: item, as: loop.names) { kept.append(item) }
      items = kept
    }
    guard !items.isEmpty else { return _ = try run(loop.otherwise) }
    for index in items.indices {
      try countStep()
      scopes.append(["loop": TemplateGlobals.loop(index: index, of: items)])
      defer { scopes.removeLast() }
      try bind(items[index], to: loop.names)
      if try run(loop.body) == .breaking { return }
    }
  }

  private func isTrue(
    _ condition: TemplateExpression, with item: TemplateValue, as names: [String]
  ) throws(TemplateFailure) -> Bool {
    scopes.append([:])
    defer { scopes.removeLast() }
    try bind(item, to: names)
    return try evaluate(condition).isTrue
  }

  private func bind(_ value: TemplateValue, to names: [String]) throws(TemplateFailure) {
    guard names.count > 1 else {
      scopes[scopes.count - 1][names[0]] = value
      return
    }
    let parts = try Self.elements(of: value)
    guard parts.count == names.count else {
      throw .reason("\(parts.count) values for \(names.count) names")
    }
    for (name, part) in zip(names, parts) { scopes[scopes.count - 1][name] = part }
  }

  private func assign(_ value: TemplateValue, to target: TemplateTarget) throws(TemplateFailure) {
    switch target {
    case .names(let names): try bind(value, to: names)
    case .attribute(let name, let attribute):
      guard case .namespace(let namespace) = lookUp(name) else {
        throw .reason("cannot set an attribute of \(name): it is no namespace")
      }
      namespace.attributes[attribute] = value
    }
  }

  private func capture(
    _ body: (TemplateInterpreter) throws(TemplateFailure) -> Void
  ) throws(TemplateFailure) -> String {
    let before = output
    output = ""
    defer { output = before }
    try body(self)
    return output
  }

  private func define(_ macro: TemplateMacro) {
    let function = TemplateFunction(name: macro.name) { [unowned self] arguments throws(TemplateFailure) in
      try self.call(macro, arguments)
    }
    scopes[scopes.count - 1][macro.name] = .function(function)
  }

  private func call(_ macro: TemplateMacro, _ arguments: TemplateCallArguments) throws(TemplateFailure) -> TemplateValue
  {
    guard macroDepth < Self.maximumMacroDepth else {
      throw .reason("macro \(macro.name) calls itself more than \(Self.maximumMacroDepth) deep")
    }
    guard arguments.positional.count <= macro.parameters.count else {
      throw .reason("macro \(macro.name) takes \(macro.parameters.count) arguments")
    }
    let caller = scopes
    macroDepth += 1
    scopes = Array(scopes.prefix(2)) + [[:]]
    defer {
      scopes = caller
      macroDepth -= 1
    }
    for (index, parameter) in macro.parameters.enumerated() {
      var value = arguments.value(index, parameter.name)
      if value == nil, let fallback = parameter.fallback { value = try evaluate(fallback) }
      scopes[scopes.count - 1][parameter.name] = value ?? .undefined(parameter.name)
    }
    return .string(try capture { interpreter throws(TemplateFailure) in _ = try interpreter.run(macro.body) })
  }

  // MARK: Expressions

  private func lookUp(_ name: String) -> TemplateValue {
    for scope in scopes.reversed() {
      if let value = scope[name] { return value }
    }
    return .undefined(name)
  }

  private func evaluate(_ expression: TemplateExpression) throws(TemplateFailure) -> TemplateValue {
    switch expression {
    case .literal(let json): return TemplateValue(json)
    case .name(let name): return lookUp(name)
    case .list(let elements): return .list(try evaluate(elements))
    case .dictionary(let entries): return try evaluateDictionary(entries)
    case .attribute(let base, let name): return try TemplateAccess.attribute(name, of: try evaluate(base))
    case .element(let base, let key):
      return try TemplateAccess.element(try evaluate(key), of: try evaluate(base))
    case .slice(let base, let start, let end, let step):
      return try TemplateAccess.slice(
        try evaluate(base), start: try evaluateIndex(start), end: try evaluateIndex(end),
        step: try evaluateIndex(step) ?? 1)
    case .call(let callee, let arguments): return try call(callee, arguments)
    case .filter(let base, let name, let arguments):
      let value = try evaluate(base)
      return try TemplateFilters.apply(name, to: value, try evaluate(arguments))
    case .test(let base, let name, let arguments):
      let value = try evaluate(base)
      return .bool(try TemplateTests.holds(name, for: value, try evaluate(arguments).positional))
    case .negative(let operand): return try TemplateArithmetic.negative(try evaluate(operand))
    case .not(let operand): return .bool(!(try evaluate(operand).isTrue))
    case .and(let left, let right):
      let value = try evaluate(left)
      return value.isTrue ? try evaluate(right) : value
    case .or(let left, let right):
      let value = try evaluate(left)
      return value.isTrue ? value : try evaluate(right)
    case .arithmetic(let symbol, let left, let right):
      return try TemplateArithmetic.apply(symbol, try evaluate(left), try evaluate(right))
    case .comparison(let first, let rest): return .bool(try compare(first, rest))
    case .conditional(let value, let condition, let otherwise):
      if try evaluate(condition).isTrue { return try evaluate(value) }
      guard let otherwise else { return .undefined("the value of an inline if without else") }
      return try evaluate(otherwise)
    }
  }

  private func evaluate(_ expressions: [TemplateExpression]) throws(TemplateFailure) -> [TemplateValue] {
    var values: [TemplateValue] = []
    for expression in expressions { values.append(try evaluate(expression)) }
    return values
  }

  private func evaluate(_ arguments: TemplateArguments) throws(TemplateFailure) -> TemplateCallArguments {
    var result = TemplateCallArguments(positional: try evaluate(arguments.positional))
    for argument in arguments.named { result.named.append((argument.name, try evaluate(argument.value))) }
    return result
  }

  private func evaluateIndex(_ expression: TemplateExpression?) throws(TemplateFailure) -> Int? {
    guard let expression else { return nil }
    let value = try evaluate(expression)
    if case .none = value { return nil }
    guard let index = value.index else { throw .reason("a slice needs integers, not \(value.kindName)") }
    return index
  }

  private func evaluateDictionary(
    _ entries: [(key: TemplateExpression, value: TemplateExpression)]
  ) throws(TemplateFailure) -> TemplateValue {
    var dictionary = TemplateDictionary()
    for entry in entries {
      let key = try evaluate(entry.key)
      guard case .string(let name) = key else { throw .reason("a key must be a string, not \(key.kindName)") }
      dictionary[name] = try evaluate(entry.value)
    }
    return .dictionary(dictionary)
  }

  private func call(
    _ callee: TemplateExpression, _ arguments: TemplateArguments
  ) throws(TemplateFailure) -> TemplateValue {
    let values = try evaluate(arguments)
    if case .attribute(let base, let name) = callee {
      let value = try evaluate(base)
      if let result = try TemplateMethods.call(name, on: value, values) { return result }
      return try call(try TemplateAccess.attribute(name, of: value), named: name, values)
    }
    let name = if case .name(let name) = callee { name } else { "the value" }
    return try call(try evaluate(callee), named: name, values)
  }

  private func call(
    _ function: TemplateValue, named name: String, _ arguments: TemplateCallArguments
  ) throws(TemplateFailure) -> TemplateValue {
    guard case .function(let function) = function else {
      throw .reason("\(name) is \(function.kindName), not a function")
    }
    return try function.body(arguments)
  }

  private func compare(
    _ first: TemplateExpression, _ rest: [(symbol: String, operand: TemplateExpression)]
  ) throws(TemplateFailure) -> Bool {
    var left = try evaluate(first)
    for (symbol, operand) in rest {
      let right = try evaluate(operand)
      guard try TemplateArithmetic.compare(symbol, left, right) else { return false }
      left = right
    }
    return true
  }

  /// What a loop runs over: list elements, dictionary keys, or the characters of a string.
  static func elements(of value: TemplateValue) throws(TemplateFailure) -> [TemplateValue] {
    switch value {
    case .list(let values): return values
    case .dictionary(let dictionary): return dictionary.entries.map { .string($0.key) }
    case .string(let text): return text.unicodeScalars.map { .string(String(Character($0))) }
    case .undefined: return []
    default: throw .reason("cannot iterate over \(value.kindName)")
    }
  }
}
