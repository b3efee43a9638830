"""The sheet that plots are drawn on: size, type, colours, and the SVG that comes of it.

One accent, the blue of Okabe and Ito that colour-blind readers tell from the greys, and 3.5
inches of width, a column of a paper. Letters are drawn as outlines in the font that comes with
matplotlib, so a plot looks the same everywhere and equal numbers give equal bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from radiome.model.plots.plot import Plot

ACCENT, INK, QUIET, RULE, FAINT = "#0072B2", "#222222", "#666666", "#a6a6a6", "#e4e4e4"
#: Of an interval around a line.
BAND_OPACITY = 0.18
WIDTH = 3.5
#: Sizes of letters in points.
TITLE, TEXT, SMALL = 8.0, 6.5, 5.8

_MARGIN = 0.08
_LEADING = 1.28
_POINTS = 72.0
_STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": TEXT,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": RULE,
    "axes.linewidth": 0.6,
    "axes.labelcolor": INK,
    "axes.labelsize": TEXT,
    "axes.labelpad": 3.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": RULE,
    "ytick.color": RULE,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": TEXT,
    "ytick.labelsize": TEXT,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.3,
    "svg.fonttype": "path",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where a plot draws: the part of the figure between title and note.

    Parameters
    ----------
    figure : Figure
        Of matplotlib.
    bottom, height : float
        Of the part, in inches.
    """

    figure: Figure
    bottom: float
    height: float

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """New axes; the box is in inches from the lower left corner of the part."""
        whole_width, whole_height = self.figure.get_size_inches()
        return self.figure.add_axes(
            (
                left / whole_width,
                (self.bottom + bottom) / whole_height,
                width / whole_width,
                height / whole_height,
            )
        )


def svg_of(plot: Plot, *, salt: str) -> bytes:
    """Draw a plot.

    Parameters
    ----------
    plot : Plot
        What to draw.
    salt : str
        Makes the identifiers in the file differ from those of other plots on one page.

    Returns
    -------
    bytes
        SVG, the same for equal plots.
    """
    from matplotlib import style
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    from radiome.model.plots.plot import Table

    # "default" first: a user's own style file must not change the picture.
    with style.context(["default", {**_STYLE, "svg.hashsalt": f"radiome {salt}"}]):
        title = wrapped(plot.title, TITLE, bold=True)
        subtitle = wrapped(plot.subtitle, TEXT)
        note = wrapped(plot.note, SMALL)
        above = _MARGIN + _tall(title, TITLE) + 0.02 + _tall(subtitle, TEXT) + 0.1
        below = _MARGIN + _tall(note, SMALL) + (0.06 if note else 0)
        height = above + plot.height + below
        figure = Figure(figsize=(WIDTH, height), facecolor="white")
        FigureCanvasSVG(figure)
        top = height - _MARGIN
        _lines(figure, title, top, TITLE, INK, weight="bold")
        _lines(figure, subtitle, top - _tall(title, TITLE) - 0.02, TEXT, QUIET)
        _lines(figure, note, _MARGIN + _tall(note, SMALL), SMALL, QUIET)
        plot.draw(Sheet(figure, below, plot.height), Table(plot.cells))
        file = io.BytesIO()
        told = {"Date": None, "Creator": "radiome", "Title": drawable(plot.title)}
        figure.savefig(file, format="svg", metadata=told)
    return file.getvalue()


def wrapped(
    text: str, size: float, *, width: float = WIDTH - 2 * _MARGIN, bold: bool = False
) -> list[str]:
    """Lines that fit a width in inches; a word that is too long is cut."""
    lines: list[str] = []
    for word in drawable(text).split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size, bold=bold) <= width:
            lines[-1] = longer
            continue
        while len(word) > 2 and width_of(word, size, bold=bold) > width:
            word = f"{word[:-2]}…"
        lines.append(word)
    return lines


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Width of a line of text in inches."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal", size=size)
    width, _, _ = text_to_path.get_text_width_height_descent(drawable(text), font, False)
    return float(width) / _POINTS


def widest(texts: Sequence[str], size: float = TEXT) -> float:
    """Width of the longest of some lines, in inches."""
    return max((width_of(text, size) for text in texts), default=0.0)


def drawable(text: str) -> str:
    """The text with a box for each letter that the font lacks; the CSV has the letter."""
    known = _letters()
    return "".join(letter if ord(letter) in known else "□" for letter in " ".join(text.split()))


def _letters() -> Any:
    from matplotlib.font_manager import findfont, get_font

    return get_font(findfont("DejaVu Sans")).get_charmap()


def _tall(lines: Sequence[str], size: float) -> float:
    return len(lines) * size * _LEADING / _POINTS


def _lines(
    figure: Figure,
    lines: Sequence[str],
    top: float,
    size: float,
    colour: str,
    weight: str = "normal",
) -> None:
    width, height = figure.get_size_inches()
    for place, line in enumerate(lines):
        y = top - (place + 0.5) * size * _LEADING / _POINTS
        figure.text(
            _MARGIN / width,
            y / height,
            line,
            size=size,
            color=colour,
            weight=weight,
            va="center_baseline",
        )
