import AgentCore
import BigInt
import Foundation
import Testing

@testable import AgentTools

@Suite struct CalculatorTests {
  let calculator = Calculator()

  private func error(_ expression: String) -> CalculatorError? {
    do {
      _ = try calculator.result(of: expression)
      return nil
    } catch {
      return error
    }
  }

  @Test("600 random expressions have the values and texts that Python's fractions give")
  func agreesWithPython() throws {
    let file = try #require(Bundle.module.url(forResource: "Fixtures/calculator", withExtension: "json"))
    let cases = try #require(try JSONValue(parsing: Array(Data(contentsOf: file))).arrayValue)
    #expect(cases.count == 600)
    for one in cases {
      let expression = try #require(one["expression"]?.stringValue)
      let value = try calculator.value(of: expression)
      #expect("\(value.numerator)/\(value.denominator)" == one["value"]?.stringValue, "\(expression)")
      #expect(calculator.text(for: value) == one["text"]?.stringValue, "\(expression)")
    }
  }

  @Test(
    "defined corner cases",
    arguments: [
      ("2^3^2", "512"), ("-2^2", "-4"), ("(-2)^2", "4"), ("2^-2", "0.25"), ("0^0", "1"), ("--3", "3"), ("+-+3", "-3"),
      ("-7%3", "2"), ("7%-3", "-2"), ("-7.5 % 2", "0.5"), ("6%3", "0"), ("7%2.5", "2"), ("1/3", "≈ 0.333333333333"),
      ("2/3", "≈ 0.666666666667"), ("-2/3", "≈ -0.666666666667"), ("0.1+0.2", "0.3"), ("1/8", "0.125"), ("5.", "5"),
      (".5", "0.5"), ("12÷4×3−1", "8"), ("2**10", "1024"), ("(1)**2", "1"), ("1/3*3", "1"), ("-0", "0"),
      ("1/3^50", "≈ 1.3929555691e-24"), ("10^20+1/3", "≈ 100000000000000000000"),
      ("1/2^30", "0.000000000931322574615478515625"),
      ("1^99999999999999999999", "1"), ("(-1)^99999999999999999999", "-1"), ("0^99999999999999999999", "0"),
      ("9999999999999/3/10^13", "0.3333333333333"), ("(10^30-1)/(3*10^60)", "≈ 3.33333333333e-31"),
      ("-(10^14-1)/(10^36-1)", "≈ -1e-22"), ("  1 +\t2\n", "3"),
    ])
  func corners(expression: String, text: String) throws {
    #expect(try calculator.result(of: expression) == text)
  }

  @Test(
    "errors say what and where",
    arguments: [
      ("1/0", CalculatorError.divisionByZero(position: 2)),
      ("5%(3-3)", .divisionByZero(position: 2)),
      ("0^-1", .divisionByZero(position: 2)),
      ("2^0.5", .fractionalExponent(position: 2)),
      ("", .syntax(position: 1, problem: "the expression ends where a number or '(' should be")),
      ("1+", .syntax(position: 3, problem: "the expression ends where a number or '(' should be")),
      ("(1+2", .syntax(position: 1, problem: "this '(' is never closed")),
      ("1+2)", .syntax(position: 4, problem: "unexpected ')', there is no '(' for it")),
      ("2(3)", .syntax(position: 2, problem: "unexpected '(', an operator is missing before it")),
      ("1 2", .syntax(position: 3, problem: "unexpected '2', an operator is missing before it")),
      ("1,234", .syntax(position: 2, problem: "unexpected ',', write numbers without commas")),
      ("2+2=", .syntax(position: 4, problem: "unexpected '=', give the expression alone, without '='")),
      ("3x4", .syntax(position: 2, problem: "unexpected 'x', write * for multiplication")),
      ("1.2.3", .syntax(position: 1, problem: "'1.2.3' is not a number")),
      (".", .syntax(position: 1, problem: "'.' is not a number")),
      ("é+1", .syntax(position: 1, problem: "unexpected 'é', expected a number or '('")),
      ("1/0+(", .syntax(position: 6, problem: "the expression ends where a number or '(' should be")),
    ])
  func errors(expression: String, expected: CalculatorError) {
    #expect(error(expression) == expected)
  }

