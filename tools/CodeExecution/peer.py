# One end of a conversation between two interpreters that share nothing: the tests in one sandbox, the solution in
# another. Each end holds objects of the other by number; only plain data crosses by value. A message is one line of
# base64, so that what carries it need not read it.
#
# Calls nest strictly (a test calls the solution, which calls a function that the test gave it, ...): each end keeps a
# stack of threads that wait for an answer. `deliver` hands in a message and returns what this end says next.

# Every module imported here is time before every test: what only some data needs is imported with it.

import binascii
import builtins
import enum
import io
import json
import os
import sys
from _queue import SimpleQueue
from _thread import start_new_thread
from collections import Counter, OrderedDict, defaultdict, deque

# Types that cross by name, both ways.
NUMBERS = (bool, int, float, complex)
CONTAINERS = (str, bytes, bytearray, list, tuple, dict, set, frozenset, range)
TYPES = {t.__name__: t for t in NUMBERS + CONTAINERS + (object, type(None))}
MAX_DEPTH = 60


class CannotCross(TypeError):
    pass


class Peer:
    def __init__(self):
        self.objects = {}  # number -> object of ours that the other end holds
        self.numbers = {}  # id of such an object -> its number
        self.waiting = []  # where our threads wait for answers, the innermost call last
        self.outbox = SimpleQueue()

    # What crosses.

    def encode(self, value, depth=0):
        if depth > MAX_DEPTH:
            raise CannotCross("data nested more than %d levels deep" % MAX_DEPTH)
        t = type(value)
        if value is None or t is bool or t is str:
            return value
        if t is int:
            return value if -(1 << 53) < value < 1 << 53 else {"i": hex(value)}
        if t is float:
            return {"g": value.hex()}
        if t is list:
            return [self.encode(x, depth + 1) for x in list.__iter__(value)]
        if t is tuple or t is set or t is frozenset or t is deque:
            return {t.__name__[0] if t is not deque else "q": [self.encode(x, depth + 1) for x in t.__iter__(value)]}
        if t is dict or t is defaultdict or t is OrderedDict or t is Counter:
            return {"d": [[self.encode(k, depth + 1), self.encode(v, depth + 1)] for k, v in dict.items(value)]}
        if t is bytes or t is bytearray:
            return {"b" if t is bytes else "B": bytes(value).hex()}
        if t is complex:
            return {"c": [value.real.hex(), value.imag.hex()]}
        if t is range:
            return {"r": [self.encode(x) for x in (value.start, value.stop, value.step)]}
        if t is imported("decimal", "Decimal"):
            return {"D": t.__str__(value)}
        if t is imported("fractions", "Fraction"):
            return {"F": [self.encode(value.numerator), self.encode(value.denominator)]}
        if isinstance(value, (int, float, str, bytes)) and not isinstance(value, enum.Enum):
            return self.encode(plain(value))
        if t is type and TYPES.get(value.__name__) is value:
            return {"T": value.__name__}
        return self.encode_object(value, depth)

    def decode(self, data, depth=0):
        if depth > 2 * MAX_DEPTH:
            raise CannotCross("data nested too deeply")
        t = type(data)
        if data is None or t is bool or t is str or t is int:
            return data
        if t is list:
            return [self.decode(x, depth + 1) for x in data]
        if t is not dict or len(data) != 1:
            raise CannotCross("an answer that is no data")
        ((kind, body),) = data.items()
        if kind == "i":
            return int(text(body), 16)
        if kind == "g":
            return float.fromhex(text(body))
        if kind in ("t", "s", "f", "q"):
            make = {"t": tuple, "s": set, "f": frozenset, "q": deque}[kind]
            return make([self.decode(x, depth + 1) for x in items(body)])
        if kind == "d":
            return {self.decode(k, depth + 1): self.decode(v, depth + 1) for k, v in map(items, items(body))}
        if kind in ("b", "B"):
            return (bytes if kind == "b" else bytearray).fromhex(text(body))
        if kind == "c":
            return complex(*[float.fromhex(text(x)) for x in items(body)])
        if kind == "r":
            return range(*[int(self.decode(x)) for x in items(body)])
        if kind == "D":
            return __import__("decimal").Decimal(text(body))
        if kind == "F":
            return __import__("fractions").Fraction(*[int(self.decode(x)) for x in items(body)])
        if kind == "T":
            return TYPES[text(body)]
        if kind == "own":
            return self.objects[body]
        return self.decode_object(kind, body)

    def number(self, value):
        """The number under which the other end holds an object of ours."""
        if id(value) not in self.numbers:
            number = len(self.objects) + 1
            self.objects[number] = value
            self.numbers[id(value)] = number
        return self.numbers[id(value)]

    # Exceptions cross as a type's name and arguments.

    def encode_exception(self, error):
        arguments = []
        for argument in error.args if isinstance(error.args, tuple) else ():
            try:
                arguments.append(self.encode(argument))
            except BaseException:
                arguments.append(repr_of(argument))
        base = next(
            (c.__name__ for c in type(error).__mro__ if getattr(builtins, c.__name__, None) is c), "Exception"
        )
        return [str(type(error).__name__), base, arguments, self.encode_exception_class(type(error))]

    def encode_exception_class(self, cls):
        return None

    # The conversation.

    def ask(self, operation, *arguments):
        """Asks the other end, waits for its answer, and returns or raises it."""
        question = ["call", operation, [self.encode(x) for x in arguments]]
        answer = SimpleQueue()
        self.waiting.append(answer)
        self.outbox.put(question)
        message = answer.get()
        if message[0] == "raise":
            error = self.decode_exception(message[1])
            # Anywhere but in `next` it would end a loop of the caller's as if all had gone well.
            if isinstance(error, StopIteration) and operation != "next":
                raise RuntimeError("StopIteration was raised outside of an iterator")
            raise error
        return self.decode(message[1])

    def answer(self, operation, arguments):
        """What the other end gets for a question of its own."""
        try:
            return ["return", self.encode(self.perform(operation, [self.decode(x) for x in arguments]))]
        except BaseException as error:
            return ["raise", self.encode_exception(error)]

    def deliver(self, line):
        message = json.loads(binascii.a2b_base64(line))
        if message[0] == "call":
            _, operation, arguments = message
            self.start(lambda: self.outbox.put(self.answer(operation, arguments)))
        elif message[0] in ("return", "raise") and self.waiting:
            self.waiting.pop().put(message)
        else:
            raise CannotCross("a message of an unknown kind")
        return self.outbox.get()

    def start(self, body):
        start_new_thread(body, ())


