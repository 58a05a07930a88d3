# What counts as a test in a code, how each form is run, and the part of pytest that tests are written with. Between
# peer.py and tester.py in one namespace.

import ast
import re
import sys
import types


def tests_in(code, name, entry_point, is_alone):
    """Pairs of a name and a function that runs that test in a namespace."""
    tree = ast.parse(code)
    whole = compile(code, "tests.py", "exec")
    functions = [x for x in tree.body if isinstance(x, (ast.FunctionDef, ast.AsyncFunctionDef))]
    if entry_point and any(x.name == "check" for x in functions):
        return [(name, lambda n: (exec(whole, n), eval("check(%s)" % identifier(entry_point), n)))]
    found = [(x.name, function_test(whole, x.name)) for x in functions if x.name.startswith("test")]
    for cls in tree.body:
        if is_test_class(cls):
            for method in cls.body:
                if isinstance(method, ast.FunctionDef) and method.name.startswith("test"):
                    label = "%s.%s" % (cls.name, method.name)
                    found.append((label, method_test(whole, cls.name, method.name)))
    if found:
        return found
    asserts = [x for x in tree.body if isinstance(x, ast.Assert)]
    others = [x for x in tree.body if not isinstance(x, ast.Assert)]
    hidden = any(isinstance(y, ast.Assert) for x in others if not is_definition(x) for y in ast.walk(x))
    if not is_alone or len(asserts) < 2 or hidden:
        return [(name, lambda n: exec(whole, n))]
    return [("assert %d" % (i + 1), assert_test(tree, x)) for i, x in enumerate(asserts)]


def modules_in(code):
    """Modules that a code uses and forgot to import: `math.isclose` shall not be the solution's."""
    uses, bases, stored = set(), set(), set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            bases.add(node.value)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            stored.add(node.name)
        elif isinstance(node, ast.alias):
            stored.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.arg):
            stored.add(node.arg)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            uses.add(node)
        elif isinstance(node, ast.Name):
            stored.add(node.id)
    names = {x.id for x in bases} - {x.id for x in uses - bases} - stored
    return {x for x in names if x == "pytest" or x in sys.stdlib_module_names}


def is_test_class(statement):
    return isinstance(statement, ast.ClassDef) and (
        statement.name.startswith("Test") or any("TestCase" in ast.unparse(x) for x in statement.bases)
    )


def is_definition(statement):
    return isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))


def assert_test(tree, wanted):
    """The statements before an assertion, without the other assertions, then the assertion."""
    before = [x for x in tree.body[: tree.body.index(wanted)] if not isinstance(x, ast.Assert)]
    program = compile(ast.Module(body=before + [wanted], type_ignores=[]), "tests.py", "exec")
    return lambda namespace: exec(program, namespace)


def function_test(whole, name):
    def run(namespace):
        exec(whole, namespace)
        for case in cases(namespace[name]):
            result = namespace[name](**case)
            if hasattr(result, "__await__"):
                __import__("asyncio").run(result)

    return run


def cases(function):
    """The arguments of each case of a parametrized function; one without arguments for others."""
    result = [{}]
    for names, values in getattr(function, "agentenv_cases", []):
        names = [x.strip() for x in names.split(",")] if isinstance(names, str) else list(names)
        rows = [dict(zip(names, v if len(names) > 1 else (v,))) for v in values]
        result = [{**a, **b} for a in rows for b in result]
    return result


def method_test(whole, cls, method):
    def run(namespace):
        exec(whole, namespace)
        kind = namespace[cls]
        unittest = sys.modules.get("unittest")
        if unittest is None or not issubclass(kind, unittest.TestCase):
            instance = kind()
            getattr(instance, "setup_method", lambda *_: None)(None)
            getattr(instance, method)()
            return
        result = unittest.TestResult()
        kind(method).run(result)
        problems = result.failures + result.errors
        if problems or result.testsRun != 1 or result.unexpectedSuccesses:
            raise AssertionError(problems[0][1].strip().splitlines()[-1] if problems else "did not run")

    return run


# What tests use of pytest.


def install_pytest():
    module = types.ModuleType("pytest")
    module.raises, module.approx, module.mark, module.fail = Raises, Approximately, Mark(), fail
    sys.modules.setdefault("pytest", module)


def fail(reason=""):
    raise AssertionError(reason)


class Raises:
    def __init__(self, expected, *function, match=None):
        self.expected, self.match, self.value = expected, match, None
        if function:
            with self:
                function[0](*function[1:])

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            raise AssertionError("did not raise %s" % (self.expected,))
        if not issubclass(kind, self.expected):
            return False
        if self.match is not None and not re.search(self.match, str(error)):
            raise AssertionError("%r does not match %r" % (str(error), self.match))
        self.value, self.type = error, kind
        return True


class Approximately:
    def __init__(self, expected, rel=1e-6, abs=1e-12):
        self.expected, self.rel, self.abs = expected, rel, abs

    def __eq__(self, actual):
        return self.fits(actual, self.expected)

    def fits(self, actual, expected):
        if isinstance(expected, (list, tuple)):
            return (
                isinstance(actual, (list, tuple))
                and len(actual) == len(expected)
                and all(map(self.fits, actual, expected))
            )
        if isinstance(expected, dict):
            return (
                isinstance(actual, dict)
                and actual.keys() == expected.keys()
                and all(self.fits(actual[k], v) for k, v in expected.items())
            )
        if isinstance(actual, Handle) or not hasattr(actual, "__abs__"):
            return False
        return actual == expected or abs(actual - expected) <= max(self.rel * abs(expected), self.abs)

    __hash__ = None


class Mark:
    """`pytest.mark`: parametrize is kept, others change nothing."""

    def __getattr__(self, name):
        def mark(*arguments, **named):
            def decorate(function):
                if name == "parametrize":
                    function.__dict__.setdefault("agentenv_cases", []).append((arguments[0], list(arguments[1])))
                return function

            return arguments[0] if name != "parametrize" and arguments and callable(arguments[0]) else decorate

        return mark
