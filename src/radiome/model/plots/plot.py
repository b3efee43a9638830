"""A plot before it is drawn: what is said, the numbers, and who draws them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.model.plots.sheet import Sheet
from radiome.tables.columns import Column, number_column, text_column

Cells = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Plot:
    """A plot whose drawing knows nothing but its cells, so that the CSV is the picture.

    Parameters
    ----------
    title : str
        What is seen, in a short sentence.
    subtitle : str
        The figures behind it.
    note : str
        How it was made.
    cells : mapping of str to sequence
        Columns of equal length, of text or of numbers; None where there is nothing.
    height : float
        Of the drawing without the words around it, in inches.
    draw : callable
        ``draw(sheet, table)``.
    """

    title: str
    subtitle: str
    note: str
    cells: Cells
    height: float
    draw: Callable[[Sheet, Table], None]

    def columns(self) -> list[Column]:
        """The cells as columns of a file."""
        return [_column(name, list(cells)) for name, cells in self.cells.items()]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The cells of a plot, or some of their rows."""

    cells: Cells

    def __len__(self) -> int:
        return len(next(iter(self.cells.values())))

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column as floats; NaN, which is not drawn, where there is nothing."""
        return np.array([np.nan if cell is None else cell for cell in self.cells[name]], np.float64)

    def texts(self, name: str) -> list[str]:
        """A column as text."""
        return [str(cell) for cell in self.cells[name]]

    def where(self, **wanted: str) -> Table:
        """The rows that have these texts."""
        rows = [
            row
            for row in range(len(self))
            if all(self.cells[name][row] == value for name, value in wanted.items())
        ]
        return Table({name: [column[row] for row in rows] for name, column in self.cells.items()})

    def distinct(self, name: str) -> list[str]:
        """The texts of a column, each once, in the order of their first rows."""
        return list(dict.fromkeys(self.texts(name)))


def rows_as_cells(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, list[Any]]:
    """Turn rows into columns; a number that is not finite becomes nothing."""
    return {name: [_plain(row[place]) for row in rows] for place, name in enumerate(names)}


def _plain(cell: Any) -> Any:
    if isinstance(cell, str) or cell is None:
        return cell
    number = float(cell)
    return number if np.isfinite(number) else None


def _column(name: str, cells: list[Any]) -> Column:
    if any(isinstance(cell, str) for cell in cells):
        return text_column(name, cells)
    return number_column(name, cells)
