import TerminalOutput
import Testing

@Suite struct TerminalOutputTests {
  @Test("columns align whatever the characters are wide")
  func tableAlignment() {
    var table = TextTable([.left("name"), .right("success")])
    table.add(["plain", "3%"])
    table.add(["漢字 ⚙️", "100%"])
    table.add(["e\u{301}", "−1"])
    #expect(
      table.rendered() == """
        name     success
        ───────  ───────
        plain         3%
        漢字 ⚙️     100%
        e\u{301}             −1
        """)
  }

  @Test("a table that is too wide cuts its widest text, and foreign control characters do nothing")
  func tableLimits() {
    var table = TextTable([.left("text"), .right("n")])
    table.add(["a long sentence\u{1B}[31m\nand more of it", "1"])
    let text = table.rendered(maximumWidth: 20)
    #expect(text.split(separator: "\n").allSatisfy { TerminalText.width(String($0)) <= 20 })
    #expect(text.hasSuffix("a long sentence·…  1"))
    #expect(!text.contains("\u{1B}"))
    #expect(table.rendered(usesColour: true).hasPrefix("\u{1B}[2mtext"))
  }

  @Test(
    "numbers are short and never lie about their sign",
    arguments: [
      (0, "0"), (0.00000024, "2.4e-07"), (-0.0312, "-0.0312"), (0.5, "0.500"), (0.99951, "1.00"), (4.2, "4.20"),
      (131.4, "131"), (9_999, "9999"), (12_449, "12.4k"), (3_100_000, "3.10M"), (999_960, "1.00M"),
    ])
  func shortNumbers(value: Double, text: String) {
    #expect(NumberText.short(value) == text)
  }

  @Test("fixed numbers, percentages and durations")
  func otherNumbers() {
    #expect(NumberText.fixed(-0.004, 2) == "0.00")
    #expect(NumberText.fixed(1.995, 1) == "2.0")
    #expect(NumberText.signed(-0.5, 2) == "−0.50")
    #expect(NumberText.signed(0, 2) == "+0.00")
    #expect(NumberText.percent(0.9375) == "93.8%")
    #expect([8.24, 59.97, 187, 4329].map { NumberText.duration(seconds: $0) } == ["8.2 s", "1:00", "3:07", "1:12:09"])
  }

  @Test("text that could steer a terminal is shown, with its lines kept")
  func harmless() {
    #expect(TerminalText.harmless("a\u{1B}[31mb\nc\td\u{202E}") == "a\\u{1B}[31mb\nc\td\\u{202E}")
  }

  @Test("attributes are written only where colour is wanted")
  func styles() {
    #expect(Terminal(descriptor: 1, isTerminal: true, usesColour: true).styled("x", .red) == "\u{1B}[31mx\u{1B}[0m")
    #expect(Terminal(descriptor: 1, isTerminal: true, usesColour: false).styled("x", .red) == "x")
  }
}
