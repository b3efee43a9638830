"""Square panels side by side: one for each class."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from radiome.model.plots.sheet import INK, TEXT, WIDTH, Sheet, drawable
from radiome.model.plots.words import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEFT, _BOTTOM = 0.46, 0.38
_GAP, _HEADING = 0.22, 0.2
#: Side of a panel that stands alone, in inches.
_ALONE = 2.55


def panels_height(count: int) -> float:
    """Height of the drawing of some panels, in inches."""
    if count == 1:
        return _ALONE + _BOTTOM + 0.02
    across, side = _grid(count)
    return -(-count // across) * (side + _HEADING + 0.12) + _BOTTOM


def _grid(count: int) -> tuple[int, float]:
    across = 2 if count <= 4 else 3
    side = (WIDTH - _LEFT - 0.1 - (across - 1) * _GAP) / across
    return across, side


def draw_panels(
    sheet: Sheet,
    names: Sequence[str],
    x_label: str,
    y_label: str,
    draw: Callable[[Axes, str], None],
) -> None:
    """Draw a panel for each name; only those at the left and at the bottom have labels."""
    for name, axes, at_left, at_bottom in _boxes(sheet, names):
        draw(axes, name)
        if len(names) > 1:
            axes.set_title(drawable(shortened(name, 16)), loc="left", size=TEXT, color=INK, pad=4)
        if at_bottom:
            axes.set_xlabel(x_label)
        else:
            axes.tick_params(labelbottom=False)
        if at_left:
            axes.set_ylabel(y_label)
        else:
            axes.tick_params(labelleft=False)


def _boxes(sheet: Sheet, names: Sequence[str]) -> Iterator[tuple[str, Axes, bool, bool]]:
    if len(names) == 1:
        yield names[0], sheet.axes(_LEFT, _BOTTOM, _ALONE, _ALONE), True, True
        return
    across, side = _grid(len(names))
    for place, name in enumerate(names):
        row, column = divmod(place, across)
        bottom = sheet.height - (row + 1) * (side + _HEADING + 0.12) + 0.12
        axes = sheet.axes(_LEFT + column * (side + _GAP), bottom, side, side)
        yield name, axes, column == 0, place + across >= len(names)
