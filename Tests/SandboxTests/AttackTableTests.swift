import Foundation
import Testing

/// docs/sandbox-attacks.md is made from the attacks' headers.
@Suite struct AttackTableTests {
  static let begin = "<!-- made from Tests/SandboxTests/Attacks by AttackTableTests -->\n"

  @Test func `the table of attacks says what the attacks' headers say`() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("docs/sandbox-attacks.md")
    let old = try String(contentsOf: file, encoding: .utf8)
    let head = try #require(old.range(of: Self.begin), "docs/sandbox-attacks.md has no line \(Self.begin)")
    let new = old[..<head.upperBound] + (try table())
    if ProcessInfo.processInfo.environment["AGENTENV_TEST_WRITE_DOCS"] != nil {
      try new.write(to: file, atomically: true, encoding: .utf8)
    } else {
      let lines = (new: new.split(separator: "\n"), old: old.split(separator: "\n"))
      let difference = zip(lines.new, lines.old).first { $0 != $1 }?.0
      #expect(difference == nil, "run this test with AGENTENV_TEST_WRITE_DOCS=1 to write the table anew")
      #expect(lines.new.count == lines.old.count, "run this test with AGENTENV_TEST_WRITE_DOCS=1")
    }
  }

  private func table() throws -> String {
    let attacks = try AttackProgram.all()
    let groups = Dictionary(grouping: attacks, by: \.group).sorted { $0.key < $1.key }
    let cases = attacks.reduce(0) { $0 + $1.variants.count }
    var lines = ["\(attacks.count) attacks, \(cases) cases with their variants.", ""]
    for (group, attacks) in groups {
      lines += ["## \(group)", "", "| attack | tries | stopped by | modes |", "|---|---|---|---|"]
      lines += attacks.map { attack in
        let name = attack.name.dropFirst(group.count + 1)
        let count = attack.variants.count > 1 ? " (\(attack.variants.count))" : ""
        let modes = attack.modes.count > 1 ? "both" : attack.modes[0].rawValue
        let waiver = attack.waiver.map { "; open where `\($0)` is reported" } ?? ""
        return "| [\(name)](../Tests/SandboxTests/Attacks/\(attack.name))\(count) | \(attack.attempt) | "
          + "\(attack.defence)\(waiver) | \(modes) |"
      }
      lines.append("")
    }
    return lines.joined(separator: "\n")
  }
}
