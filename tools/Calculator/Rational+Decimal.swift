import BigInt

extension Rational {
  /// The value of a plain decimal numeral: digits, optionally a sign in front and a fraction after a point
  /// (`12`, `-0.50`, `.5`, `5.`), and optionally a slash with a second such numeral (`3/4`). Exact.
  ///
  /// Returns nil for anything else, for a zero after the slash, and for more than `maxDigits` digits: reading costs the
  /// square of the number of digits.
  public init?(decimal text: some StringProtocol, maxDigits: Int = 10_000) {
    let utf8 = Array(text.utf8)
    guard utf8.count <= maxDigits + 4 else { return nil }
    if let slash = utf8.firstIndex(of: UInt8(ascii: "/")) {
      guard
        let top = Self.numeral(utf8[..<slash]), let bottom = Self.numeral(utf8[(slash + 1)...]), !bottom.isZero
      else { return nil }
      self = top / bottom
      return
    }
    guard let value = Self.numeral(utf8[...]) else { return nil }
    self = value
  }

  private static func numeral(_ bytes: ArraySlice<UInt8>) -> Rational? {
    var digits = bytes
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
    let parts = digits.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    let whole = parts[0]
    let fraction = parts.count == 2 ? parts[1] : []
    let all = whole + fraction
    guard !all.isEmpty, all.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    guard let magnitude = BigUInt(String(decoding: all, as: UTF8.self)) else { return nil }
    let value = BigInt(sign: isNegative ? .minus : .plus, magnitude: magnitude)
    return fraction.isEmpty
      ? Rational(value) : Rational(value, over: BigInt(BigUInt(10).power(fraction.count)))
  }

  /// The number of digits after the point that write this value exactly, or nil where no finite decimal does or where it
  /// takes more than `limit` digits.
  func exactFractionDigits(limit: Int) -> Int? {
    // b = 2^i·5^j writes a/b exactly in max(i, j) digits.
    let twos = denominator.magnitude.trailingZeroBitCount
    guard twos <= limit else { return nil }
    var rest = denominator.magnitude >> twos
    var fives = 0
    while rest != 1 {
      let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 5)
      guard remainder.isZero, fives < limit else { return nil }
      rest = quotient
      fives += 1
    }
    return max(twos, fives)
  }

  /// This value with `fractionDigits` digits after the point, rounded half away from zero; trailing zeros are dropped.
  func decimalText(fractionDigits: Int) -> String {
    let scale = BigUInt(10).power(fractionDigits)
    let (quotient, remainder) = (numerator.magnitude * scale).quotientAndRemainder(dividingBy: denominator.magnitude)
    let rounded = remainder << 1 >= denominator.magnitude ? quotient + 1 : quotient
    var digits = String(rounded)
    if fractionDigits > 0 {
      if digits.utf8.count <= fractionDigits {
        digits = String(repeating: "0", count: fractionDigits + 1 - digits.utf8.count) + digits
      }
      digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -fractionDigits))
      while digits.utf8.last == UInt8(ascii: "0") { digits.removeLast() }
      if digits.utf8.last == UInt8(ascii: ".") { digits.removeLast() }
    }
    return isNegative && !rounded.isZero ? "-" + digits : digits
  }

  /// The decimal exponent of the leading digit: the e with `10^e ≤ |value| < 10^(e+1)`. The value must not be 0.
  var decimalExponent: Int {
    precondition(!isZero, "0 has no leading digit")
    let top = String(numerator.magnitude)
    let bottom = String(denominator.magnitude)
    let guess = top.utf8.count - bottom.utf8.count
    let (a, b) = (numerator.magnitude, denominator.magnitude)
    let isReached =
      guess >= 0 ? a >= b * BigUInt(10).power(guess) : a * BigUInt(10).power(-guess) >= b
    return isReached ? guess : guess - 1
  }
}
