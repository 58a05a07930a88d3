import AgentCore
import Sandbox
import Testing

@testable import AgentTools

@Suite struct OutputComparisonTests {
  @Test(
    "what is the same",
    arguments: [
      (OutputComparison.exact, "a\n", "a\n", true), (.exact, "a", "a\n", false), (.exact, "é", "e\u{301}", false),
      (.whitespace, " 1  2\n3\n", "1 2 3", true), (.whitespace, "12", "1 2", false), (.whitespace, "", " \n", true),
      (.whitespace, "1.0", "1", false), (.numeric(tolerance: 1e-6), "x 1.0", "x 1", true),
      (.numeric(tolerance: 1e-6), "0.3333333", "0.33333333333", true),
      (.numeric(tolerance: 1e-6), "0.333", "0.3333", false),
      (.numeric(tolerance: 1e-6), "1000000.5", "1000000", true), (.numeric(tolerance: 1e-6), "nan", "1", false),
      (.numeric(tolerance: 1e-6), "inf", "1", false), (.numeric(tolerance: 1e-6), "yes", "Yes", false),
    ])
  func same(comparison: OutputComparison, output: String, expected: String, isSame: Bool) {
    #expect(comparison.accepts(output, for: expected) == isSame)
  }
}

@Suite(SandboxForTests.isAvailable) struct OutputTestsTests {
  private func report(_ program: String, _ cases: [(String, String)], language: String = "python") async throws
    -> CodeTestReport
  {
    var limits = CodeTestLimits(deadline: .now + .seconds(120))
    limits.timeout = .seconds(2)
    let tests = OutputTests(cases: cases.map { OutputTests.Case(input: $0.0, output: $0.1) }, language: language)
    return try await tests.report(on: program, in: SandboxForTests.shared, limits: limits)
  }

  @Test("each input is a run of its own, in the order of the cases")
  func cases() async throws {
    let cases = (0..<10).map { ("\($0)\n", $0 == 7 ? "wrong" : "\($0 * $0)") }
    let report = try await report("print(int(input()) ** 2)", cases)
    #expect(report.results.map(\.name) == (1...10).map { "case \($0)" })
    #expect(report.results.map(\.isPassed) == (0..<10).map { $0 != 7 })
    #expect(report.results[7].reason.contains("printed 49"))
    #expect(report.isolation != nil)
    #expect(try await self.report("read x; echo $((x + 1))", [("1", "2")], language: "bash").passed == 1)
  }

  @Test("a program that fails, hangs or floods passes nothing, even if it printed the answer")
  func failures() async throws {
    for program in [
      "print(4); raise ValueError", "print(4, flush=True)\nwhile True: pass", "print(4)\nprint('x' * 10**7)",
      "import os\nprint(4, flush=True)\nos.kill(os.getpid(), 11)", "print('5')", "",
    ] {
      let report = try await report(program, [("", "4")])
      #expect(report.results.map(\.isPassed) == [false], "\(program)")
      #expect(!report.results[0].reason.isEmpty)
    }
  }

  @Test("what is expected is nowhere in the sandbox")
  func secret() async throws {
    let program = """
      import gc, os
      mark = ''.join(['se', 'cr', 'et'])
      seen = [repr(x) for x in gc.get_objects() if type(x) in (str, list, dict, tuple)] + [str(dict(os.environ))]
      for folder, _, files in os.walk('/box'):
          for name in files: seen.append(open(folder + '/' + name, errors='replace').read())
      found = [x[x.index(mark) : x.index(mark) + 9] for x in seen if mark + '-' in x]
      print(found[0] if found else 'nothing')
      """
    #expect(try await report(program, [("", "secret-42")]).passed == 0)
  }
}
