import AgentCore
import Sandbox
import Testing

@testable import AgentTools

@Suite(SandboxForTests.isAvailable, .serialized) struct AssertionTestsTests {
  private func report(
    _ solution: String, _ tests: AssertionTests, timeout: Duration = .seconds(30)
  ) async throws -> CodeTestReport {
    var limits = CodeTestLimits(deadline: .now + .seconds(120))
    limits.timeout = timeout
    return try await tests.report(on: solution, in: SandboxForTests.shared, limits: limits)
  }

  private func verdicts(_ solution: String, _ code: String) async throws -> [Bool] {
    let report = try await report(solution, AssertionTests(codes: [code]))
    return report.results.map(\.isPassed)
  }

  // MARK: Good solutions pass, wrong ones do not

  @Test("each assertion is a test, and data crosses by value")
  func assertions() async throws {
    let solution = """
      def add(a, b): return a + b
      def same(*a, **k): return a, k
      """
    let tests = """
      five = add(2, 3)
      assert five == 5
      assert add(2, 3) == 6
      assert add("å🙂", "b") == "å🙂b" and add([1], [2.5]) == [1, 2.5]
      assert same(None, True, b"x", 1j, {1}, frozenset([2]), range(3), 2**70, k={"a": (1,)}) == \\
          ((None, True, b"x", 1j, {1}, frozenset([2]), range(3), 2**70), {"k": {"a": (1,)}})
      assert type(add(1, 2)) is int and isinstance(same(), tuple)
      """
    #expect(try await verdicts(solution, tests) == [true, false, true, true, true])
  }

  @Test("a list of codes is a test each, with what they share")
  func list() async throws {
    let tests = AssertionTests(
      codes: ["assert f(1) == one", "assert f(2) == one"], setup: "one = 1\ndef helper(): return one")
    let report = try await report("def f(x): return x", tests)
    #expect(report.results.map(\.isPassed) == [true, false])
    #expect(report.results.map(\.name) == ["test 1", "test 2"])
    #expect(report.results[1].reason == "AssertionError")
    #expect(report.isolation != nil)
    #expect(report.passed == 1)
  }

  @Test("a check of a candidate is given the entry point")
  func check() async throws {
    let code = "def check(candidate):\n    assert candidate([3, 1]) == [1, 3]\n"
    let good = try await report("def f(x): return sorted(x)", AssertionTests(codes: [code], entryPoint: "f"))
    #expect(good.results.map(\.isPassed) == [true])
    let absent = try await report("def g(x): return sorted(x)", AssertionTests(codes: [code], entryPoint: "f"))
    #expect(absent.results.map(\.isPassed) == [false])
  }

