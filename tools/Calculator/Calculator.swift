import BigInt

/// What bounds the cost of one expression, whatever it says. All are checked before the work is done.
public struct CalculatorLimits: Sendable, Equatable {
  /// Characters of an expression.
  public var maxCharacters = 2000
  /// Digits of any intermediate numerator or denominator, to within two: sizes are compared in bits.
  public var maxDigits = 10_000
  /// Levels of parentheses, signs and `^`.
  public var maxDepth = 100
  /// Products of 64-bit words that all operations of an expression may take together: about 0.1 s.
  public var maxWork = 40_000_000
  /// Digits after the point up to which a finite decimal is written exactly.
  public var maxFractionDigits = 30
  /// Significant digits of a result that is not written exactly.
  public var significantDigits = 12

  public init() {}
}

/// Exact arithmetic on expressions: `+ - * / % ^`, parentheses, signs, integers of any size, decimals.
///
/// Also read: `×` and `·` for `*`, `÷` for `/`, `−` for `-`, `**` for `^`. Values are exact rationals (`Rational`).
/// `%` is floor modulo, `^` is right associative and binds tighter than a sign in front (`-2^2 = -4`), exponents are
/// whole numbers (negative ones give fractions), `0^0 = 1`.
public struct Calculator: Sendable {
  public let limits: CalculatorLimits

  public init(limits: CalculatorLimits = CalculatorLimits()) {
    self.limits = limits
  }

  /// The exact value of an expression.
  public func value(of expression: String) throws(CalculatorError) -> Rational {
    let program = try CalculatorParser.parse(expression, limits: limits)
    var work = CalculatorWork(limits: limits)
    var stack: [Rational] = []
    for instruction in program {
      if case .push(let value) = instruction.operation {
        stack.append(value)
        continue
      }
      let b = stack.removeLast()
      if case .negate = instruction.operation {
        stack.append(-b)
        continue
      }
      let a = stack.removeLast()
      stack.append(try apply(instruction, a, b, &work))
    }
    return stack[0]
  }

  /// The value of an expression as the calculator shows it; see `text(for:)`.
  public func result(of expression: String) throws(CalculatorError) -> String {
    text(for: try value(of: expression))
  }

  private func apply(
    _ instruction: CalculatorInstruction, _ a: Rational, _ b: Rational, _ work: inout CalculatorWork
  ) throws(CalculatorError) -> Rational {
    let position = instruction.position
    switch instruction.operation {
    case .push, .negate: preconditionFailure("\(instruction.operation) takes no two operands")
    case .add:
      try work.chargeSum(a, b, at: position)
      return a + b
    case .subtract:
      try work.chargeSum(a, b, at: position)
      return a - b
    case .multiply:
      try work.chargeProduct(a, b, at: position)
      return a * b
    case .divide:
      guard !b.isZero else { throw .divisionByZero(position: position) }
      try work.chargeFraction(a, b, at: position)
      return a / b
    case .modulo:
      guard !b.isZero else { throw .divisionByZero(position: position) }
      if a.isInteger && b.isInteger {
        try work.chargeRemainder(a, b, at: position)
        return Self.integerModulo(a, b)
      }
      try work.chargeFraction(a, b, at: position)
      try work.chargeFraction(a, b, at: position)
      return a % b
    case .power:
      return try power(a, b, at: position, &work)
    }
  }

  private static func integerModulo(_ a: Rational, _ b: Rational) -> Rational {
    let remainder = a.numerator % b.numerator
    let isOtherSide = !remainder.isZero && remainder.sign != b.numerator.sign
    return Rational(isOtherSide ? remainder + b.numerator : remainder)
  }

  private func power(
    _ a: Rational, _ b: Rational, at position: Int, _ work: inout CalculatorWork
  ) throws(CalculatorError) -> Rational {
    guard b.isInteger else { throw .fractionalExponent(position: position) }
    if a.isZero && b.isNegative { throw .divisionByZero(position: position) }
    // 0, 1 and -1 stay small under any exponent, also under one that fits no machine integer.
    if a.isZero { return b.isZero ? .one : .zero }
    if a == .one { return .one }
    if a == -Rational.one { return b.numerator.magnitude.trailingZeroBitCount > 0 || b.isZero ? .one : a }
    guard let exponent = Int(exactly: b.numerator) else {
      throw .tooLarge(position: position, maxDigits: limits.maxDigits)
    }
    try work.chargePower(a, exponent.magnitude, at: position)
    let result = a.power(exponent)
    try work.check(result, at: position)
    return result
  }

  // MARK: Text

  /// How the calculator writes a value.
  ///
  /// Integers and finite decimals of up to `maxFractionDigits` digits after the point are exact: `12`, `-0.125`. Any
  /// other value is rounded half away from zero to `significantDigits` digits (more where its integer part has more) and
  /// marked: `≈ 0.333333333333`. Below 10^-20 that is written with an exponent: `≈ 1.3929555691e-24`.
  public func text(for value: Rational) -> String {
    if let digits = value.exactFractionDigits(limit: limits.maxFractionDigits) {
      return value.decimalText(fractionDigits: digits)
    }
    let exponent = value.decimalExponent
    if exponent < -20 {
      let mantissa = value * Rational(10).power(-exponent)
      let text = mantissa.decimalText(fractionDigits: limits.significantDigits - 1)
      // 9.99…9 may round up to 10.
      let isCarried = text.hasPrefix("10") || text.hasPrefix("-10")
      return "≈ \(isCarried ? (value.isNegative ? "-1" : "1") : text)e\(isCarried ? exponent + 1 : exponent)"
    }
    return "≈ " + value.decimalText(fractionDigits: max(0, limits.significantDigits - 1 - exponent))
  }
}
