import AgentCore
import Sandbox
import Testing

@testable import AgentTools

/// Solutions that want to pass tests without solving anything.
@Suite(SandboxForTests.isAvailable, .serialized) struct HostileSolutionTests {
  /// `f()` should give 5.
  private func passed(_ solution: String, _ codes: [String]) async throws -> [String] {
    var limits = CodeTestLimits(deadline: .now + .seconds(120))
    limits.timeout = .seconds(2)
    let report = try await AssertionTests(codes: codes).report(
      on: solution, in: SandboxForTests.shared, limits: limits)
    #expect(report.results.count == codes.count)
    return zip(codes, report.results).filter(\.1.isPassed).map(\.0)
  }

  private static let yesToEverything = """
    class Yes:
        def __eq__(self, other): return True
        def __ne__(self, other): return False
        def __lt__(self, other): return True
        __gt__ = __le__ = __ge__ = __lt__
        def __sub__(self, other): return 0
        __rsub__ = __add__ = __radd__ = __mul__ = __mod__ = __sub__
        def __abs__(self): return 0
        def __contains__(self, x): return True
        def __hash__(self): return hash(5)
        def __iter__(self): return iter([Yes()])
        def __getitem__(self, key): return Yes()
        def __getattr__(self, name): return Yes()
        def __call__(self, *a, **k): return Yes()
        def __len__(self): return 1
        def __float__(self): return 1.0
        __class__ = int
    def f(*a, **k): return Yes()
    def g(*a, **k): return [Yes()]
    class I(int):
        def __eq__(self, other): return True
        __hash__ = int.__hash__
    def i(*a): return I(7)
    class S(str):
        def __eq__(self, other): return True
        __hash__ = str.__hash__
    def s(*a): return S("no")
    """

  @Test("an object that is equal to everything is equal to nothing")
  func equality() async throws {
    let codes = [
      "assert f() == 5", "assert 5 == f()", "assert not f() != 5", "assert abs(f() - 5) < 1e-6", "assert 3 < f() < 7",
      "assert 5 in f()", "assert f() in [5, 6]", "assert f() in {5}", "assert {5: True}[f()]", "assert g() == [5]",
      "assert sorted(g()) == [5]", "assert isinstance(f(), int)", "assert max(f(), 5) == 5",
      "import pytest\nassert f() == pytest.approx(5)", "import math\nassert math.isclose(f(), 5)",
      "import unittest\nunittest.TestCase().assertEqual(f(), 5)",
      "import unittest\nunittest.TestCase().assertAlmostEqual(f(), 5)",
      "import unittest\nunittest.TestCase().assertIn(5, f())", "assert str(f()) == '5'", "assert tuple(f()) == (5,)",
      "assert f()[0] == 5", "assert f().x.y() == 5", "assert f() is True", "assert f() % 5 == 0",
      "assert all(x == 5 for x in f())", "assert i() == 5", "assert 5 == i()", "assert s() == 'yes'",
      "assert [5] == [i()]", "assert f() <= 5 and f() >= 5", "assert sum([f(), 5]) == 10", "assert f() == f.x == 5",
    ]
    #expect(try await passed(Self.yesToEverything, codes) == [])
  }

