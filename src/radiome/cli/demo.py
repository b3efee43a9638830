"""`radiome demo`: a virtual cohort with known truth, made, extracted and compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from radiome.base.counting import counted

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

#: One texture feature of the many, to show that they differ between lesions.
_TEXTURE = "cm_joint_entr_3D_avg"
_HEADINGS: tuple[tuple[str, Literal["left", "right"]], ...] = (
    ("case", "left"),
    ("shape", "left"),
    ("volume ml\ntrue", "right"),
    ("\nmeasured", "right"),
    ("sphericity\ntrue", "right"),
    ("\nmeasured", "right"),
    ("mean\ntrue", "right"),
    ("\nmeasured", "right"),
    ("\nunit", "left"),
    ("texture\ntrue mm", "right"),
    ("joint\nentropy", "right"),
    ("status", "left"),
)
_NOTES = (
    "True are volume and sphericity of the outline, and the mean of the scan without noise.",
    "Sphericity comes out lower: a surface made of voxels is rougher than the lesion, most so",
    "where slices are thick. Means move most beside lung, where resampling mixes the two.",
    "Joint entropy is one of many texture features; it compares within a modality only,",
    "because grey levels are binned differently in each.",
    "",
)
_UNITS = {"CT": "HU", "PT": "SUV", "MR": "a.u."}


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option("--jobs", type=click.IntRange(min=1), help="Worker processes.")
@click.option("--patients", type=click.IntRange(1, 99), default=3, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=2024, show_default=True)
@click.option(
    "--studies/--no-studies", default=True, help="Run the two studies too.", show_default=True
)
def demo(folder: Path, *, jobs: int | None, patients: int, seed: int, studies: bool) -> None:
    """Make small virtual cohorts in DIR, measure them, and run two studies on them.

    No patient is shown: shape, size and texture of each lesion are chosen, so what comes
    out can be held against what went in. First CT with RTSTRUCT, PET with SEG and T1 MR
    as NIfTI are measured beside the truth. Then two studies with reports: in one a texture
    tells the response, in the other nothing does but the scanner.
    """
    whole = _measure(folder, jobs=jobs, patients=patients, seed=seed)
    if studies:
        _study(folder, jobs=jobs, seed=seed)
    click.get_current_context().exit(0 if whole else 1)


def _study(folder: Path, *, jobs: int | None, seed: int) -> None:
    """Run both studies and tell what they say beside what is true."""
    from radiome.cli.study import run_and_report
    from radiome.cli.study_output import summary_lines
    from radiome.phantoms.demo_study import ARMS, write_demo_study

    for name, arm in ARMS.items():
        click.echo(f"\nstudy '{arm.title}'. What is true: {arm.sentence}")
        protocol = write_demo_study(folder / name, name, seed=seed)
        for line in summary_lines(run_and_report(protocol, folder / name / "run", jobs=jobs)):
            click.echo(line)


def _measure(folder: Path, *, jobs: int | None, patients: int, seed: int) -> bool:
    """Measure the cohort beside its truth; whether every case was measured."""
    from radiome.cli.main import EXIT_INTERRUPTED
    from radiome.cli.many_cases import summary_lines
    from radiome.cohort.engine import run_cohort
    from radiome.cohort.progress import ProgressReport
    from radiome.phantoms.demo import write_demo_cohort
    from radiome.tables.feature_table import FeatureTable

    cohort = write_demo_cohort(folder, patients=patients, seed=seed)
    click.echo(f"virtual cohort of {counted(patients, 'patient')}: {cohort}")
    with ProgressReport() as report:
        result = run_cohort(cohort, folder / "results", jobs=jobs, csv=True, progress=report)
    table = FeatureTable.read(result.folder)
    _print(comparison(table.frame))
    for line in _NOTES:
        click.echo(line)
    click.echo(f"{counted(len(table.features), 'feature')} per case; {summary_lines(result)[0]}")
    _tell_files(cohort, result.folder, patients)
    if result.interrupted:
        click.get_current_context().exit(EXIT_INTERRUPTED)
    return result.count("ok") == len(result.outcomes)


def comparison(frame: pd.DataFrame) -> Table:
    """What is true beside what was measured, one row per case."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for heading, justify in _HEADINGS:
        table.add_column(heading, justify=justify, no_wrap=heading != "status")
    for record in frame.to_dict("records"):
        table.add_row(*_cells({str(name): value for name, value in record.items()}))
    return table


def _cells(row: dict[str, Any]) -> list[str]:
    return [
        str(row["case"]),
        str(row["shape"]),
        _number(row["true_volume_ml"], ".2f"),
        _number(row.get("morph_volume"), ".2f", scale=1e-3),
        _number(row["true_sphericity"], ".3f"),
        _number(row.get("morph_sphericity"), ".3f"),
        _number(row["true_mean"], ".2f"),
        _number(row.get("stat_mean"), ".2f"),
        _UNITS.get(str(row["modality"]), ""),
        _number(row["true_texture_mm"], ".1f"),
        _number(row.get(_TEXTURE), ".3f"),
        str(row["status"]) if row["status"] == "ok" else f"{row['status']}: {row['reason']}",
    ]


def _number(value: Any, form: str, *, scale: float = 1.0) -> str:
    # A case that was not measured has no value: NaN in the table, equal to nothing.
    return "-" if value is None or value != value else format(float(value) * scale, form)


def _print(table: Table) -> None:
    from rich.console import Console

    # Numbers that are cut off are worse than lines that are long.
    needed = Console(width=1000).measure(table).maximum
    Console(width=max(Console().width, needed)).print(table)


def _tell_files(cohort: Path, results: Path, patients: int) -> None:
    click.echo("files:")
    for path, meaning in (
        (cohort.parent / "VIRTUAL-001", f"scans of the first patient of {patients}"),
        (cohort, "cohort table with the truth of every lesion"),
        (results / "features.parquet", "features; features.csv holds the same as text"),
        (results / "catalogue.csv", "what every feature is"),
        (results / "run.json", "how they were computed"),
    ):
        click.echo(f"  {path}  {meaning}")
