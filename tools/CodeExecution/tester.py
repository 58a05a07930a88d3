# The tests' end. The names that a test uses and does not define itself stand for objects of the solution, which lives
# in another sandbox. What the solution answers is data or a handle; a handle never decides a comparison, so that no
# object of the solution can declare itself equal to what a test expects. The verdict is made and told here alone.
#
# Follows peer.py and discovery.py in one namespace.

import re
import sys
import types


class Handle:
    """An object of the solution. Its subclasses add the operations that the object has."""

    __slots__ = ("agentenv_peer", "agentenv_number", "agentenv_type")

    def __init__(self, peer, number, kind):
        object.__setattr__(self, "agentenv_peer", peer)
        object.__setattr__(self, "agentenv_number", number)
        object.__setattr__(self, "agentenv_type", kind)

    # Equal is what is the same object, which Python decides here; there is no order and no arithmetic.

    def __getattr__(self, name):
        return self.agentenv_peer.ask("get", self, name)

    def __setattr__(self, name, value):
        self.agentenv_peer.ask("set", self, name, value)

    def __delattr__(self, name):
        self.agentenv_peer.ask("delete", self, name)

    def __bool__(self):
        return checked(bool, self.agentenv_peer.ask("bool", self))

    def __str__(self):
        return checked(str, self.agentenv_peer.ask("str", self))

    def __repr__(self):
        if self.agentenv_peer.is_decided:
            return "<%s object of the solution>" % self.agentenv_type
        return checked(str, self.agentenv_peer.ask("repr", self))

    def __int__(self):
        return checked(int, self.agentenv_peer.ask("int", self))

    def __float__(self):
        return checked(float, self.agentenv_peer.ask("float", self))

    def __instancecheck__(self, value):
        return isinstance(value, Handle) and checked(bool, self.agentenv_peer.ask("is_instance", value, self))


def call(self, *arguments, **named):
    return self.agentenv_peer.call_solution(self, list(arguments), named)


def awaited(self):
    return self.agentenv_peer.ask("await", self)
    yield


def raised(self, kind, value=None, trace=None):
    raise value if isinstance(value, BaseException) else kind


def nothing(self):
    pass


def resume(self, value=None):
    # The solution waits for itself in one go: as a coroutine it ends with the first step.
    raise StopIteration(self.agentenv_peer.ask("await", self))


def leave(self, kind, error, trace):
    # Whatever the solution says, what failed in the block has failed.
    self.agentenv_peer.ask("exit", self, error)
    return False


def contains(self, sought):
    # The solution is not asked whether it has something: it would be told what.
    for count, element in enumerate(self):
        if element == sought:
            return True
        if count > 100_000:
            raise CannotCross("more than 100000 elements")
    return False


ABILITIES = {
    "a": {"send": resume, "__await__": awaited, "throw": raised, "close": nothing},
    "c": {"__call__": call},
    "i": {"__iter__": lambda self: iter_of(self.agentenv_peer.ask("iter", self)), "__contains__": contains},
    "n": {"__next__": lambda self: self.agentenv_peer.ask("next", self)},
    "l": {"__len__": lambda self: checked(int, self.agentenv_peer.ask("len", self))},
    "g": {
        "__getitem__": lambda self, key: self.agentenv_peer.ask("item", self, key),
        "__setitem__": lambda self, key, value: self.agentenv_peer.ask("set_item", self, key, value),
        "__delitem__": lambda self, key: self.agentenv_peer.ask("delete_item", self, key),
    },
    "w": {
        "__enter__": lambda self: self.agentenv_peer.ask("enter", self),
        "__exit__": leave,
    },
}


def checked(kind, value):
    if type(value) is not kind:
        raise TypeError("expected %s, found %s" % (kind.__name__, type(value).__name__))
    return value


def iter_of(value):
    return value if hasattr(type(value), "__next__") else iter(checked(list, value))


