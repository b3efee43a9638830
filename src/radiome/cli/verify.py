"""`radiome verify`: compare with published reference values."""

from __future__ import annotations

from pathlib import Path

import click

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def verify() -> None:
    """Compare radiome with published reference values."""


@verify.command()
@click.option(
    "--data",
    type=_FOLDER,
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


@verify.command()
@click.option("--data", required=True, type=_FOLDER, help="Folder with phantoms and response maps.")
@click.option(
    "--ct-phantom", type=_FOLDER, help="Folder of the CT phantom; by default ../ibsi1/ct_phantom."
)
@click.option("--sts", type=_FOLDER, help="Folder of the sarcoma cohort, for phase 3.")
def ibsi2(data: Path, ct_phantom: Path | None, sts: Path | None) -> None:
    """IBSI 2: response maps, statistics of the filtered CT phantom, sarcoma cohort."""
    from radiome.verify import ibsi2 as phases
    from radiome.verify.ibsi2_maps import compare_maps

    maps = list(compare_maps(data))
    phases.print_maps(maps)
    values = phases.compare_statistics(ct_phantom or data.parent / "ibsi1" / "ct_phantom")
    phases.print_statistics(values)
    if sts is not None:
        phases.print_teams(list(phases.compare_teams(sts)))
    matched = [item.matched for item in maps] + [item.matched for item in values]
    raise SystemExit(0 if all(matched) else 1)


@verify.command()
@click.option("--data", required=True, type=_FOLDER, help="Folder with the cases and baseline/.")
def pyradiomics(data: Path) -> None:
    """pyradiomics: its own baseline features, computed by the compatible mode."""
    from radiome.verify.pyradiomics_baseline import compare_baseline, print_report

    comparisons = compare_baseline(data)
    print_report(comparisons)
    raise SystemExit(0 if all(item.matched for item in comparisons) else 1)
