/// Reads statements: tokens to nodes. Expressions are in `TemplateParser+Expressions.swift`.
struct TemplateParser {
  /// Deeper nesting is an error rather than an exhausted stack.
  static let maximumDepth = 100

  private let tokens: [TemplateToken]
  private var position = 0
  var depth = 0
  /// Every name that an expression reads.
  private(set) var names: Set<String> = []

  init(source: String) throws(TemplateError) { tokens = try TemplateLexer.tokens(of: source) }

  mutating func parseTemplate() throws(TemplateError) -> [TemplateNode] {
    let (nodes, end) = try parseBody(until: [])
    precondition(end.isEmpty, "a body without terminators ended at \(end)")
    return nodes
  }

  // MARK: Tokens

  var current: TemplateToken { tokens[position] }
  var following: TemplateToken { tokens[min(position + 1, tokens.count - 1)] }
  var line: Int { current.line }

  mutating func advance() { position = min(position + 1, tokens.count - 1) }

  func isSymbol(_ symbol: String) -> Bool { current.kind == .symbol(symbol) }
  func isName(_ name: String) -> Bool { current.kind == .name(name) }

  mutating func take(symbol: String) -> Bool {
    guard isSymbol(symbol) else { return false }
    advance()
    return true
  }

  mutating func take(name: String) -> Bool {
    guard isName(name) else { return false }
    advance()
    return true
  }

  mutating func expect(symbol: String) throws(TemplateError) {
    guard take(symbol: symbol) else { throw unexpected("\"\(symbol)\"") }
  }

  mutating func expectName() throws(TemplateError) -> String {
    guard case .name(let name) = current.kind else { throw unexpected("a name") }
    advance()
    return name
  }

  mutating func noteRead(of name: String) { names.insert(name) }

  func unexpected(_ expected: String) -> TemplateError {
    let found =
      switch current.kind {
      case .text: "text"
      case .expressionStart: "{{"
      case .expressionEnd: "}}"
      case .statementStart: "{%"
      case .statementEnd: "%}"
      case .name(let name): "\"\(name)\""
      case .string(let text): "the string \"\(text.prefix(40))\""
      case .integer(let value): "\(value)"
      case .real(let value): "\(value)"
      case .symbol(let symbol): "\"\(symbol)\""
      case .end: "the end of the template"
      }
    return .syntax(line: line, reason: "expected \(expected), found \(found)")
  }

  mutating func nested<Result>(
    _ parse: (inout TemplateParser) throws(TemplateError) -> Result
  ) throws(TemplateError) -> Result {
    guard depth < Self.maximumDepth else {
      throw .syntax(line: line, reason: "nested deeper than \(Self.maximumDepth) levels")
    }
    depth += 1
    defer { depth -= 1 }
    return try parse(&self)
  }

  // MARK: Statements

  /// Nodes up to one of the statements named by `terminators` (its name is taken, the rest of its tag is not), or to
  /// the end of the template if there are none.
  private mutating func parseBody(
    until terminators: Set<String>
  ) throws(TemplateError) -> (nodes: [TemplateNode], terminator: String) {
    let openingLine = line
    var nodes: [TemplateNode] = []
    while true {
      switch current.kind {
      case .end:
        guard terminators.isEmpty else {
          throw .syntax(line: openingLine, reason: "no \(terminators.sorted().joined(separator: " or ")) follows")
        }
        return (nodes, "")
      case .text(let text):
        nodes.append(.text(text))
        advance()
      case .expressionStart:
        let line = self.line
        advance()
        nodes.append(.output(try parseExpressionOrTuple(), line: line))
        guard current.kind == .expressionEnd else { throw unexpected("}}") }
        advance()
      case .statementStart:
        advance()
        let name = try expectName()
        if terminators.contains(name) { return (nodes, name) }
        nodes.append(contentsOf: try nested { parser throws(TemplateError) in try parser.parseStatement(name) })
      default:
        throw unexpected("text or a tag")
      }
    }
  }

  private mutating func endTag() throws(TemplateError) {
    guard current.kind == .statementEnd else { throw unexpected("%}") }
    advance()
  }

  private mutating func parseStatement(_ name: String) throws(TemplateError) -> [TemplateNode] {
    switch name {
    case "if": return [try parseIf()]
    case "for": return [try parseFor()]
    case "set": return [try parseSet()]
    case "macro": return [try parseMacro()]
    case "break", "continue":
      try endTag()
      return [name == "break" ? .breakLoop : .continueLoop]
    case "generation":
      // Marks the assistant's part for trainers that build masks from templates; ours come from the encoder.
      try endTag()
      let (body, _) = try parseBody(until: ["endgeneration"])
      try endTag()
      return body
    default:
      throw .syntax(line: line, reason: "the statement \"\(name)\" is not supported")
    }
  }

  private mutating func parseIf() throws(TemplateError) -> TemplateNode {
    let line = self.line
    var branches: [(condition: TemplateExpression, body: [TemplateNode])] = []
    var otherwise: [TemplateNode] = []
    var terminator = "elif"
    while terminator == "elif" {
      let condition = try parseExpression()
      try endTag()
      let part = try parseBody(until: ["elif", "else", "endif"])
      branches.append((condition, part.nodes))
      terminator = part.terminator
    }
    if terminator == "else" {
      try endTag()
      otherwise = try parseBody(until: ["endif"]).nodes
    }
    try endTag()
    return .branches(branches, otherwise: otherwise, line: line)
  }

  private mutating func parseFor() throws(TemplateError) -> TemplateNode {
    let line = self.line
    let names = try parseNameList()
    guard take(name: "in") else { throw unexpected("\"in\"") }
    let items = try parseWithoutConditional()
    let condition = take(name: "if") ? try parseExpression() : nil
    try endTag()
    let part = try parseBody(until: ["else", "endfor"])
    var otherwise: [TemplateNode] = []
    if part.terminator == "else" {
      try endTag()
      otherwise = try parseBody(until: ["endfor"]).nodes
    }
    try endTag()
    return .loop(
      TemplateLoop(
        names: names, items: items, condition: condition, body: part.nodes, otherwise: otherwise, line: line))
  }

  private mutating func parseNameList() throws(TemplateError) -> [String] {
    let isBracketed = take(symbol: "(")
    var names = [try expectName()]
    while take(symbol: ",") { names.append(try expectName()) }
    if isBracketed { try expect(symbol: ")") }
    return names
  }

  private mutating func parseSet() throws(TemplateError) -> TemplateNode {
    let line = self.line
    let names = try parseNameList()
    var target = TemplateTarget.names(names)
    if names.count == 1, take(symbol: ".") { target = .attribute(of: names[0], try expectName()) }
    if take(symbol: "=") {
      let value = try parseExpressionOrTuple()
      try endTag()
      return .assignment(target, value, line: line)
    }
    try endTag()
    let body = try parseBody(until: ["endset"]).nodes
    try endTag()
    return .capture(target, body, line: line)
  }

  private mutating func parseMacro() throws(TemplateError) -> TemplateNode {
    let name = try expectName()
    try expect(symbol: "(")
    var parameters: [(name: String, fallback: TemplateExpression?)] = []
    while !isSymbol(")") {
      let parameter = try expectName()
      parameters.append((parameter, take(symbol: "=") ? try parseExpression() : nil))
      guard take(symbol: ",") else { break }
    }
    try expect(symbol: ")")
    try endTag()
    let body = try parseBody(until: ["endmacro"]).nodes
    if case .name = current.kind { advance() }
    try endTag()
    return .macro(TemplateMacro(name: name, parameters: parameters, body: body))
  }
}