class Tester(Peer):
    def __init__(self, shows_mutations=False):
        super().__init__()
        self.shows_mutations = shows_mutations
        self.handles = {}
        self.classes = {}
        self.exceptions = {}
        self.tests = []
        self.is_decided = False
        self.broken = None  # the first assertion that failed while the solution was running

    # What crosses.

    def encode_object(self, value, depth):
        if isinstance(value, Handle):
            return {"own": value.agentenv_number}
        if isinstance(value, type) and value in self.exceptions.values():
            return {"own": next(n for n, cls in self.exceptions.items() if cls is value)}
        if getattr(builtins, getattr(value, "__name__", ""), None) is value:
            return {"builtin": value.__name__}
        if isinstance(value, (type({}.keys()), type({}.values()), type({}.items()))):
            return self.encode(list(value), depth)
        # The solution may call what it is given, or take the next element: nothing else, or it could look around here.
        if callable(value):
            return {"callback": self.number(value)}
        if hasattr(type(value), "__next__"):
            return {"iterator": self.number(value)}
        if isinstance(value, BaseException):
            return self.encode_exception(value)
        raise CannotCross("a test cannot pass an object of type %s to the solution" % type(value).__name__)

    def decode_object(self, kind, body):
        if kind == "h":
            return self.handle(*items(body))
        if kind == "E":
            return self.exception_class(body)
        if kind == "X":
            return self.decode_exception(body)
        if kind == "N":
            name, fields, values = items(body)
            cls = __import__("collections").namedtuple(identifier(name), [identifier(x) for x in items(fields)])
            return cls(*[self.decode(x) for x in items(values)])
        raise CannotCross("an answer that is no data")

    def handle(self, number, name, abilities):
        if checked(int, number) not in self.handles:
            letters = "".join(sorted(set(text(abilities)) & set(ABILITIES)))
            if letters not in self.classes:
                members = {"__slots__": ()}
                for letter in letters:
                    members.update(ABILITIES[letter])
                self.classes[letters] = type("Handle", (Handle,), members)
            self.handles[number] = self.classes[letters](self, number, text(name)[:100])
        return self.handles[number]

    def exception_class(self, description):
        """A builtin one by its name; one of the solution's own as a class made here."""
        if type(description) is str:
            return builtin_exception(description)
        number, name, base = items(description)
        if checked(int, number) not in self.exceptions:
            bases = (builtin_exception(base),)
            self.exceptions[number] = type(identifier(name), bases, {"__init__": keep_arguments})
        return self.exceptions[number]

    def decode_exception(self, description):
        name, base, arguments, cls = items(description)
        kind = self.exception_class(cls if cls is not None else text(name))
        values = [self.decode(x) for x in items(arguments)]
        try:
            return kind(*values)
        except TypeError:
            error = kind.__new__(kind)
            error.args = tuple(values)
            return error

    # Questions, both ways.

    def call_solution(self, target, arguments, named):
        if not self.shows_mutations:
            return self.ask("call", target, arguments, named)
        result, after, named_after = self.ask("call!", target, arguments, named)
        for before, now in zip(arguments + list(named.values()), after + list(named_after.values())):
            write_back(before, now)
        return result

    def perform(self, operation, arguments):
        target = arguments[0]
        if id(target) in self.numbers:
            if operation == "call" and callable(target):
                try:
                    return target(*arguments[1], **arguments[2])
                except AssertionError as error:
                    # The solution gets it, and may drop it: it counts all the same.
                    self.broken = self.broken or error
                    raise
            if operation == "next" and hasattr(type(target), "__next__"):
                return next(target)
        raise CannotCross("the solution may not do that with an object of a test")

    # Tests.

    def load(self, codes, setup, entry_point):
        """Finds the tests of each code; says their names."""
        self.setup = compile(setup, "test_setup.py", "exec")
        self.modules = set().union(*(modules_in(x) for x in [setup, *codes]))
        self.entry_point = entry_point
        install_pytest()
        sys.modules["solution"] = SolutionModule(self)
        for index, code in enumerate(codes):
            self.tests += tests_in(code, "test %d" % (index + 1), entry_point, is_alone=len(codes) == 1)
        return [name for name, _ in self.tests]

    def run(self, index):
        """Starts a test in a thread of its own; returns what is said first."""
        self.start(lambda: self.outbox.put(["verdict", *self.verdict(self.tests[index][1])]))
        return self.outbox.get()

    def verdict(self, test):
        try:
            namespace = {"__name__": "tests", "__builtins__": TestBuiltins(self)}
            namespace.update((name, __import__(name)) for name in self.modules)
            exec(self.setup, namespace)
            test(namespace)
            if self.broken is not None:
                raise self.broken
            return True, ""
        except BaseException as error:
            self.is_decided = True
            reason = error.args[0] if error.args and type(error.args[0]) is str else repr_of(error.args)
            return False, type(error).__name__ + (": " + reason[:500] if error.args else "")


def told(message):
    """A message as the one between can sort it: V, a verdict; M, one for the solution."""
    return ("V " if message[0] == "verdict" else "M ") + line(message)


def write_back(before, now):
    if type(before) is not type(now):
        return
    if type(before) in (list, bytearray):
        before[:] = now
    elif type(before) in (dict, set):
        before.clear()
        before.update(now)


def builtin_exception(name):
    cls = getattr(builtins, text(name), None)
    return cls if isinstance(cls, type) and issubclass(cls, BaseException) else Exception


def keep_arguments(self, *arguments):
    self.args = arguments


def identifier(name):
    if not re.fullmatch(r"[A-Za-z_]\w{0,80}", text(name), re.ASCII):
        raise CannotCross("a name that is none")
    return name


class TestBuiltins(dict):
    """Where Python looks for a name that a test does not define: the builtins, then the solution."""

    def __init__(self, peer):
        super().__init__(vars(builtins))
        self.peer = peer

    def __missing__(self, name):
        if name.startswith("__"):
            raise KeyError(name)
        try:
            return self.peer.ask("name", name)
        except NameError:
            raise KeyError(name) from None


class SolutionModule(types.ModuleType):
    """`import solution`, for tests that are written so."""

    def __init__(self, peer):
        super().__init__("solution")
        self.__dict__["_peer"] = peer

    def __getattr__(self, name):
        if name == "__all__":
            # A name that a test lacks is found in the solution anyway; one that it has is not the solution's to change.
            return []
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self._peer.ask("name", name)
        except NameError:
            raise AttributeError("the solution has no %r" % name) from None
