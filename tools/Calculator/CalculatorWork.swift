import BigInt

/// Bounds what an expression may cost: every operation is charged, from the sizes of its operands, before it is done.
///
/// The unit is one product of 64-bit words. The estimates are upper bounds: schoolbook products, and for the reduction
/// of a fraction the binary greatest common divisor, which takes one shift and one subtraction a bit.
struct CalculatorWork {
  private let limits: CalculatorLimits
  private let maxBits: Int
  private var remaining: Int

  init(limits: CalculatorLimits) {
    self.limits = limits
    // log2(10) < 3.3220.
    maxBits = limits.maxDigits * 33_220 / 10_000 + 1
    remaining = limits.maxWork
  }

  /// A sum or difference.
  mutating func chargeSum(_ a: Rational, _ b: Rational, at position: Int) throws(CalculatorError) {
    guard a.isInteger && b.isInteger else { return try chargeFraction(a, b, at: position) }
    try reserve(bits: max(a.numerator.bitWidth, b.numerator.bitWidth), at: position)
    try spend(Self.words(a.numerator) + Self.words(b.numerator), at: position)
  }

  /// A product.
  mutating func chargeProduct(_ a: Rational, _ b: Rational, at position: Int) throws(CalculatorError) {
    guard a.isInteger && b.isInteger else { return try chargeFraction(a, b, at: position) }
    try reserve(bits: a.numerator.bitWidth + b.numerator.bitWidth - 1, at: position)
    try spend(Self.words(a.numerator) * Self.words(b.numerator), at: position)
  }

  /// The remainder of two integers.
  mutating func chargeRemainder(_ a: Rational, _ b: Rational, at position: Int) throws(CalculatorError) {
    try spend(Self.words(a.numerator) * Self.words(b.numerator), at: position)
  }

  /// Refuses a result whose size could only be bounded within a factor of two beforehand.
  func check(_ result: Rational, at position: Int) throws(CalculatorError) {
    try reserve(bits: max(result.numerator.magnitude.bitWidth, result.denominator.magnitude.bitWidth), at: position)
  }

  /// An operation whose result has to be reduced.
  mutating func chargeFraction(_ a: Rational, _ b: Rational, at position: Int) throws(CalculatorError) {
    let bits = a.numerator.bitWidth + a.denominator.bitWidth + b.numerator.bitWidth + b.denominator.bitWidth
    try reserve(bits: bits, at: position)
    let words = bits / 64 + 1
    try spend(words * words + 2 * bits * words, at: position)
  }

  /// `a` to the power ±`exponent`.
  mutating func chargePower(_ a: Rational, _ exponent: UInt, at position: Int) throws(CalculatorError) {
    // |a|'s bit width less one, times the exponent, is below the result's: a lower bound that rejects before any work.
    let bits = max(a.numerator.magnitude.bitWidth, a.denominator.magnitude.bitWidth)
    let (least, overflow) = (bits - 1).multipliedReportingOverflow(by: Int(clamping: exponent))
    guard !overflow, least <= maxBits else { throw .tooLarge(position: position, maxDigits: limits.maxDigits) }
    let words = bits * Int(exponent) / 64 + 1
    try spend(2 * words * words, at: position)
  }

  private func reserve(bits: Int, at position: Int) throws(CalculatorError) {
    guard bits <= maxBits else { throw .tooLarge(position: position, maxDigits: limits.maxDigits) }
  }

  private mutating func spend(_ work: Int, at position: Int) throws(CalculatorError) {
    remaining -= work
    guard remaining >= 0 else { throw .tooMuchWork(position: position) }
  }

  private static func words(_ value: BigInt) -> Int { value.bitWidth / 64 + 1 }
}
