"""Small drawings that the page makes itself, in its own type and colours, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from radiome.model.concordance import Bounded
from radiome.report.words import sensible, spoken

Floats = NDArray[np.float64]

_WIDTH, _HEIGHT, _BASE, _SIDE = 260.0, 92.0, 70.0, 6.0


def histogram(values: Sequence[float], *, label: str) -> tuple[str, list[tuple[float, float, int]]]:
    """Draw how a number is distributed over cases.

    Parameters
    ----------
    values : sequence of float
        Finite, not all equal.
    label : str
        What they are, for those who cannot see it.

    Returns
    -------
    svg : str
        Bars with the least, the median and the greatest value below.
    bins : list of (from, to, count)
        The numbers behind it; edges by the rule of Freedman and Diaconis, 5 to 24 bins.
    """
    given = np.asarray(values, dtype=np.float64)
    counts, edges = np.histogram(given, _edges(given))
    span = _WIDTH - 2 * _SIDE
    scale = span / (edges[-1] - edges[0])
    tallest = counts.max()
    bars = []
    for (low, high), count in zip(pairwise(edges.tolist()), counts.tolist(), strict=True):
        x = _SIDE + (low - edges[0]) * scale
        height = (_BASE - 8) * count / tallest
        width = max((high - low) * scale - 1, 0.5)
        box = f'x="{x:.1f}" y="{_BASE - height:.1f}" width="{width:.1f}" height="{height:.1f}"'
        bars.append(f"<rect {box}/>")
    middle = float(np.median(given))
    places = [(float(given.min()), "start"), (middle, "middle"), (float(given.max()), "end")]
    marks = _marks(places, float(edges[0]), scale)
    name = escape(f"{label}: median {sensible(middle)}, {len(given)} cases")
    svg = (
        f'<svg class="histogram" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" role="img" '
        f'aria-label="{name}">'
        f'<g class="bars">{"".join(bars)}</g>'
        f'<path class="axis" d="M{_SIDE} {_BASE}H{_WIDTH - _SIDE}"/>{marks}</svg>'
    )
    rows = [(low, high, count) for (low, high), count in
            zip(pairwise(edges.tolist()), counts.tolist(), strict=True)]  # fmt: skip
    return svg, rows


def _edges(values: Floats) -> Floats:
    found = np.histogram_bin_edges(values, "fd")
    bins = int(np.clip(len(found) - 1, 5, 24))
    return np.linspace(values.min(), values.max(), bins + 1)


def _marks(places: Sequence[tuple[float, str]], start: float, scale: float) -> str:
    """Values below the axis; the median gives way where it would run into another."""
    xs = [_SIDE + (value - start) * scale for value, _ in places]
    texts = [sensible(value) for value, _ in places]
    room = [7.0 * len(text) for text in texts]
    parts = []
    for place, (x, text, (_, anchor)) in enumerate(zip(xs, texts, places, strict=True)):
        left, right = x - room[1] / 2, x + room[1] / 2
        crowded = left < xs[0] + room[0] + 4 or right > xs[2] - room[2] - 4
        tick = f'<path class="axis" d="M{x:.1f} {_BASE}v4"/>'
        if place == 1 and crowded:
            parts.append(tick)
            continue
        parts.append(
            f'{tick}<text x="{x:.1f}" y="{_BASE + 17}" text-anchor="{anchor}">{text}</text>'
        )
    return "".join(parts)


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