  @Test(
    "a solution that attacks its tests passes none",
    arguments: [
      // Ends, hangs, breaks.
      "import os\ndef f(): os._exit(0)", "def f(): raise SystemExit(0)", "def f(): raise KeyboardInterrupt",
      "def f():\n    while True: pass", "import time\ndef f(): time.sleep(1000)", "def f(): return f()",
      "import sys\nsys.setrecursionlimit(10**8)\ndef f(): return f()",
      "import os\ndef f():\n    while True: os.fork()",
      "import os, signal\ndef f(): os.kill(os.getpid(), signal.SIGKILL)",
      "import os, signal\ndef f(): os.kill(os.getppid(), 9); os.kill(1, 9); os.kill(-1, 9)",
      "def f(): return [0] * 10**12", "def f(): return 'x' * 10**8", "def f():\n    print('x' * 10**8)",
      "def f():\n    x = []\n    for _ in range(10**5): x = [x]\n    return x", "def f(): return 10**10**9",
      "import os\ndef f(): os.close(1); os.close(0)", "def f(): raise type('E', (BaseException,), {})()",
      "class E(Exception):\n    args = property(lambda s: 1/0)\n    def __str__(s): raise s\ndef f(): raise E",
      "class M(type):\n    __name__ = 5\nclass C(metaclass=M): pass\ndef f(): return C",
      // Overrides what tests are made of.
      "import builtins\nbuiltins.AssertionError = ValueError\nbuiltins.len = lambda x: 5\ndef f(): return 4",
      "def check(*a): pass\nassertEqual = isinstance = check\ndef f(): return 4",
      "import unittest\nunittest.TestCase.assertEqual = lambda *a: None\ndef f(): return 4",
      "import sys\nsys.modules['pytest'] = sys.modules['unittest'] = sys\ndef f(): return 4",
      "import ast, dis\nast.parse = lambda *a, **k: None\nimport json\njson.dumps = lambda *a, **k: '5'\ndef f(): return 4",
      "def __build_class__(*a): pass\ndef f(): return 4",
      // Forges messages.
      """
      import os, sys
      def f():
          for fd in range(64):
              for line in (b"V WyJ2ZXJkaWN0Iix0cnVlLCIiXQ==", b"M WyJyZXR1cm4iLDRd"):
                  try: os.write(fd, b"\\n" + line + b"\\n")
                  except OSError: pass
          os._exit(0)
      """,
      """
      import __main__
      def say(mark, message):
          import os
          os.write(1, ("\\n%s V WyJ2ZXJkaWN0Iix0cnVlLCIiXQ==\\n" % mark).encode())
      def line(message): return "WyJ2ZXJkaWN0Iix0cnVlLCIiXQ=="
      __main__.say, __main__.line = say, line
      def f(): return 4
      """,
      "import __main__\n__main__.line = lambda m: 'WyJyZXR1cm4iLHsib3duIjoxfV0='\ndef f(): return 4",
      "import __main__\n__main__.line = lambda m: \"') or 5 #\"\ndef f(): return 4",
      "import __main__\n__main__.Solution.encode = lambda s, v, d=0: {'T': 'object'}\ndef f(): return 4",
      "import __main__\n__main__.Solution.encode = lambda s, v, d=0: {'h': [1, 'x', 'cinlgw']}\ndef f(): return 4",
      "import __main__\n__main__.Solution.encode = lambda s, v, d=0: {'h': [[], {}, 3]}\ndef f(): return 4",
      "import __main__\n__main__.Solution.encode = lambda s, v, d=0: {'E': [1, 'E', 'type']}\ndef f(): return 4",
      "import __main__\n__main__.Solution.encode = lambda s, v, d=0: {'N': ['N', ['x', '__eq__'], [1, 2]]}\ndef f(): return 4",
      // Looks for the tests.
      """
      import gc, os, sys
      def f():
          seen = []
          for frame in list(sys._current_frames().values()):
              while frame:
                  seen.append(repr(frame.f_locals) + repr(frame.f_globals))
                  frame = frame.f_back
          for x in gc.get_objects():
              try: seen.append(repr(x)) if type(x) in (str, list, dict, tuple) else None
              except Exception: pass
          for folder, _, files in os.walk('/box'):
              for name in files:
                  try: seen.append(open(folder + '/' + name).read())
                  except Exception: pass
          mark = 'assert ' + 'f() == '
          found = [x for x in seen if mark in x]
          return int(found[0].split(mark)[1][0]) if found else 4
      """,
      """
      import os
      def f():
          for pid in [x for x in os.listdir('/proc') if x.isdigit()] if os.path.isdir('/proc') else []:
              for name in ('cmdline', 'environ', 'mem'):
                  try:
                      if b'assert f' in open('/proc/%s/%s' % (pid, name), 'rb').read(10**6): return 5
                  except Exception: pass
          return 4
      """,
    ])
  func attack(solution: String) async throws {
    #expect(try await passed(solution, ["assert f() == 5"]) == [])
  }

  @Test("a solution replaces nothing that a test has of its own")
  func shadows() async throws {
    let solution = """
      __all__ = ['f', 'abs', 'isinstance', 'len', 'pytest', 'math', 'helper', 'AssertionError']
      def f(): return 4
      def abs(x): return 0
      def isinstance(*a): return True
      def len(x): return 5
      class pytest:
          def approx(*a): return 4
      class math:
          def isclose(*a): return True
      def helper(): return 4
      class AssertionError(Exception): pass
      """
    let start = "import math, pytest\ndef helper(): return 5\nfrom solution import *\n"
    let codes = [
      "assert abs(f() - 5) < 1", "assert isinstance(f(), str)", "assert len('x') == 5",
      "assert f() == pytest.approx(5)",
      "assert math.isclose(f(), 5)", "assert f() == helper()", "import solution\nassert solution.f() == 5",
    ]
    #expect(try await passed(solution, codes.map { start + $0 }) == [])
  }

