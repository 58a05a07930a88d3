import AgentCore

/// Expressions, loosest binding first, as Jinja's own parser descends.
extension TemplateParser {
  /// `a, b` makes a list.
  mutating func parseExpressionOrTuple() throws(TemplateError) -> TemplateExpression {
    let first = try parseExpression()
    guard isSymbol(",") else { return first }
    var elements = [first]
    while take(symbol: ",") {
      if isSymbol(")") || current.kind == .expressionEnd || current.kind == .statementEnd { break }
      elements.append(try parseExpression())
    }
    return .list(elements)
  }

  mutating func parseExpression() throws(TemplateError) -> TemplateExpression {
    try nested { parser throws(TemplateError) in
      var value = try parser.parseOr()
      while parser.take(name: "if") {
        let condition = try parser.parseOr()
        let otherwise = parser.take(name: "else") ? try parser.parseExpression() : nil
        value = .conditional(value, condition: condition, otherwise: otherwise)
      }
      return value
    }
  }

  /// What a `for` runs over: an `if` after it is the loop's own.
  mutating func parseWithoutConditional() throws(TemplateError) -> TemplateExpression { try parseOr() }

  private mutating func parseOr() throws(TemplateError) -> TemplateExpression {
    var left = try parseAnd()
    while take(name: "or") { left = .or(left, try parseAnd()) }
    return left
  }

  private mutating func parseAnd() throws(TemplateError) -> TemplateExpression {
    var left = try parseNot()
    while take(name: "and") { left = .and(left, try parseNot()) }
    return left
  }

  private mutating func parseNot() throws(TemplateError) -> TemplateExpression {
    guard take(name: "not") else { return try parseComparison() }
    return .not(try nested { parser throws(TemplateError) in try parser.parseNot() })
  }

  private mutating func parseComparison() throws(TemplateError) -> TemplateExpression {
    let first = try parseSum()
    var rest: [(symbol: String, operand: TemplateExpression)] = []
    while true {
      if case .symbol(let symbol) = current.kind, ["==", "!=", "<", ">", "<=", ">="].contains(symbol) {
        advance()
        rest.append((symbol, try parseSum()))
      } else if take(name: "in") {
        rest.append(("in", try parseSum()))
      } else if isName("not"), following.kind == .name("in") {
        advance()
        advance()
        rest.append(("not in", try parseSum()))
      } else {
        return rest.isEmpty ? first : .comparison(first, rest)
      }
    }
  }

  private mutating func parseSum() throws(TemplateError) -> TemplateExpression {
    try parseBinary(["+", "-"]) { parser throws(TemplateError) in
      try parser.parseBinary(["~"]) { parser throws(TemplateError) in
        try parser.parseBinary(["*", "/", "//", "%"]) { parser throws(TemplateError) in
          try parser.parseBinary(["**"]) { parser throws(TemplateError) in try parser.parseUnary() }
        }
      }
    }
  }

  private mutating func parseBinary(
    _ symbols: Set<String>, _ operand: (inout TemplateParser) throws(TemplateError) -> TemplateExpression
  ) throws(TemplateError) -> TemplateExpression {
    var left = try operand(&self)
    while case .symbol(let symbol) = current.kind, symbols.contains(symbol) {
      advance()
      left = .arithmetic(symbol, left, try operand(&self))
    }
    return left
  }

  private mutating func parseUnary(withFilters: Bool = true) throws(TemplateError) -> TemplateExpression {
    try nested { parser throws(TemplateError) in
      var value: TemplateExpression
      if parser.take(symbol: "-") {
        value = .negative(try parser.parseUnary(withFilters: false))
      } else if parser.take(symbol: "+") {
        value = try parser.parseUnary(withFilters: false)
      } else {
        value = try parser.parsePrimary()
      }
      value = try parser.parsePostfix(value)
      return withFilters ? try parser.parseFiltersAndTests(value) : value
    }
  }

  private mutating func parsePrimary() throws(TemplateError) -> TemplateExpression {
    switch current.kind {
    case .name(let name):
      advance()
      return literal(named: name) ?? .name(name)
    case .string(var text):
      advance()
      while case .string(let more) = current.kind {
        text += more
        advance()
      }
      return .literal(.string(text))
    case .integer(let value):
      advance()
      return .literal(JSONValue(value))
    case .real(let value):
      advance()
      return .literal(.double(value))
    case .symbol("("):
      advance()
      if take(symbol: ")") { return .list([]) }
      let inner = try parseExpressionOrTuple()
      try expect(symbol: ")")
      return inner
    case .symbol("["):
      advance()
      return .list(try parseList(until: "]"))
    case .symbol("{"):
      advance()
      return try parseDictionary()
    default:
      throw unexpected("an expression")
    }
  }