  @Test(
    "what would be too large is refused before it is computed",
    arguments: [
      "9^9^9^9", "9^(9^9)", "2^99999", "10^10001", "(1/3)^99999", "10^9999*10^9999", "2^99999999999999999999",
      "7^-999999999", "10^9999*1000",
    ])
  func tooLarge(expression: String) {
    let clock = ContinuousClock()
    var found: CalculatorError?
    let time = clock.measure { found = error(expression) }
    guard case .tooLarge = found else {
      Issue.record("\(expression): \(String(describing: found))")
      return
    }
    // Not a speed test: computing any of these would take minutes to forever.
    #expect(time < .seconds(2))
  }

  @Test("the largest values that are allowed are computed and written in full")
  func largest() throws {
    #expect(try calculator.result(of: "10^9999").utf8.count == 10_000)
    #expect(try calculator.result(of: "10^9999+10^9999") == "2" + String(repeating: "0", count: 9999))
    let nines = String(repeating: "9", count: 900)
    #expect(try calculator.value(of: "\(nines)*\(nines)").numerator == (BigInt(10).power(900) - 1).power(2))
  }

  @Test("nesting, length and work are bounded")
  func bounds() {
    let deep = String(repeating: "(", count: 500) + "1" + String(repeating: ")", count: 500)
    #expect(error(deep) == .tooDeep(position: 101, limit: 100))
    #expect(error(String(repeating: "-", count: 500) + "1") == .tooDeep(position: 101, limit: 100))
    guard case .tooDeep = error(String(repeating: "1^", count: 500) + "1") else {
      Issue.record("a tower of exponents is not bounded")
      return
    }
    #expect(error(String(repeating: "1+", count: 5000) + "1") == .tooLong(characters: 10_001, limit: 2000))
    #expect(error(String(repeating: "1+", count: 999) + "1") == nil)
  }

  @Test("any text gives a value or an error, quickly")
  func fuzz() {
    var random = RandomStream(seed: 7, purpose: "calculator fuzz")
    let alphabet = Array("0123456789.+-*/%^() ×÷−=,xe\u{0}\u{301}é🙂\n")
    for round in 0..<3000 {
      let length = random.below(round.isMultiple(of: 100) ? 1500 : 40)
      let text = String((0..<length).map { _ in alphabet[random.below(alphabet.count)] })
      let time = ContinuousClock().measure { _ = error(text) }
      #expect(time < .seconds(5), "\(text)")
    }
  }

  @Test("a heavy expression stops at the work limit")
  func work() {
    let heavy = Array(repeating: "(7^9000%3^9000)", count: 120).joined(separator: "+")
    #expect(heavy.count <= 2000)
    let time = ContinuousClock().measure { _ = error(heavy) }
    #expect(time < .seconds(10))
    let fractions = Array(repeating: "7^2500/3^4500", count: 120).joined(separator: "+")
    guard case .tooMuchWork = error(fractions) else {
      Issue.record("\(String(describing: error(fractions)))")
      return
    }
  }
}

@Suite struct RationalTests {
  @Test("equal values are equal however they are written")
  func canonical() {
    #expect(Rational(decimal: "0.50") == Rational(decimal: "1/2"))
    #expect(Rational(decimal: "-.5") == Rational(BigInt(2), over: BigInt(-4)))
    #expect(Rational(decimal: "+5.") == Rational(5))
    #expect(Rational(decimal: "6/4")?.denominator == 2)
  }

  @Test("what is no number is nil", arguments: ["", "-", ".", "1e5", "1 2", "--1", "1/0", "1/", "/2", "0x1", "١"])
  func notNumbers(text: String) {
    #expect(Rational(decimal: text) == nil)
  }

  @Test("a number with too many digits is not read")
  func tooLong() {
    #expect(Rational(decimal: String(repeating: "9", count: 10_005)) == nil)
  }
}
