import AgentCore
import AgentTools

/// A chain of operations on whole numbers, every intermediate value a whole number ≥ 0.
struct ArithmeticProblem {
  struct Step {
    let operation: ArithmeticOperation
    let operand: Int
  }

  let start: Int
  let steps: [Step]
  let expression: String
  let answer: Rational

  /// Draws one; nil where the draw went nowhere (a division that leaves a remainder, a difference below 0).
  init?(options: ArithmeticOptions, random: inout RandomStream) {
    let count = options.steps.lowerBound + random.below(options.steps.count)
    let operations = (0..<count).map { _ in options.operations[random.below(options.operations.count)] }
    var operands = (0...count).map { _ in Self.operand(digits: options.digits, random: &random) }
    if operations[0] == .divide {
      // The dividend is the product of the divisor and a drawn quotient.
      let (product, overflow) = operands[0].multipliedReportingOverflow(by: operands[1])
      guard !overflow else { return nil }
      operands[0] = product
    } else if operations[0] == .subtract && operands[0] < operands[1] {
      operands.swapAt(0, 1)
    }
    var value = Rational(operands[0])
    var steps: [Step] = []
    for (operation, operand) in zip(operations, operands.dropFirst()) {
      // Later divisors are small, so that a draw has a fair chance to leave no remainder.
      let operand = operation == .divide && !steps.isEmpty ? 2 + operand % 8 : operand
      guard let next = Self.apply(operation, value, Rational(operand)) else { return nil }
      value = next
      steps.append(Step(operation: operation, operand: operand))
    }
    start = operands[0]
    self.steps = steps
    answer = value
    expression = Self.expression(start, steps)
  }

  var operands: [Int] { [start] + steps.map(\.operand) }

  var category: String { steps.count == 1 ? steps[0].operation.rawValue : "multi_step" }

  /// w / (w + 10), where w counts the digit operations of the school method: the longer operand's digits for a sum, the
  /// product of both lengths for a product or quotient. From 0.09 (2+3) towards 1.
  var difficulty: Double {
    var work = 0
    var length = String(start).utf8.count
    for step in steps {
      let digits = String(step.operand).utf8.count
      work += step.operation.isProduct ? length * digits : max(length, digits)
      length = step.operation == .multiply ? length + digits : max(length, digits)
    }
    return (Double(work) / Double(work + 10) * 1000).rounded() / 1000
  }

  /// A number of d digits, d uniform in the range; never 0 or 1, so that stories can use the plural.
  private static func operand(digits: ClosedRange<Int>, random: inout RandomStream) -> Int {
    let count = digits.lowerBound + random.below(digits.count)
    let least = (1..<count).reduce(1) { power, _ in power * 10 }
    return count == 1 ? 2 + random.below(8) : least + random.below(9 * least)
  }

  private static func apply(_ operation: ArithmeticOperation, _ a: Rational, _ b: Rational) -> Rational? {
    switch operation {
    case .add: return a + b
    case .subtract: return a < b ? nil : a - b
    case .multiply: return a.isZero ? nil : a * b
    case .divide:
      let quotient = a / b
      return a.isZero || !quotient.isInteger ? nil : quotient
    }
  }

  /// Left to right; parentheses only where a product or quotient follows a sum.
  private static func expression(_ start: Int, _ steps: [Step]) -> String {
    var text = "\(start)"
    var isSum = false
    for step in steps {
      if step.operation.isProduct && isSum { text = "(\(text))" }
      text += "\(step.operation.symbol)\(step.operand)"
      isSum = !step.operation.isProduct
    }
    return text
  }
}