  @Test("test functions and classes are a test each")
  func functions() async throws {
    let solution = """
      class Empty(IndexError): pass
      class Stack:
          def __init__(self): self.items = []
          def push(self, x): self.items.append(x)
          def pop(self):
              if not self.items: raise Empty("nothing there", 7)
              return self.items.pop()
          def __len__(self): return len(self.items)
          def __iter__(self): return iter(self.items)
      def numbers():
          yield 1
          yield 2
      def twice(f, x): return f(f(x))
      """
    let tests = """
      import pytest
      import unittest
      from solution import Stack as S

      def test_stack():
          s = Stack()
          s.push((1, {2: 3}))
          assert len(s) == 1 and list(s) == [(1, {2: 3})] and s
          assert s.pop() == (1, {2: 3})
          with pytest.raises(Empty, match="nothing") as info:
              s.pop()
          assert info.value.args == ("nothing there", 7)
          with pytest.raises(IndexError):
              s.pop()
          s.name = "x"
          assert s.name == "x" and isinstance(s, S) and not isinstance(3, S)

      def test_wrong():
          assert Stack().pop() == 1

      def test_functions_cross():
          seen = []
          assert twice(lambda x: (seen.append(x), x + 1)[1], 3) == 5
          assert seen == [3, 4] and twice(abs, -3) == 3
          assert list(numbers()) == [1, 2] and 2 in numbers() and 3 not in numbers()

      @pytest.mark.parametrize("a, b", [(1, 2), (3, 4)])
      def test_cases(a, b):
          assert twice(lambda x: x + b - a, a) == a + 2

      class TestMore(unittest.TestCase):
          def setUp(self): self.stack = Stack()
          def test_right(self): self.assertEqual(len(self.stack), 0)
          def test_wrong(self): self.assertEqual(len(self.stack), 1)
      """
    let report = try await report(solution, AssertionTests(codes: [tests]))
    #expect(
      report.results.map { "\($0.name) \($0.isPassed)" } == [
        "test_stack true", "test_wrong false", "test_functions_cross true", "test_cases true",
        "TestMore.test_right true", "TestMore.test_wrong false",
      ])
  }

  @Test("coroutines are awaited, and objects say what they are")
  func coroutines() async throws {
    let solution = """
      import asyncio
      async def double(x):
          await asyncio.sleep(0.001)
          return x * 2
      class Point:
          def __repr__(self): return "Point()"
          def __enter__(self): return 5
          def __exit__(self, *a): return True
      def raised(): raise KeyError("k")
      """
    let tests = """
      import asyncio
      async def test_await():
          assert await double(2) == 4
          assert await asyncio.gather(double(1), double(2)) == [2, 4]
      def test_run():
          assert asyncio.run(double(3)) == 6
      def test_text():
          assert repr(Point()) == str(Point()) == f"{Point()}" == "Point()"
          assert Point() != Point()
      def test_with():
          with Point() as five:
              assert five == 5
          with pytest.raises(ValueError):
              with Point():
                  raise ValueError
      def test_modules():
          assert math.isclose(asyncio.run(double(0.15)), 0.3) and re.match("a", "ab")
      def test_wrong():
          assert asyncio.run(double(3)) == 7
      """
    let report = try await report(solution, AssertionTests(codes: [tests]))
    #expect(report.results.map(\.isPassed) == [true, true, true, true, true, false])
  }

  @Test("what a call does to its arguments is seen only where the tests ask for it")
  func mutation() async throws {
    let code = "a = [3, 1]\narrange(a)\nassert a == [1, 3]"
    let solution = "def arrange(x): x.sort()"
    #expect(try await report(solution, AssertionTests(codes: [code])).passed == 0)
    #expect(try await report(solution, AssertionTests(codes: [code], showsMutations: true)).passed == 1)
  }

  @Test("a solution that cannot be loaded passes nothing")
  func unloadable() async throws {
    for solution in ["def f(", "raise ValueError('no')", "import os; os._exit(0)", "import sys; sys.exit(0)", ""] {
      let report = try await report(solution, AssertionTests(codes: ["assert f() == 1", "assert f() != 1"]))
      #expect(report.results.map(\.isPassed) == [false, false], "\(solution)")
      #expect(!report.results[0].reason.isEmpty)
    }
  }

  @Test("tests that are wrong themselves are an error")
  func badTests() async throws {
    let error = await #expect(throws: CodeTestError.self) {
      try await report("", AssertionTests(codes: ["assert f("]))
    }
    #expect(error?.description.contains("SyntaxError") == true)
  }

  @Test("each test meets the solution as it was loaded")
  func freshState() async throws {
    let solution = "count = 0\ndef f():\n    global count\n    count += 1\n    return count"
    #expect(try await verdicts(solution, "assert f() == 1\nassert f() == 1\nassert f() == 2") == [true, true, false])
  }

  @Test("a slow solution fails its test and no other")
  func slow() async throws {
    let solution = "def f(x):\n    while x: pass\n    return 1"
    let report = try await report(
      solution, AssertionTests(codes: ["assert f(0) == 1", "assert f(1) == 1", "assert f(0) == 1"]),
      timeout: .seconds(2))
    #expect(report.results.map(\.isPassed) == [true, false, true])
    #expect(report.results[1].reason.contains("timeout"))
  }
}
