"""`radiome repeatability`: how far features stay the same when a lesion is measured again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from radiome.robustness.repeatability import Repeatability

_BANDS = ("excellent", "good", "moderate", "poor")


@click.command()
@click.argument("features", type=click.Path(path_type=Path))
@click.option(
    "--repeat", metavar="COLUMN", required=True, help="Numbers the measurements of a lesion."
)
@click.option("--patient", metavar="COLUMN", default="patient", show_default=True)
@click.option("--lesion", metavar="COLUMN", help="Tells lesions of a patient apart.")
@click.option(
    "--kind",
    type=click.Choice(["scan", "reader", "perturbation"]),
    default="scan",
    show_default=True,
    help="What was done again. Readers must agree in value, ICC(2,1); otherwise ICC(1,1).",
)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="CSV file; by default beside the table."
)
def repeatability(
    features: Path, *, repeat: str, patient: str, lesion: str | None, kind: str, out: Path | None
) -> None:
    """Tell how repeatable each feature is, from lesions that were measured again.

    \b
    radiome repeatability RUN --repeat scan
    radiome model RUN ... --repeatability RUN/repeatability.csv

    FEATURES is features.parquet, features.csv or a run folder, with a row for each
    measurement. Writes repeatability.csv, with one row per feature: the intraclass
    correlation with its interval, the within-subject coefficient of variation and the
    repeatability coefficient, or the reason for none. The outcome is never looked at.
    """
    from rich.console import Console

    from radiome.base.counting import counted
    from radiome.base.errors import UserError
    from radiome.model.outcome_reading import require_column
    from radiome.robustness import repeatability as judging
    from radiome.robustness.repeatability_file import write_repeatability
    from radiome.tables.feature_table import FeatureTable

    table = FeatureTable.read(features).measured()
    subject = [patient, lesion] if lesion else [patient]
    for name in (*subject, repeat):
        require_column(
            table.frame[list(table.identifiers)],
            name,
            where=str(features),
            why="the lesions and their measurements (--patient, --lesion, --repeat)",
        )
    found = judging.repeatability(
        table.frame,
        table.features,
        subject=subject,
        repeat=repeat,
        kind=kind,  # type: ignore[arg-type]
    )
    first = found[0]
    if first.subjects == 0 or first.repeats < 2:
        raise UserError(
            "no lesion was measured twice",
            where=str(features),
            expected=f"rows alike in {' and '.join(subject)}, with other numbers in '{repeat}'",
            got=f"{counted(len(table.frame), 'row')}, none of the same lesion",
            do="name the columns that tell lesions apart (--patient, --lesion)",
        )
    folder = features if features.is_dir() else features.parent
    target = out or folder / "repeatability.csv"
    write_repeatability(target, found)
    click.echo(f"{first.subjects} lesions, {first.repeats} measurements of each")
    Console().print(_families(found))
    click.echo(target)


def _families(found: Sequence[Repeatability]) -> Table:
    """Features by family and band; those without a figure have a column of their own."""
    from rich.table import Table

    from radiome.select.feature_families import origin_of

    counts: dict[str, list[int]] = {}
    for item in found:
        row = counts.setdefault(origin_of(item.feature).family, [0] * (len(_BANDS) + 1))
        row[_BANDS.index(item.band) if item.band else -1] += 1
    table = Table(box=None, pad_edge=False)
    table.add_column("lower limit of the ICC")
    for heading in ("≥ 0.90", "≥ 0.75", "≥ 0.50", "below", "none"):
        table.add_column(heading, justify="right")
    for family, row in counts.items():
        table.add_row(family, *[str(count) for count in row])
    return table
