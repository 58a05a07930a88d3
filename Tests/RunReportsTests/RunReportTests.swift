import AgentCore
import Foundation
import Testing
import TrajectoryStore

@testable import RunReports

@Suite struct RunReportTests {
  private func report(_ course: SyntheticRun.Course, isFinished: Bool, steps: Int = 120) async throws -> String {
    let folder = try TemporaryFolder()
    let run = SyntheticRun(folder: RunFolder(folder.path), course: course, steps: steps)
    try await run.write(isFinished: isFinished)
    let path = try await RunReport(runFolder: folder.path).write()
    #expect(path == folder.file("report.html"))
    return try folder.text("report.html")
  }

  /// Tags of a page in order, without what is between them. A quoted attribute may hold anything.
  private func tags(_ html: String) -> [String] {
    html.replacing(/<(style|script)>[\s\S]*?<\/\1>/, with: "").matches(of: /<[\/!a-zA-Z](?:"[^"]*"|[^">])*>/)
      .map { String($0.output) }
  }

  /// The first tag that closes what is not open, or what stays open; nil if all match.
  private func imbalance(_ html: String) -> String? {
    var open: [Substring] = []
    for tag in tags(html) where !tag.hasPrefix("<!") && !tag.hasPrefix("<meta") && !tag.hasSuffix("/>") {
      let name = tag.dropFirst(tag.hasPrefix("</") ? 2 : 1).prefix { $0.isLetter || $0.isNumber }
      if !tag.hasPrefix("</") {
        open.append(name)
      } else if open.popLast() != name {
        return tag
      }
    }
    return open.last.map(String.init)
  }

  @Test("a finished run's report has the result, the curves, the episodes and the commands")
  func finished() async throws {
    let html = try await report(.learns, isFinished: true)
    for text in [
      "41.0% <span>→</span> 96.5%", "34.4% – 47.9%", "93.0% – 98.3%", "<dt>Seed</dt><dd>17</dd>", "<dd>3:07</dd>",
      "<b>Success</b>", "<b>Where the time goes</b>", "<b>Warm-up loss</b>", "First step · policy version 0",
      "Middle · policy version 60", "Last step · policy version 119", "Still failing in the last evaluation",
      "+0.900", "−0.700", "turn_return", "agentrl train /", "checkpoints/step-120", "normalise: group",
    ] {
      #expect(html.contains(text), "missing: \(text)")
    }
    #expect(imbalance(html) == nil)
  }

  @Test("recorded text is shown as text, and nothing is fetched from anywhere")
  func hostileText() async throws {
    let html = try await report(.learns, isFinished: true)
    #expect(html.contains("&lt;script&gt;document.title=&#39;broken&#39;&lt;/script&gt;&lt;img src=x"))
    #expect(!html.contains("<script>document") && !html.contains("<img") && !html.contains("\u{202E}"))
    #expect(!html.contains("\u{1B}") && html.contains("␛[31m"))
    for tag in tags(html) { #expect(!tag.contains("src=") && !tag.contains("href") && !tag.contains("://"), "\(tag)") }
    #expect(!html.contains("url(") && !html.contains("@import"))
  }

  @Test("an unfinished run has a report too, with how to go on")
  func unfinished() async throws {
    let html = try await report(.collapses, isFinished: false, steps: 100)
    #expect(html.contains("not finished") && html.contains("The run has not finished."))
    #expect(html.contains("--resume /") && html.contains("first and latest evaluation"))
    #expect(imbalance(html) == nil)
  }

  @Test("a run that has only just begun has a report, and a folder without a run is an error")
  func beginnings() async throws {
    let folder = try TemporaryFolder()
    let error = await #expect(throws: RunReportError.self) { try await RunReport(runFolder: folder.path).write() }
    #expect(error?.description.contains("not a run folder") == true)
    try folder.write("seed: 4\n", to: "recipe.yaml")
    let html = try await RunReport(runFolder: folder.path).html()
    #expect(html.contains("No step is recorded yet.") && html.contains("<dt>Seed</dt><dd>4</dd>"))
    try folder.write("{\"step\":0,\"reward_mean\":0.5}\n", to: "metrics.jsonl")
    #expect(imbalance(try await RunReport(runFolder: folder.path).html()) == nil)
    try folder.write("{\"steps\":", to: "summary.json")
    let broken = await #expect(throws: RunReportError.self) { try await RunReport(runFolder: folder.path).write() }
    #expect(broken?.description.hasPrefix(folder.file("summary.json")) == true)
  }

  @Test("writing again gives the same bytes")
  func determinism() async throws {
    let folder = try TemporaryFolder()
    try await SyntheticRun(folder: RunFolder(folder.path), steps: 20).write()
    let first = try await RunReport(runFolder: folder.path).html()
    #expect(try await RunReport(runFolder: folder.path).html() == first)
  }

  @Test("whatever character is shown, it cannot leave its place")
  func escaping() {
    for value in UInt32(0)...0x2100 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = String(Character(scalar))
      let html = "\(text)" as HTML
      let isPlain = !html.markup.contains { "<>\"'".contains($0) } && (text != "&" || html.markup == "&amp;")
      #expect(isPlain && (value >= 0x20 || text == "\n" || text == "\t" || html.markup != text), "U+\(value)")
    }
  }
}
