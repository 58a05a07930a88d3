import Testing

@testable import Sandbox

@Suite struct ExecutionRequestTests {
  @Test(
    "a file name that could lead out of the work directory, or is none, is refused",
    arguments: [
      "", "/etc/passwd", "../x", "a/../../x", "a//b", ".", "a/.", "a/", "x\0y", String(repeating: "n", count: 256),
      String(repeating: "a/", count: 40) + "b", String(repeating: "abcdefgh/", count: 120) + "b",
    ])
  func badName(_ name: String) {
    #expect(SandboxFile.problem(withName: name) != nil)
  }

  @Test("plain names are fine", arguments: ["a", "data/points.csv", "...", ".hidden", "späße.txt", "a b", "x*"])
  func goodName(_ name: String) {
    #expect(SandboxFile.problem(withName: name) == nil)
  }

  @Test("a name that comes twice, or is a file and a folder, is refused")
  func clashes() {
    #expect(SandboxFile.problem(with: ["a", "b", "a"])?.contains("twice") == true)
    #expect(SandboxFile.problem(with: ["a/b", "a"])?.contains("a file and a folder") == true)
    #expect(SandboxFile.problem(with: ["a/b/c", "a/b"])?.contains("`a/b`") == true)
    #expect(SandboxFile.problem(with: ["a/b", "a/c", "ab"]) == nil)
  }

  @Test("too large a program, input, list of files or arguments is refused with its limit")
  func sizes() {
    var limits = ExecutionLimits(programBytes: 10, inputBytes: 20)
    func problem(_ request: ExecutionRequest) -> String? { request.problem(under: limits, programFile: "main.c") }
    #expect(problem(ExecutionRequest(language: "c", code: "0123456789")) == nil)
    #expect(problem(ExecutionRequest(language: "c", code: "0123456789x"))?.contains("at most 10") == true)
    #expect(problem(ExecutionRequest(language: "c", code: "", input: Array(repeating: 0, count: 21))) != nil)
    let files = [SandboxFile(name: "a", contents: Array(repeating: 0, count: 15))]
    #expect(
      problem(ExecutionRequest(language: "c", code: "", input: Array(repeating: 0, count: 6), files: files)) != nil)
    let program = [SandboxFile(name: "main.c", text: "x")]
    #expect(problem(ExecutionRequest(language: "c", code: "", files: program))?.contains("twice") == true)
    limits.workFiles = 16
    let many = (0..<16).map { SandboxFile(name: "f\($0)", contents: []) }
    #expect(problem(ExecutionRequest(language: "c", code: "", files: many))?.contains("at most 15") == true)
    #expect(problem(ExecutionRequest(language: "c", code: "", arguments: ["a\0b"]))?.contains("NUL") == true)
    #expect(problem(ExecutionRequest(language: "c", code: "", collect: ["../*"])) != nil)
  }

  @Test("limits outside their ranges are refused, by name")
  func limits() {
    #expect(ExecutionLimits().problem == nil)
    #expect(ExecutionLimits(wall: .zero).problem?.contains("wall time") == true)
    #expect(ExecutionLimits(cpu: .seconds(100_000)).problem?.contains("processor time") == true)
    #expect(ExecutionLimits(memoryBytes: 1).problem?.contains("memory") == true)
    #expect(ExecutionLimits(outputBytes: -1).problem?.contains("output") == true)
    #expect(ExecutionLimits(processes: 0).problem?.contains("processes") == true)
  }

  @Test("bytes that are no text are replaced and flagged; a character cut by the limit is neither")
  func text() {
    func read(_ bytes: [UInt8], _ isTruncated: Bool) -> (text: String, isInvalid: Bool) {
      ExecutionResult.text(bytes[...], isTruncated: isTruncated)
    }
    #expect(read(Array("é".utf8), false) == ("é", false))
    #expect(read([65, 0xFF, 66], false) == ("A\u{FFFD}B", true))
    #expect(read(Array("ab€".utf8.dropLast()), true) == ("ab", false))
    #expect(read(Array("ab€".utf8.dropLast()), false) == ("ab\u{FFFD}", true))
    #expect(read([65, 0xFF], true) == ("A\u{FFFD}", true))
    for length in 0..<12 { #expect(!read(Array("aé€😀bc".utf8.prefix(length)), true).isInvalid) }
  }
}