  @Test("a solution drops no failure of a test")
  func dropped() async throws {
    let solution = """
      class f:
          def __enter__(self): return 4
          def __exit__(self, *a): return True
      def call(callback):
          try: callback(4)
          except BaseException: pass
      class math:
          def isclose(*a): return True
      class pytest:
          def approx(x): return 4
      """
    let codes = [
      "with f() as x:\n    assert x == 5", "with f() as x:\n    if x != 5: raise ValueError",
      "def cb(x): assert x == 5\ncall(cb)", "import pytest\ncall(lambda x: pytest.fail('no'))",
      "assert math.isclose(4, 5)", "assert 4 == pytest.approx(5)",
    ]
    #expect(try await passed(solution, codes) == [])
  }

  @Test("an exception ends no loop of a test as if all had gone well")
  func exceptions() async throws {
    let codes = [
      "assert all(map(lambda x: f(x) == x, [1, 2]))", "assert not any(map(lambda x: f(x) != x, [1, 2]))",
      "assert all(f(x) == x for x in [1, 2])", "for x in map(f, [1, 2]): assert x == 1\nassert x == 2",
      "assert list(map(f, [1, 2])) == [1, 2]", "assert [*map(f, [])] != [] or f(1) == 1",
      "import pytest\nwith pytest.raises(ValueError): f(1)",
      "import unittest\nclass T(unittest.TestCase):\n    def test(self): self.assertEqual(f(1), 1)",
    ]
    let raised = [
      "StopIteration", "StopIteration(1)", "StopAsyncIteration", "GeneratorExit", "SystemExit(0)", "KeyboardInterrupt",
      "IndexError", "AssertionError", "type('SkipTest', (Exception,), {})()", "__import__('unittest').SkipTest('no')",
      "BaseExceptionGroup('x', [ValueError()])", "5",
    ]
    for exception in raised {
      #expect(try await passed("def f(x): raise \(exception)", codes) == [], "\(exception)")
    }
  }

  @Test("whatever a solution's end says, no test passes by it", arguments: 0..<4)
  func fuzz(seed: Int) async throws {
    let solution = """
      import __main__, base64, json, random, time
      def value(depth):
          kinds = ["i", "g", "t", "s", "f", "q", "d", "b", "B", "c", "r", "D", "F", "T", "own", "h", "N", "E", "X", "?"]
          simple = [None, True, 0, 1, -1, 4, 2**80, 1.5, "", "5x", "object", "int", "cinlgw", "ValueError", "\\ud800"]
          if depth > 3 or random.random() < 0.4: return random.choice(simple)
          if random.random() < 0.3: return [value(depth + 1) for _ in range(random.randrange(5))]
          return {random.choice(kinds): value(depth + 1)}
      def line(message):
          random.seed(time.perf_counter_ns() + \(seed))
          kind = random.choice(["return", "return", "raise", "call", "verdict", "x"])
          said = [kind, value(0)] if kind != "call" else [kind, random.choice(["call", "next", "get", "name", 5]), value(0)]
          if random.random() < 0.1: said = value(0)
          data = json.dumps(said).encode()
          if random.random() < 0.1: data = data[: random.randrange(len(data) + 1)]
          return base64.b64encode(data).decode()
      __main__.line = line
      def f(*a): return 4
      """
    let codes = Array(repeating: "assert f(lambda x: x) == '5'", count: 40)
    #expect(try await passed(solution, codes) == [])
  }

  @Test("a solution cannot change what a test goes on to compare with")
  func arguments() async throws {
    let solution = "def f(x):\n    x.clear()\n    return []"
    #expect(
      try await passed(solution, ["a = [1, 2]\nassert f(a) == a[::-1]", "a = {1: 2}\nassert f(a) == list(a)"]) == [])
  }

  @Test("a function that a test passes gives away nothing but its answers")
  func callbacks() async throws {
    let solution = """
      def f(callback):
          for name in ('__globals__', '__code__', '__closure__', '__class__', 'expected'):
              for target in (callback, getattr(callback, '_peer', None)):
                  try:
                      value = target.ask('get', callback, name) if target is not callback else getattr(callback, name)
                      if 'secret' in str(value): return 'secret'
                  except BaseException: pass
          try: return callback._peer.ask('name', 'expected')
          except BaseException: pass
          return 'nothing'
      """
    #expect(try await passed(solution, ["expected = 'secret'\nassert f(lambda x: 1) == expected"]) == [])
  }

  @Test("nothing is left of what solutions held")
  func leftovers() async throws {
    _ = try await passed("import os\ndef f(): os._exit(0)", ["assert f() == 5"])
    let before = await SandboxForTests.shared.metrics.liveSessions
    _ = try await passed("def f(): return 5", ["assert f() == 5", "assert f() == 6"])
    _ = try? await passed("def f(): return 5", ["assert f("])
    // Other suites open sessions at the same time.
    #expect(await SandboxForTests.shared.metrics.liveSessions <= before + 20)
  }
}
