/// Why an expression has no value. `description` is what the policy reads: what is wrong, where, and what to do.
///
/// Positions count characters (Unicode scalars) from 1.
public enum CalculatorError: Error, Equatable, Sendable, CustomStringConvertible {
  case syntax(position: Int, problem: String)
  case divisionByZero(position: Int)
  case fractionalExponent(position: Int)
  /// A value would have more digits than the limit.
  case tooLarge(position: Int, maxDigits: Int)
  /// The numbers are allowed, but computing with all of them takes too much work.
  case tooMuchWork(position: Int)
  case tooLong(characters: Int, limit: Int)
  case tooDeep(position: Int, limit: Int)

  public var description: String {
    switch self {
    case .syntax(let position, let problem): "syntax error at position \(position): \(problem)"
    case .divisionByZero(let position): "division by zero at position \(position)"
    case .fractionalExponent(let position):
      "the exponent at position \(position) is not a whole number: only whole exponents are exact"
    case .tooLarge(let position, let maxDigits):
      "the result at position \(position) is too large: it would have more than \(maxDigits) digits"
    case .tooMuchWork(let position):
      "stopped at position \(position): the expression takes too much work; use smaller numbers or fewer operations"
    case .tooLong(let characters, let limit):
      "the expression is too long: \(characters) characters, the limit is \(limit)"
    case .tooDeep(let position, let limit):
      "nested too deeply at position \(position): the limit is \(limit) levels"
    }
  }
}
