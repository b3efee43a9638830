"""`radiome catalogue`: what each feature is."""

from __future__ import annotations

from pathlib import Path

import click

from radiome.base.counting import counted


@click.command()
@click.option("--family", help="One feature family only, such as glcm.")
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a CSV file instead of printing.",
)
def catalogue(family: str | None, out: Path | None) -> None:
    """Say what each feature is: tag, IBSI code, name, unit, where its formula stands.

    Columns of texture features add the aggregation to the tag: cm_contrast is
    cm_contrast_3D_avg when the matrices of all 3D directions are averaged.
    """
    from radiome.cohort.store import CATALOGUE_HEADINGS
    from radiome.features.catalogue import catalogue_rows, features

    tags = [tag for tag, known in features().items() if family in (None, known.family)]
    rows = catalogue_rows(tags)
    if not rows:
        families = dict.fromkeys(known.family for known in features().values())
        raise click.BadParameter(f"one of {', '.join(families)}", param_hint="--family")
    if out is not None:
        from radiome.tables.files import write_records

        write_records(out, rows, CATALOGUE_HEADINGS)
        click.echo(f"{counted(len(rows), 'feature')} in {out}")
        return
    shown = ("tag", "ibsi_code", "unit", "family", "name")
    widths = {name: max(len(row[name]) for row in rows) for name in shown}
    for row in rows:
        click.echo("  ".join(f"{row[name]:<{widths[name]}}" for name in shown).rstrip())
