#!/usr/bin/env python3
"""Writes calculator.json: random expressions with their exact values, computed by Python's fractions.

Run in this folder: python3 make_calculator.py
"""
import json
import random
from decimal import ROUND_HALF_UP, Decimal, getcontext
from fractions import Fraction

getcontext().prec = 4000
random.seed(20260101)

OPERATORS = {
    "+": (1, ["+"]), "-": (1, ["-", "−"]), "*": (2, ["*", "×", "·"]), "/": (2, ["/", "÷"]), "%": (2, ["%"]),
}


class Undefined(Exception):
    pass


def number():
    kind = random.random()
    if kind < 0.6:
        text = str(random.randrange(10 ** random.choice([1, 2, 3, 5])))
    elif kind < 0.9:
        text = f"{random.randrange(1000)}.{random.randrange(10 ** random.choice([1, 2, 4])):02}"
    else:
        text = str(random.randrange(10 ** random.choice([20, 40])))
    return text, Fraction(text)


def space():
    return random.choice(["", "", "", " ", "  "])


def expression(depth):
    """(text, value, precedence): 1 sum, 2 product, 3 sign, 4 power, 5 atom."""
    if depth == 0 or random.random() < 0.15:
        text, value = number()
        return text, value, 5
    kind = random.random()
    if kind < 0.12:
        text, value, level = expression(depth - 1)
        return "-" + wrap(text, level, 3), -value, 3
    if kind < 0.25:
        text, base, level = expression(depth - 1)
        exponent = random.randrange(-6, 12)
        if base == 0 and exponent < 0:
            raise Undefined
        if max(abs(base.numerator), base.denominator) > 10**60:
            raise Undefined
        sign = random.choice(["^", "**"])
        return f"{wrap(text, level, 5)}{space()}{sign}{space()}{exponent}", base**exponent, 4
    sign = random.choice(list(OPERATORS))
    level, spellings = OPERATORS[sign]
    left, a, left_level = expression(depth - 1)
    right, b, right_level = expression(depth - 1)
    if b == 0 and sign in "/%":
        raise Undefined
    value = {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b, "%": lambda: a % b}[sign]()
    if max(abs(value.numerator), value.denominator) > 10**300:
        raise Undefined
    text = wrap(left, left_level, level) + space() + random.choice(spellings) + space() + wrap(right, right_level, level + 1)
    return text, value, level


def wrap(text, level, needed):
    if level < needed or random.random() < 0.1:
        return f"({space()}{text}{space()})"
    return text


def shown(value):
    """The documented format, computed with decimal."""
    rest = value.denominator
    twos = fives = 0
    while rest % 2 == 0:
        rest //= 2
        twos += 1
    while rest % 5 == 0:
        rest //= 5
        fives += 1
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    if rest == 1 and max(twos, fives) <= 30:
        return plain(exact.quantize(Decimal(1).scaleb(-max(twos, fives))))
    exponent = exact.adjusted()
    if exponent < -20:
        mantissa = exact.scaleb(-exponent).quantize(Decimal(1).scaleb(-11), ROUND_HALF_UP)
        if abs(mantissa) >= 10:
            mantissa, exponent = mantissa / 10, exponent + 1
        return f"≈ {plain(mantissa)}e{exponent}"
    return "≈ " + plain(exact.quantize(Decimal(1).scaleb(-max(0, 11 - exponent)), ROUND_HALF_UP))


def plain(value):
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


cases = []
while len(cases) < 600:
    try:
        text, value, _ = expression(random.choice([1, 2, 3, 4]))
    except Undefined:
        continue
    if len(text) > 200:
        continue
    cases.append({"expression": text, "value": f"{value.numerator}/{value.denominator}", "text": shown(value)})

with open("calculator.json", "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases) + "\n]\n")
