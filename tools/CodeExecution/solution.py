# The solution's end: loads the code under test and answers the tests' questions about its objects. Nothing in here is
# trusted: the code under test can change all of it, and only decides what it answers.

import sys
import types


class TestObject:
    """Something that a test passed to the solution."""

    def __init__(self, peer, number):
        self._peer, self._number = peer, number


class TestFunction(TestObject):
    def __call__(self, *arguments, **named):
        return self._peer.ask("call", self, list(arguments), named)


class TestIterator(TestObject):
    def __iter__(self):
        return self

    def __next__(self):
        return self._peer.ask("next", self)


class Solution(Peer):
    def __init__(self):
        super().__init__()
        self.module = types.ModuleType("solution")
        sys.modules["solution"] = self.module

    def load(self, code):
        exec(compile(code, "solution.py", "exec"), self.module.__dict__)

    def encode_object(self, value, depth):
        if isinstance(value, TestObject):
            return {"own": value._number}
        if isinstance(value, tuple) and hasattr(type(value), "_fields"):
            fields = [str(x) for x in type(value)._fields]
            return {"N": [type(value).__name__, fields, [self.encode(x, depth + 1) for x in tuple.__iter__(value)]]}
        if isinstance(value, type) and issubclass(value, BaseException):
            return {"E": self.encode_exception_class(value) or value.__name__}
        if isinstance(value, BaseException):
            return {"X": self.encode_exception(value)}
        return {"h": [self.number(value), str(type(value).__name__), abilities(value)]}

    def encode_exception_class(self, cls):
        if getattr(builtins, cls.__name__, None) is cls:
            return None
        base = next(c.__name__ for c in cls.__mro__ if getattr(builtins, c.__name__, None) is c)
        return [self.number(cls), str(cls.__name__), base]

    def decode_object(self, kind, body):
        if kind == "callback":
            return TestFunction(self, body)
        if kind == "iterator":
            return TestIterator(self, body)
        if kind == "builtin":
            return getattr(builtins, body)
        raise CannotCross(kind)

    def decode_exception(self, description):
        name, base, arguments, _ = description
        cls = getattr(builtins, name, None) or getattr(builtins, base, Exception)
        return cls(*[self.decode(x) for x in arguments])

    def answer(self, operation, arguments):
        if operation != "call!":
            return super().answer(operation, arguments)
        # A call whose caller wants to see what became of the arguments.
        target, values, named = [self.decode(x) for x in arguments]
        try:
            result = target(*values, **named)
            return ["return", self.encode([result, values, named])]
        except BaseException as error:
            return ["raise", self.encode_exception(error)]

    def perform(self, operation, arguments):
        if operation == "name":
            if arguments[0] not in self.module.__dict__:
                raise NameError("name %r is not defined" % arguments[0])
            return self.module.__dict__[arguments[0]]
        return OPERATIONS[operation](*arguments)


ABILITIES = {
    "a": "__await__",
    "c": "__call__",
    "g": "__getitem__",
    "i": "__iter__",
    "l": "__len__",
    "n": "__next__",
    "w": "__enter__",
}


def abilities(value):
    """Which of a handle's operations make sense, one letter each."""
    cls = type(value)
    return "".join(letter for letter, name in ABILITIES.items() if hasattr(cls, name))


def wait_for(target):
    import asyncio

    async def outcome():
        return await target

    return asyncio.run(outcome())


def set_item(target, key, value):
    target[key] = value


def delete_item(target, key):
    del target[key]


OPERATIONS = {
    "call": lambda target, arguments, named: target(*arguments, **named),
    "get": getattr,
    "set": setattr,
    "delete": delattr,
    "item": lambda target, key: target[key],
    "set_item": set_item,
    "delete_item": delete_item,
    "len": len,
    "iter": iter,
    "next": next,
    "await": wait_for,
    "bool": bool,
    "str": str,
    "repr": repr,
    "int": int,
    "float": float,
    "is_instance": lambda value, cls: cls in type(value).__mro__ if isinstance(cls, type) else False,
    "enter": lambda target: type(target).__enter__(target),
    "exit": lambda target, error: bool(type(target).__exit__(target, type(error) if error else None, error, None)),
}
