import Foundation
import TerminalOutput
import Testing

@testable import RunReports

@Suite struct ProgressLineTests {
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
    let folder = try TemporaryFolder()
    try folder.write("", to: "output")
    let file = try #require(FileHandle(forWritingAtPath: folder.file("output")))
    let terminal = Terminal(descriptor: file.fileDescriptor, isTerminal: isTerminal, usesColour: false)
    var line = ProgressLine(terminal: terminal, plainInterval: plainInterval)
    let start = ContinuousClock.now
    for step in 1...5 {
      line.update(RunProgress(phase: .train, step: step, totalSteps: 5), now: start + .seconds(10 * step))
    }
    line.endLine()
    try file.close()
    return try folder.text("output")
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
