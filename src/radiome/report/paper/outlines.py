"""Paths of an SVG as lines and curves in one system of coordinates."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache

#: A transformation (a, b, c, d, e, f): x' = a x + c y + e, y' = b x + d y + f.
Matrix = tuple[float, float, float, float, float, float]
#: An operator of PDF, ``m``, ``l``, ``c`` or ``h``, with its coordinates.
Segment = tuple[str, tuple[float, ...]]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

_CALL = re.compile(r"(\w+)\(([^)]*)\)")
_TOKEN = re.compile(r"[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_LENGTHS = {"M": 2, "L": 2, "Q": 4, "C": 6}


def times(outer: Matrix, inner: Matrix) -> Matrix:
    """The transformation that does `inner` first."""
    a, b, c, d, e, f = outer
    p, q, r, s, t, u = inner
    return (
        a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s,
        a * t + c * u + e, b * t + d * u + f,
    )  # fmt: skip


def transformation(text: str) -> Matrix:
    """Read a ``transform``: translate, scale, rotate about the origin, matrix.

    Examples
    --------
    >>> transformation("translate(10 20) scale(2 -2)")
    (2.0, 0.0, 0.0, -2.0, 10.0, 20.0)
    """
    found = IDENTITY
    for name, arguments in _CALL.findall(text):
        numbers = [float(part) for part in re.split(r"[\s,]+", arguments.strip())]
        found = times(found, _single(name, numbers))
    return found


def _single(name: str, numbers: list[float]) -> Matrix:
    if name == "translate":
        return (1.0, 0.0, 0.0, 1.0, numbers[0], numbers[1] if len(numbers) > 1 else 0.0)
    if name == "scale":
        return (numbers[0], 0.0, 0.0, numbers[-1], 0.0, 0.0)
    if name == "rotate" and len(numbers) == 1:
        cosine, sine = math.cos(math.radians(numbers[0])), math.sin(math.radians(numbers[0]))
        return (cosine, sine, -sine, cosine, 0.0, 0.0)
    if name == "matrix":
        a, b, c, d, e, f = numbers
        return (a, b, c, d, e, f)
    raise NotImplementedError(f"the transformation {name} of an SVG")


def segments(outline: str, matrix: Matrix) -> list[Segment]:
    """Lines and curves of a path in absolute coordinates, transformed.

    Examples
    --------
    >>> segments("M 0 0 L 1 2 z", (2.0, 0.0, 0.0, 2.0, 5.0, 5.0))
    [('m', (5.0, 5.0)), ('l', (7.0, 9.0)), ('h', ())]
    """
    a, b, c, d, e, f = matrix
    return [
        (
            operator,
            tuple(
                part
                for x, y in zip(numbers[::2], numbers[1::2], strict=True)
                for part in (a * x + c * y + e, b * x + d * y + f)
            ),
        )
        for operator, numbers in _parsed(outline)
    ]


# Letters come again and again.
@lru_cache(maxsize=1024)
def _parsed(outline: str) -> tuple[Segment, ...]:
    return tuple(_segments(_TOKEN.findall(outline)))


def _segments(tokens: list[str]) -> Iterator[Segment]:
    place, command, now = 0, "", (0.0, 0.0)
    while place < len(tokens):
        if tokens[place].isalpha():
            command = tokens[place]
            place += 1
        if command in ("Z", "z"):
            yield "h", ()
            continue
        if command not in _LENGTHS:
            raise NotImplementedError(f"the command {command} of an SVG path")
        length = _LENGTHS[command]
        numbers = [float(token) for token in tokens[place : place + length]]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        yield _segment(command, points, now)
        now, place = points[-1], place + length


def _segment(command: str, points: list[tuple[float, float]], now: tuple[float, float]) -> Segment:
    if command == "Q":
        (x, y), end = points
        points = [_third(now, (x, y)), _third(end, (x, y)), end]
    operator = {"M": "m", "L": "l"}.get(command, "c")
    return operator, tuple(number for point in points for number in point)


def _third(end: tuple[float, float], middle: tuple[float, float]) -> tuple[float, float]:
    """Control point of the cubic curve that equals a quadratic one."""
    return (end[0] + 2 / 3 * (middle[0] - end[0]), end[1] + 2 / 3 * (middle[1] - end[1]))


def scale_of(matrix: Matrix) -> float:
    """By how much lengths grow, on average over directions."""
    a, b, c, d, _, _ = matrix
    return math.sqrt(abs(a * d - b * c))
