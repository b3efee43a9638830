"""Small drawings that the page makes itself, in its own type and colours, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from radiome.model.concordance import Bounded
from radiome.report.words import counted, sensible, spoken

Floats = NDArray[np.float64]

_WIDTH, _HEIGHT, _BASE, _SIDE = 260.0, 92.0, 70.0, 6.0
#: Where the tallest bar ends; its count stands above.
_TOP = 16.0


def histogram(
    values: Sequence[float], *, label: str, unit: str = ""
) -> tuple[str, list[tuple[float, float, int]]]:
    """Draw how a number is distributed over cases.

    Parameters
    ----------
    values : sequence of float
        Finite, not all equal.
    label : str
        What they are, for those who cannot see it.
    unit : str
        Their unit, for those who point at a bar.

    Returns
    -------
    svg : str
        Bars with the least, the median and the greatest value below, and the cases of the
        tallest bar above it.
    bins : list of (from, to, count)
        The numbers behind it; edges by the rule of Freedman and Diaconis, 5 to 24 bins.
    """
    given = np.asarray(values, dtype=np.float64)
    counts, edges = np.histogram(given, _edges(given))
    scale = (_WIDTH - 2 * _SIDE) / (edges[-1] - edges[0])
    rows = [(low, high, count) for (low, high), count in
            zip(pairwise(edges.tolist()), counts.tolist(), strict=True)]  # fmt: skip
    tallest = int(counts.max())
    bars = "".join(_bar(row, float(edges[0]), scale, tallest, unit) for row in rows)
    middle = float(np.median(given))
    places = [(float(given.min()), "start"), (middle, "middle"), (float(given.max()), "end")]
    marks, height = _marks(places, float(edges[0]), scale)
    name = escape(f"{label}: median {sensible(middle)}, {len(given)} cases")
    svg = (
        f'<svg class="histogram" viewBox="0 0 {_WIDTH:g} {height:g}" role="img" '
        f'aria-label="{name}">'
        f'<g class="bars">{bars}</g>{_tallest(rows, float(edges[0]), scale)}'
        f'<path class="axis" d="M{_SIDE} {_BASE}H{_WIDTH - _SIDE}"/>{marks}</svg>'
    )
    return svg, rows


def _bar(row: tuple[float, float, int], start: float, scale: float, tallest: int, unit: str) -> str:
    """A bar that tells its range and its count when it is pointed at."""
    low, high, count = row
    x, height = _SIDE + (low - start) * scale, (_BASE - _TOP) * count / tallest
    width = max((high - low) * scale - 1, 0.5)
    box = f'x="{x:.1f}" y="{_BASE - height:.1f}" width="{width:.1f}" height="{height:.1f}"'
    shown = f"{sensible(low)} to {sensible(high)}{f' {unit}' if unit else ''}"
    return f"<rect {box}><title>{escape(shown)}: {counted(count, 'case')}</title></rect>"


def _tallest(rows: Sequence[tuple[float, float, int]], start: float, scale: float) -> str:
    """How many cases the tallest bar stands for: the scale of all."""
    low, high, count = max(rows, key=lambda row: row[2])
    x = _SIDE + ((low + high) / 2 - start) * scale
    return f'<text x="{x:.1f}" y="{_TOP - 4:g}" text-anchor="middle">{count}</text>'


def _edges(values: Floats) -> Floats:
    found = np.histogram_bin_edges(values, "fd")
    bins = int(np.clip(len(found) - 1, 5, 24))
    return np.linspace(values.min(), values.max(), bins + 1)


def _marks(places: Sequence[tuple[float, str]], start: float, scale: float) -> tuple[str, float]:
    """Values below the axis and the height of it all; a crowded median takes a second line."""
    xs = [_SIDE + (value - start) * scale for value, _ in places]
    texts = [sensible(value) for value, _ in places]
    room = [7.0 * len(text) for text in texts]
    left, right = xs[1] - room[1] / 2, xs[1] + room[1] / 2
    crowded = left < xs[0] + room[0] + 4 or right > xs[2] - room[2] - 4
    parts = []
    for place, (x, text, (_, anchor)) in enumerate(zip(xs, texts, places, strict=True)):
        low = place == 1 and crowded
        x_text = min(max(x, _SIDE + room[1] / 2), _WIDTH - _SIDE - room[1] / 2) if low else x
        y = _BASE + (30 if low else 17)
        parts.append(
            f'<path class="axis" d="M{x:.1f} {_BASE}v{18 if low else 4}"/>'
            f'<text x="{x_text:.1f}" y="{y:g}" text-anchor="{anchor}">{text}</text>'
        )
    return "".join(parts), _HEIGHT + (13 if crowded else 0)


def interval(found: Bounded, *, chance: float = 0.5, low: float = 0.0, high: float = 1.0) -> str:
    """Draw an estimate with its interval on a scale, beside the value of chance."""
    width, middle, left, right = 360.0, 16.0, 6.0, 354.0

    def at(value: float) -> float:
        return left + (min(max(value, low), high) - low) / (high - low) * (right - left)

    lower, upper, value = at(found.lower), at(found.upper), at(found.value)
    texts = "".join(
        f'<text x="{at(tick):.1f}" y="44" text-anchor="{anchor}">{word}</text>'
        f'<path class="axis" d="M{at(tick):.1f} 26v4"/>'
        for tick, word, anchor in (
            (low, f"{low:g}", "start"),
            (chance, f"{chance:g} chance", "middle"),
            (high, f"{high:g}", "end"),
        )
    )
    return (
        f'<svg class="interval" viewBox="0 0 {width:g} 50" role="img" '
        f'aria-label="Concordance {spoken(found)}, chance {chance:g}">'
        f'<path class="axis" d="M{left} 26H{right}"/>'
        f'<path class="chance" d="M{at(chance):.1f} 4V26"/>'
        f'<path class="range" d="M{lower:.1f} {middle}H{max(upper, lower + 0.5):.1f}"/>'
        f'<circle cx="{value:.1f}" cy="{middle}" r="5"/>{texts}</svg>'
    )
