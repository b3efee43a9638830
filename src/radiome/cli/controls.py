"""`radiome controls`: the features of negative control images."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("cohort", type=click.Path(path_type=Path), metavar="COHORT.csv")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder; each control gets a run folder in it.",
)
@click.option(
    "--control",
    "names",
    multiple=True,
    default=("shuffled_roi",),
    show_default=True,
    metavar="NAME",
    help="shuffled, sampled or randomised, in roi, non_roi or full; _2 for a second draw.",
)
@click.option("--settings", metavar="PRESET|FILE", help="Default: the preset of the modality.")
@click.option("--resample-mask", is_flag=True, help="Put a mask from another grid on the image's.")
@click.option("--fill-gaps", is_flag=True, help="Interpolate slices an RTSTRUCT region skips.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--jobs", type=click.IntRange(min=1), help="Worker processes.")
def controls(
    cohort: Path,
    *,
    out: Path,
    names: tuple[str, ...],
    settings: str | None,
    resample_mask: bool,
    fill_gaps: bool,
    seed: int,
    jobs: int | None,
) -> None:
    """Extract features from images in which what a model should read is destroyed.

    \b
    radiome controls cohort.csv -o controls --control shuffled_roi
    radiome model RUN --control shuffled_roi=controls/shuffled_roi ...

    A model of texture must do better on the images than on those whose voxels within the
    lesion are shuffled; one that does as well outside the lesion reads something else.
    Give the settings of the extraction. An interrupted run goes on from where it was.
    """
    from radiome.cli.main import EXIT_INTERRUPTED
    from radiome.cli.many_cases import summary_lines
    from radiome.cohort.control_cases import run_controls
    from radiome.cohort.progress import ProgressReport

    with ProgressReport() as report:
        results = run_controls(
            cohort,
            out,
            names,
            seed=seed,
            settings=settings,
            jobs=jobs,
            resample_mask=resample_mask,
            fill_gaps=fill_gaps,
            progress=report,
        )
    for name, result in results.items():
        for line in summary_lines(result):
            click.echo(f"{name}: {line}")
    context = click.get_current_context()
    if any(result.interrupted for result in results.values()):
        context.exit(EXIT_INTERRUPTED)
    whole = all(result.count("ok") == len(result.outcomes) for result in results.values())
    context.exit(0 if whole else 1)