  private mutating func literal(named name: String) -> TemplateExpression? {
    switch name {
    case "true", "True": return .literal(true)
    case "false", "False": return .literal(false)
    case "none", "None": return .literal(.null)
    default:
      noteRead(of: name)
      return nil
    }
  }

  private mutating func parseList(until closing: String) throws(TemplateError) -> [TemplateExpression] {
    var elements: [TemplateExpression] = []
    while !isSymbol(closing) {
      elements.append(try parseExpression())
      guard take(symbol: ",") else { break }
    }
    try expect(symbol: closing)
    return elements
  }

  private mutating func parseDictionary() throws(TemplateError) -> TemplateExpression {
    var entries: [(key: TemplateExpression, value: TemplateExpression)] = []
    while !isSymbol("}") {
      let key = try parseExpression()
      try expect(symbol: ":")
      entries.append((key, try parseExpression()))
      guard take(symbol: ",") else { break }
    }
    try expect(symbol: "}")
    return .dictionary(entries)
  }

  private mutating func parsePostfix(_ value: TemplateExpression) throws(TemplateError) -> TemplateExpression {
    var value = value
    while true {
      if take(symbol: ".") {
        if case .integer(let index) = current.kind {
          advance()
          value = .element(value, .literal(JSONValue(index)))
        } else {
          value = .attribute(value, try expectName())
        }
      } else if take(symbol: "[") {
        value = try parseSubscript(of: value)
        try expect(symbol: "]")
      } else if isSymbol("(") {
        value = .call(value, try parseArguments())
      } else {
        return value
      }
    }
  }

  private mutating func parseSubscript(of value: TemplateExpression) throws(TemplateError) -> TemplateExpression {
    var parts: [TemplateExpression?] = [nil]
    while !isSymbol("]") {
      if take(symbol: ":") {
        parts.append(nil)
      } else {
        parts[parts.count - 1] = try parseExpression()
        guard isSymbol(":") || isSymbol("]") else { throw unexpected("\":\" or \"]\"") }
      }
    }
    switch parts.count {
    case 1:
      guard let index = parts[0] else { throw unexpected("an expression") }
      return .element(value, index)
    case 2: return .slice(value, start: parts[0], end: parts[1], step: nil)
    case 3: return .slice(value, start: parts[0], end: parts[1], step: parts[2])
    default: throw unexpected("\"]\"")
    }
  }

  private mutating func parseArguments() throws(TemplateError) -> TemplateArguments {
    try expect(symbol: "(")
    var arguments = TemplateArguments()
    while !isSymbol(")") {
      if case .name(let name) = current.kind, following.kind == .symbol("=") {
        advance()
        advance()
        arguments.named.append((name, try parseExpression()))
      } else {
        guard arguments.named.isEmpty else { throw unexpected("a named argument") }
        arguments.positional.append(try parseExpression())
      }
      guard take(symbol: ",") else { break }
    }
    try expect(symbol: ")")
    return arguments
  }

  private mutating func parseFiltersAndTests(_ value: TemplateExpression) throws(TemplateError) -> TemplateExpression {
    var value = value
    while true {
      if take(symbol: "|") {
        let name = try expectName()
        value = .filter(value, name, isSymbol("(") ? try parseArguments() : TemplateArguments())
      } else if take(name: "is") {
        value = try parseTest(of: value)
      } else if isSymbol("(") {
        value = .call(value, try parseArguments())
      } else {
        return value
      }
    }
  }

  private mutating func parseTest(of value: TemplateExpression) throws(TemplateError) -> TemplateExpression {
    let isNegated = take(name: "not")
    let name = try expectName()
    var arguments = TemplateArguments()
    if isSymbol("(") {
      arguments = try parseArguments()
    } else if startsTestArgument {
      arguments.positional = [try parsePostfix(parsePrimary())]
    }
    let test = TemplateExpression.test(value, name, arguments)
    return isNegated ? .not(test) : test
  }

  /// Whether a bare argument follows a test's name, as in `is divisibleby 3`.
  private var startsTestArgument: Bool {
    switch current.kind {
    case .string, .integer, .real, .symbol("["), .symbol("{"): true
    case .name(let name): !["else", "or", "and", "is", "if", "in", "not"].contains(name)
    default: false
    }
  }
}
