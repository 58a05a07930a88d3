import BigInt

/// An exact fraction of two integers of any size, always in lowest terms with a positive denominator.
///
/// Equal values have equal representations, so `==` and `hash(into:)` compare values. None of the operations bounds its
/// own cost: `Calculator` checks sizes before it calls them.
public struct Rational: Hashable, Sendable {
  public let numerator: BigInt
  /// Always > 0, and without a common factor with `numerator`.
  public let denominator: BigInt

  public static let zero = Rational(0)
  public static let one = Rational(1)

  public init(_ integer: BigInt) {
    numerator = integer
    denominator = 1
  }

  public init(_ integer: Int) {
    self.init(BigInt(integer))
  }

  /// The fraction `numerator / denominator`, reduced. The denominator must not be 0.
  public init(_ numerator: BigInt, over denominator: BigInt) {
    precondition(!denominator.isZero, "a fraction with denominator 0: \(numerator)/0")
    if denominator == 1 {
      self.init(reduced: numerator, over: 1)
      return
    }
    let divisor = BigInt(numerator.magnitude.greatestCommonDivisor(with: denominator.magnitude))
    let sign: BigInt = denominator.sign == .minus ? -1 : 1
    self.init(reduced: sign * numerator / divisor, over: sign * denominator / divisor)
  }

  /// `numerator / denominator`, which the caller knows to be in lowest terms with a positive denominator.
  init(reduced numerator: BigInt, over denominator: BigInt) {
    self.numerator = numerator
    self.denominator = denominator
  }

  public var isInteger: Bool { denominator == 1 }
  public var isZero: Bool { numerator.isZero }
  public var isNegative: Bool { numerator.sign == .minus }

  /// The largest integer that is not above this value: `floor(-7/2) = -4`.
  public var floor: BigInt {
    let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
    return remainder.sign == .minus && !remainder.isZero ? quotient - 1 : quotient
  }
}

extension Rational {
  public static prefix func - (value: Rational) -> Rational {
    Rational(reduced: -value.numerator, over: value.denominator)
  }

  public static func + (a: Rational, b: Rational) -> Rational {
    if a.isInteger && b.isInteger { return Rational(a.numerator + b.numerator) }
    return Rational(a.numerator * b.denominator + b.numerator * a.denominator, over: a.denominator * b.denominator)
  }

  public static func - (a: Rational, b: Rational) -> Rational { a + -b }

  public static func * (a: Rational, b: Rational) -> Rational {
    if a.isInteger && b.isInteger { return Rational(a.numerator * b.numerator) }
    return Rational(a.numerator * b.numerator, over: a.denominator * b.denominator)
  }

  /// The exact quotient. `b` must not be 0.
  public static func / (a: Rational, b: Rational) -> Rational {
    Rational(a.numerator * b.denominator, over: a.denominator * b.numerator)
  }

  /// Floor modulo, `a - b·floor(a/b)`: the result is 0 or has the sign of `b` (`-7 % 3 = 2`, `7.5 % 2 = 1.5`).
  /// `b` must not be 0.
  public static func % (a: Rational, b: Rational) -> Rational {
    a - b * Rational((a / b).floor)
  }

  /// This value to an integer power; `x.power(0) = 1` for every x. 0 has no negative power: a precondition.
  public func power(_ exponent: Int) -> Rational {
    precondition(exponent >= 0 || !isZero, "0 to the power \(exponent)")
    let top = Self.power(numerator, exponent.magnitude)
    let bottom = Self.power(denominator, exponent.magnitude)
    if exponent >= 0 { return Rational(reduced: top, over: bottom) }
    return top.sign == .minus ? Rational(reduced: -bottom, over: -top) : Rational(reduced: bottom, over: top)
  }

  /// Square and multiply from the highest bit down, so that no square larger than the result is computed.
  private static func power(_ base: BigInt, _ exponent: UInt) -> BigInt {
    if exponent == 0 || base == 1 { return 1 }
    if base.isZero { return 0 }
    if base == -1 { return exponent.isMultiple(of: 2) ? 1 : -1 }
    var result = base
    var bit = UInt.bitWidth - exponent.leadingZeroBitCount - 1
    while bit > 0 {
      bit -= 1
      result *= result
      if exponent >> UInt(bit) & 1 == 1 { result *= base }
    }
    return result
  }
}

extension Rational: Comparable {
  public static func < (a: Rational, b: Rational) -> Bool {
    a.numerator * b.denominator < b.numerator * a.denominator
  }
}
