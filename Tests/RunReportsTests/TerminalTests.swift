import Foundation
import Testing

@testable import RunReports

@Suite struct TerminalTests {
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

  private let progress = RunProgress(
    phase: .train, step: 30, totalSteps: 120, reward: 0.6251, success: 0.584, tokensPerSecond: 1234)

  @Test("the progress line says step, reward, success, speed and time left, and fits")
  func progressLine() {
    #expect(
      progress.line(timeLeft: .seconds(83), columns: 100) == """
        train  ━━━━━━──────────────────   30/120  reward 0.625  success 58.4%  tok/s 1.23k  left 1:23
        """)
    for columns in 10..<120 {
      let line = progress.line(timeLeft: .seconds(83), columns: columns)
      #expect(TerminalText.width(line) <= columns, "\(columns) columns: \(line)")
    }
  }

  @Test("colour adds attributes and nothing else")
  func colour() {
    let coloured = progress.line(timeLeft: nil, columns: 100, usesColour: true)
    let stripped = coloured.replacing(/\u{1B}\[[0-9]+m/, with: "")
    #expect(stripped == progress.line(timeLeft: nil, columns: 100))
    #expect(coloured != stripped)
  }

  /// What a progress line writes while a 5-step phase of 10 s a step goes by.
  private func output(isTerminal: Bool, plainInterval: Duration?) throws -> String {
    let pipe = Pipe()
    let terminal = Terminal(
      descriptor: pipe.fileHandleForWriting.fileDescriptor, isTerminal: isTerminal, usesColour: false)
    var line = ProgressLine(terminal: terminal, plainInterval: plainInterval)
    let start = ContinuousClock.now
    for step in 1...5 {
      line.update(RunProgress(phase: .train, step: step, totalSteps: 5), now: start + .seconds(10 * step))
    }
    line.endLine()
    try pipe.fileHandleForWriting.close()
    return String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  }

  @Test("where nobody watches, a plain line now and then and one at the end, or none at all")
  func plainOutput() throws {
    let lines = try output(isTerminal: false, plainInterval: .seconds(20)).split(separator: "\n")
    try #require(lines.count == 3)
    #expect(lines[0].hasSuffix("1/5"))
    #expect(lines[1].hasSuffix("3/5  left 20 s"))
    #expect(lines[2].hasSuffix("5/5  left 0.0 s"))
    #expect(try output(isTerminal: false, plainInterval: nil).isEmpty)
  }

  @Test("on a terminal the line is drawn over itself, and left whole at the end")
  func redrawnOutput() throws {
    let text = try output(isTerminal: true, plainInterval: nil)
    #expect(text.components(separatedBy: "\r\u{1B}[K").count == 6)
    #expect(text.filter { $0 == "\n" }.count == 1)
    #expect(text.hasSuffix("5/5  left 0.0 s\n"))
  }
}
