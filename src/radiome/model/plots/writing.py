"""Plots as files: one SVG for each, with its numbers as CSV beside it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from radiome.model.plots.catalogue import PLOTS, plots_of
from radiome.model.plots.material import Material, material_of
from radiome.model.plots.plot import Plot
from radiome.model.plots.sheet import svg_of
from radiome.model.run import StudyResult
from radiome.tables.atomic import replacing
from radiome.tables.files import write_csv

_LONGEST = 80


def write_plots(result: StudyResult, folder: Path) -> list[Path]:
    """Write the plots of every modelled outcome.

    Parameters
    ----------
    result : StudyResult
        What was computed.
    folder : Path
        ``OUTCOME-PLOT.svg`` and ``OUTCOME-PLOT.csv`` go here. Those of these outcomes that
        an earlier run left and that would now say nothing are removed.

    Returns
    -------
    list of Path
        The SVG files.
    """
    stems = file_stems([outcome.name for outcome in result.outcomes])
    written: list[Path] = []
    for outcome, stem in zip(result.outcomes, stems, strict=True):
        material = material_of(outcome, result.plan.seed)
        written += write_outcome_plots(material, folder, stem)
    return written


def write_outcome_plots(material: Material | None, folder: Path, stem: str) -> list[Path]:
    """Write the plots of one outcome; None removes those of an earlier run."""
    plots = plots_of(material) if material is not None else {}
    if plots:
        folder.mkdir(parents=True, exist_ok=True)
    for name in PLOTS.keys() - plots.keys():
        for ending in ("svg", "csv"):
            (folder / f"{stem}-{name}.{ending}").unlink(missing_ok=True)
    return [_write(plot, folder / f"{stem}-{name}.svg") for name, plot in plots.items()]


def _write(plot: Plot, path: Path) -> Path:
    drawn = svg_of(plot, salt=path.stem)
    with replacing(path) as part:
        part.write_bytes(drawn)
    write_csv(path.with_suffix(".csv"), plot.columns())
    return path


def file_stems(names: Iterable[str]) -> list[str]:
    """Outcomes as parts of file names, each different, also where case does not count.

    Examples
    --------
    >>> file_stems(["HER2 status", "her2-status", "os"])
    ['HER2_status', 'her2_status_2', 'os']
    """
    stems: list[str] = []
    taken: set[str] = set()
    for name in names:
        plain = "".join(letter if letter.isalnum() else "_" for letter in name)[:_LONGEST]
        stem, number = plain, 1
        while stem.casefold() in taken:
            number += 1
            stem = f"{plain}_{number}"
        taken.add(stem.casefold())
        stems.append(stem)
    return stems