def line(message):
    """A message as the other end's `deliver` takes it."""
    return binascii.b2a_base64(json.dumps(message, separators=(",", ":")).encode(), newline=False).decode()


def imported(module, name):
    """What a module calls so, if the module has been imported: else no value can be of it."""
    return getattr(sys.modules.get(module), name, None)


def plain(value):
    """The data of a subclass of a plain type, whatever its methods say."""
    for t, read in ((int, int.__index__), (float, float.__float__), (str, str.__str__), (bytes, bytes.__bytes__)):
        if isinstance(value, t):
            return read(value)


def text(value):
    if type(value) is not str:
        raise CannotCross("an answer that is no data")
    return value


def items(value):
    if type(value) is not list:
        raise CannotCross("an answer that is no data")
    return value


def repr_of(value):
    try:
        return str(repr(value))[:500]
    except BaseException:
        return "<%s>" % type(value).__name__


class Nowhere(io.RawIOBase):
    """Takes what is printed and drops it: only messages may stand on standard output."""

    def writable(self):
        return True

    def write(self, data):
        return len(data)


def silence():
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(Nowhere()), write_through=True)


def say(mark, message):
    """Writes past whatever stands in the way of standard output."""
    data = ("\n%s %s\n" % (mark, message)).encode()
    while data:
        data = data[os.write(1, data) :]
