import BigInt

/// One step of an expression in postfix order, with the 1-based position it came from.
struct CalculatorInstruction {
  enum Operation {
    case push(Rational)
    case negate
    case add, subtract, multiply, divide, modulo, power
  }

  var operation: Operation
  var position: Int
}

/// Turns an expression into postfix instructions.
///
/// ```
/// sum     = product (("+" | "-") product)*
/// product = unary (("*" | "/" | "%") unary)*
/// unary   = ("-" | "+") unary | power
/// power   = atom ("^" unary)?            -2^2 = -(2^2), 2^-1 = 2^(-1), 2^3^2 = 2^(3^2)
/// atom    = number | "(" sum ")"
/// ```
/// Recursion happens only through parentheses, signs and `^`, each counted against `maxDepth`; a chain of a thousand
/// additions is a loop.
struct CalculatorParser {
  private let characters: [Unicode.Scalar]
  private let limits: CalculatorLimits
  private var index = 0
  private var depth = 0
  private var output: [CalculatorInstruction] = []

  static func parse(_ text: String, limits: CalculatorLimits) throws(CalculatorError) -> [CalculatorInstruction] {
    // Bytes bound characters: counting the scalars of an endless text would itself cost.
    guard text.utf8.count <= limits.maxCharacters * 4 else {
      throw .tooLong(characters: text.utf8.count, limit: limits.maxCharacters)
    }
    let characters = Array(text.unicodeScalars)
    guard characters.count <= limits.maxCharacters else {
      throw .tooLong(characters: characters.count, limit: limits.maxCharacters)
    }
    var parser = CalculatorParser(characters: characters, limits: limits)
    try parser.parseSum()
    if let extra = parser.peek() { throw parser.unexpected(extra, afterValue: true) }
    return parser.output
  }

  private init(characters: [Unicode.Scalar], limits: CalculatorLimits) {
    self.characters = characters
    self.limits = limits
  }

  // MARK: Grammar

  private mutating func parseSum() throws(CalculatorError) {
    try parseProduct()
    while let sign = peek() {
      let operation: CalculatorInstruction.Operation
      switch sign {
      case "+": operation = .add
      case "-", "−", "–": operation = .subtract
      default: return
      }
      let position = advance()
      try parseProduct()
      emit(operation, at: position)
    }
  }

  private mutating func parseProduct() throws(CalculatorError) {
    try parseUnary()
    while let sign = peek() {
      let operation: CalculatorInstruction.Operation
      switch sign {
      case "*", "×", "·", "⋅": operation = .multiply
      case "/", "÷": operation = .divide
      case "%": operation = .modulo
      default: return
      }
      let position = advance()
      try parseUnary()
      emit(operation, at: position)
    }
  }

  private mutating func parseUnary() throws(CalculatorError) {
    try descend()
    defer { depth -= 1 }
    switch peek() {
    case "-", "−", "–":
      let position = advance()
      try parseUnary()
      emit(.negate, at: position)
    case "+":
      advance()
      try parseUnary()
    default:
      try parsePower()
    }
  }

  private mutating func parsePower() throws(CalculatorError) {
    try parseAtom()
    guard let position = takePowerSign() else { return }
    try parseUnary()
    emit(.power, at: position)
  }

  private mutating func parseAtom() throws(CalculatorError) {
    guard let next = peek() else {
      throw .syntax(position: index + 1, problem: "the expression ends where a number or '(' should be")
    }
    if next == "(" {
      let open = advance()
      try parseSum()
      guard let close = peek() else { throw .syntax(position: open, problem: "this '(' is never closed") }
      guard close == ")" else { throw unexpected(close, afterValue: true) }
      advance()
    } else if Self.isDigit(next) || next == "." {
      try parseNumber()
    } else {
      throw unexpected(next, afterValue: false)
    }
  }

  private mutating func parseNumber() throws(CalculatorError) {
    let start = index
    while index < characters.count, Self.isDigit(characters[index]) || characters[index] == "." { index += 1 }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: characters[start..<index])
    guard index - start <= limits.maxDigits else { throw .tooLarge(position: start + 1, maxDigits: limits.maxDigits) }
    guard let value = Rational(decimal: String(text), maxDigits: limits.maxDigits) else {
      throw .syntax(position: start + 1, problem: "'\(String(text))' is not a number")
    }
    output.append(CalculatorInstruction(operation: .push(value), position: start + 1))
  }

  // MARK: Characters

  /// The next character that is not a space, without taking it.
  private mutating func peek() -> Unicode.Scalar? {
    while index < characters.count, Self.isSpace(characters[index]) { index += 1 }
    return index < characters.count ? characters[index] : nil
  }

  /// Takes the character that `peek` showed; returns its position.
  @discardableResult
  private mutating func advance() -> Int {
    index += 1
    return index
  }

  /// Takes `^` or `**`, and returns its position; nil where the next character is another.
  private mutating func takePowerSign() -> Int? {
    switch peek() {
    case "^": return advance()
    case "*" where index + 1 < characters.count && characters[index + 1] == "*":
      index += 2
      return index - 1
    default: return nil
    }
  }

  private mutating func emit(_ operation: CalculatorInstruction.Operation, at position: Int) {
    output.append(CalculatorInstruction(operation: operation, position: position))
  }

  private mutating func descend() throws(CalculatorError) {
    depth += 1
    guard depth <= limits.maxDepth else { throw .tooDeep(position: index + 1, limit: limits.maxDepth) }
  }

  private func unexpected(_ character: Unicode.Scalar, afterValue: Bool) -> CalculatorError {
    let isVisible = !character.properties.isWhitespace && character.value >= 0x20
    let shown = isVisible ? "'\(character)'" : "U+\(String(character.value, radix: 16, uppercase: true))"
    let hint =
      switch character {
      case ",": "write numbers without commas"
      case "=": "give the expression alone, without '='"
      case "x", "X": "write * for multiplication"
      case "(" where afterValue: "an operator is missing before it"
      case ")" where afterValue: "there is no '(' for it"
      case _ where Self.isDigit(character): "an operator is missing before it"
      default: afterValue ? "expected an operator" : "expected a number or '('"
      }
    return .syntax(position: index + 1, problem: "unexpected \(shown), \(hint)")
  }

  private static func isDigit(_ character: Unicode.Scalar) -> Bool { (48...57).contains(character.value) }

  private static func isSpace(_ character: Unicode.Scalar) -> Bool {
    character == " " || (9...13).contains(character.value) || character == "\u{A0}"
  }
}
