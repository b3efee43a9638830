"""`radiome crops`: cubes of image around the lesions of a cohort, for networks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from radiome.base.counting import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from radiome.cohort.crops import CropOutcome

#: Lesions of which less than this share lies in the cube are named.
_CUT_OFF = 0.95


@click.command("crops")
@click.argument("cohort", type=click.Path(path_type=Path), metavar="COHORT.csv")
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="Crop file (.npz); a table of the cases goes beside it (.csv).",
)
@click.option("--size", type=int, default=32, show_default=True, help="Voxels of a side, even.")
@click.option("--spacing", type=float, default=2.0, show_default=True, help="Of a voxel, mm.")
@click.option(
    "--window",
    type=(float, float),
    metavar="LOW HIGH",
    help="Clip to these intensities and scale to -1 to 1; by default each case by itself.",
)
@click.option("--mask/--no-mask", default=True, help="Put the mask into a second channel.")
@click.option("--resample-mask", is_flag=True, help="Put a mask from another grid on the image's.")
@click.option("--fill-gaps", is_flag=True, help="Interpolate slices an RTSTRUCT region skips.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; by default one per core.")
def crops(
    cohort: Path,
    *,
    out: Path,
    size: int,
    spacing: float,
    window: tuple[float, float] | None,
    mask: bool,
    resample_mask: bool,
    fill_gaps: bool,
    jobs: int | None,
) -> None:
    """Cut a cube of image around each lesion, for the networks of a plan.

    \b
    radiome crops COHORT.csv -o crops.npz --size 32 --spacing 2

    COHORT.csv is that of `radiome extract`. A case that cannot be used gets its reason in
    the table beside the crop file; the others go on.
    """
    from radiome.base.options import parse_options
    from radiome.cohort.crops import Reading, crop_cohort, gather
    from radiome.cohort.progress import ProgressReport
    from radiome.extraction.crops import CropOptions
    from radiome.tables.crops import write_crops

    values = {"size": size, "spacing": spacing, "window": window, "mask": mask}
    options = parse_options(CropOptions, values, where="radiome crops")
    reading = Reading(resample_mask, fill_gaps)
    if out.suffix.lower() != ".npz":
        raise click.BadParameter("the name of a crop file ends in .npz", param_hint="--out")
    workers = jobs or os.cpu_count() or 1
    with ProgressReport() as report:
        found = crop_cohort(cohort, options, reading=reading, workers=workers, progress=report)
    _write_table(found, out.with_suffix(".csv"))
    write_crops(out, gather(found, options, reading))
    for line in _summary(found, out):
        click.echo(line)
    failed = any(outcome.crop is None for outcome in found)
    click.get_current_context().exit(1 if failed else 0)


def _write_table(found: Sequence[CropOutcome], path: Path) -> None:
    """One row per case: status, reason, and the share of its lesion in the cube."""
    from radiome.tables.columns import number_column, text_column
    from radiome.tables.files import write_csv

    write_csv(
        path,
        [
            text_column("case", [outcome.case for outcome in found]),
            text_column("status", [outcome.status for outcome in found]),
            text_column("reason", [outcome.reason for outcome in found]),
            number_column("inside", [o.crop.inside if o.crop else None for o in found]),
        ],
    )


def _summary(found: Sequence[CropOutcome], out: Path) -> list[str]:
    cut = [outcome for outcome in found if outcome.crop is not None]
    failed = len(found) - len(cut)
    told = f"{counted(len(found), 'case')}: {len(cut)} cropped"
    lines = [told + (f", {failed} failed" if failed else "")]
    large = [o.case for o in cut if o.crop is not None and o.crop.inside < _CUT_OFF]
    if large:
        shown = ", ".join(large[:5]) + (", ..." if len(large) > 5 else "")
        lines.append(
            f"{counted(len(large), 'lesion does', 'lesions do')} not fit into the cube ({shown}): "
            "take a larger --size or --spacing"
        )
    return [*lines, f"crops: {out}", f"cases: {out.with_suffix('.csv')}"]
