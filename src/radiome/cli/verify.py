"""`radiome verify`: compare with published reference values."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def verify() -> None:
    """Compare radiome with published reference values."""


@verify.command()
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with the IBSI 1 CT phantom; without it only the digital phantom is run.",
)
@click.option("--misses/--no-misses", default=True, help="List every value out of tolerance.")
def ibsi1(data: Path | None, misses: bool) -> None:
    """IBSI 1: the digital phantom and configurations A to E of the CT phantom."""
    from radiome.verify.ibsi1 import print_report, run

    comparisons = run(data)
    print_report(comparisons, show_misses=misses)
    failed = any(item.standardised and not item.matched for item in comparisons)
    raise SystemExit(1 if failed else 0)
