"""Plots into the page and into the files beside it."""

from __future__ import annotations

from pathlib import Path

from radiome.model.plots.plot import Plot
from radiome.model.plots.sheet import svg_of
from radiome.report.downloads import Download
from radiome.report.figures import Figure
from radiome.report.paper.pdf import pdf_of
from radiome.report.section import Output


def placed(plot: Plot, name: str, output: Output) -> tuple[Figure, Download]:
    """Draw a plot of the report; its numbers become ``data/NAME.csv``."""
    drawn = svg_of(plot, salt=name)
    columns = plot.columns()
    rows = zip(*(column.texts() for column in columns), strict=True)
    file = output.downloads.table(name, [column.name for column in columns], rows)
    return _kept(drawn, name, name, output), file


def taken(path: Path, name: str, output: Output) -> tuple[Figure, Download | None]:
    """Take a plot that another step drew, with the numbers that lie beside it, if they do."""
    figure = _kept(path.read_bytes(), str(path), name, output)
    numbers = path.with_suffix(".csv")
    if not numbers.is_file():
        return figure, None
    return figure, output.downloads.add(f"data/{name}.csv", numbers.read_bytes())


def _kept(drawn: bytes, where: str, name: str, output: Output) -> Figure:
    """Into the page, and as SVG and PDF beside it."""
    figure = output.gallery.plot_bytes(drawn, where)
    output.downloads.add(f"figures/{name}.svg", drawn)
    output.downloads.add(f"figures/{name}.pdf", pdf_of(drawn, title=figure.title))
    return figure
