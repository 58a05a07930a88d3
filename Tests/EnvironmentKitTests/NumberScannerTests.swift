import AgentTools
import Testing

@testable import EnvironmentKit

@Suite struct NumberScannerTests {
  @Test(
    "finds the numbers of a text",
    arguments: [
      ("", []), ("no number", []), ("42", ["42"]), ("The answer is 42.", ["42"]), ("-7", ["-7"]),
      ("is -0.50!", ["-1/2"]),
      ("1,234,567 apples", ["1234567"]), ("1,23", ["1", "23"]), ("1,2345", ["1", "2345"]), ("7-2=5", ["7", "2", "5"]),
      ("(3)-4", ["3", "4"]), ("3/4 or .75", ["3/4", "3/4"]), ("x2 y_3 4z", []), ("$12.50", ["25/2"]), ("−3", ["-3"]),
      ("1.2.3", ["6/5", "3/10"]), ("5/0", []), ("<b>9</b>", ["9"]), ("12.", ["12"]), ("00012", ["12"]),
    ])
  func scan(text: String, expected: [String]) {
    #expect(NumberScanner.numbers(in: text) == expected.map { Rational(decimal: $0) })
  }

  @Test("only the end of an endless answer is read")
  func endless() {
    let text = String(repeating: "1 ", count: 500_000) + "77"
    let numbers = NumberScanner.numbers(in: text)
    #expect(numbers.last == Rational(77))
    #expect(numbers.count < 10_000)
  }
}
