"""Run a cohort from the command line: discover, show, run, sum up."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from radiome.base.counting import counted
from radiome.base.errors import UserError
from radiome.cli.main import EXIT_INTERRUPTED
from radiome.cohort.engine import RunResult, run_cohort
from radiome.cohort.manifest import REQUIRED
from radiome.cohort.progress import ProgressReport
from radiome.tables.columns import Column, text_column
from radiome.tables.files import write_csv

if TYPE_CHECKING:
    from radiome.cohort.discover import DiscoveredCase, Discovery


def run(cohort: Path, out: Path, **options: Any) -> None:
    """Run a cohort table into the run folder `out`, then exit with the run's status.

    Exit status 0 if every case was measured, 1 if some were not, 130 after Ctrl-C or
    SIGTERM, with which clusters and containers end a job: both leave a partial table.
    """
    _refuse_a_study(out)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    with ProgressReport() as report:
        result = run_cohort(cohort, out, progress=report, **options)
    for line in summary_lines(result):
        click.echo(line)
    context = click.get_current_context()
    if result.interrupted:
        context.exit(EXIT_INTERRUPTED)
    context.exit(0 if result.count("ok") == len(result.outcomes) else 1)


def _refuse_a_study(out: Path) -> None:
    """Raise `UserError` if `out` is what a study runs in: its tables are its own."""
    if (out / "study.json").is_file() or (out / "state").is_dir():
        raise UserError(
            "this is the run folder of a study",
            where=str(out),
            expected="a new folder, or one that 'radiome extract' wrote",
            do=f"give another; what the study measured is in {out / 'extraction'}",
        )


def summary_lines(result: RunResult) -> list[str]:
    """Counts by status, and where the tables are."""
    counts = [
        f"{result.count(status)} {word}"
        for status, word in (
            ("ok", "measured"),
            ("failed", "failed"),
            ("crashed", "crashed"),
            ("pending", "not reached"),
        )
        if result.count(status)
    ]
    if result.resumed:
        counts.append(f"{result.resumed} of them from an earlier run")
    lines = [f"{counted(len(result.outcomes), 'case')}: " + ", ".join(counts)]
    if result.interrupted:
        lines.append("interrupted; the same command goes on from here")
    return [*lines, f"table: {result.folder / 'features.parquet'}"]


def discover_cohort(
    folder: Path, out: Path | None, *, image_pattern: str | None, mask_pattern: str | None
) -> Path | None:
    """Show the cases found in `folder`; write them as ``cohort.csv`` into `out`.

    Returns
    -------
    Path or None
        The cohort table, or None if there is no `out` to write it to.

    Raises
    ------
    UserError
        If no case was found; what was found instead has been shown. If `out` is the run
        folder of a study.
    """
    from radiome.cohort.discover import discover

    if out is not None:
        _refuse_a_study(out)
    found = discover(folder, image_pattern=image_pattern, mask_pattern=mask_pattern)
    for line in discovery_lines(found, folder):
        click.echo(line)
    if not found.cases:
        raise UserError(
            "no image with its lesion was found",
            where=str(folder),
            expected="DICOM series with RTSTRUCT or SEG, or images with masks of like names",
            got=f"{counted(len(found.unmatched), 'file', 'files')} or series without a partner",
            do="give --image-pattern and --mask-pattern, or write a cohort table by hand",
        )
    if out is None:
        click.echo("nothing was measured; add -o RUN_DIR to do so")
        return None
    out.mkdir(parents=True, exist_ok=True)
    table = out / "cohort.csv"
    write_csv(table, cohort_columns(found.cases, out))
    click.echo(f"cohort table: {table}")
    return table


def discovery_lines(found: Discovery, folder: Path) -> list[str]:
    """The cases as an aligned table, then what was left over and why."""
    rows = [("case", "modality", "roi", "image", "mask", "note")]
    for case in found.cases:
        image, mask = _relative(case.image, folder), _relative(case.mask, folder)
        rows.append((case.case, case.modality, case.roi, image, mask, case.note))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    left = [f"  {_relative(entry.path, folder)}: {entry.reason}" for entry in found.unmatched]
    if left:
        lines += [f"not used ({len(left)}):", *left]
    return [*lines, counted(len(found.cases), "case")]


def cohort_columns(cases: Sequence[DiscoveredCase], folder: Path) -> list[Column]:
    """A cohort table in `folder`, with paths relative to it where that is possible."""
    cells = {
        "case": [case.case for case in cases],
        "image": [_relative(case.image, folder) for case in cases],
        "mask": [_relative(case.mask, folder) for case in cases],
        "roi": [case.roi for case in cases],
        "modality": [case.modality for case in cases],
        "patient": [case.patient for case in cases],
        "note": [case.note for case in cases],
    }
    return [
        text_column(name, texts) for name, texts in cells.items() if name in REQUIRED or any(texts)
    ]


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive
        return str(path)
