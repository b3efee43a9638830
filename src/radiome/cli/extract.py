"""`radiome extract`: one case, a cohort table, or a folder to discover."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from radiome.cohort.cluster import ClusterOptions

_TABLE_SUFFIXES = (".csv", ".tsv", ".txt")


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="IMAGE MASK | COHORT")
@click.option(
    "--discover",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Build the cohort from a folder of DICOM, or of NIfTI pairs.",
)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Result file, or run folder.")
@click.option("--settings", metavar="PRESET|FILE", help="Default: the preset of the modality.")
@click.option("--roi", help="Region in an RTSTRUCT or SEG, or label value.")
@click.option("--modality", help="DICOM modality, for formats that do not carry one.")
@click.option("--resample-mask", is_flag=True, help="Put a mask from another grid on the image's.")
@click.option("--fill-gaps", is_flag=True, help="Interpolate slices an RTSTRUCT region skips.")
@click.option("--threads", type=click.IntRange(min=1), help="One case: threads to use.")
@click.option("--jobs", type=click.IntRange(min=1), help="Cohort: worker processes.")
@click.option("--scheduler", metavar="ADDRESS", help="Cohort: a running Dask scheduler.")
@click.option(
    "--cluster",
    type=click.Choice(["local", "slurm", "pbs", "sge", "lsf"]),
    help="Cohort: start --jobs workers through Dask, here or by a queue system.",
)
@click.option(
    "--cluster-options",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Cluster: YAML with arguments of dask-jobqueue, such as 'queue: long'.",
)
@click.option("--memory-per-case", metavar="SIZE", help="Cluster: such as 8GB; by default 4GB.")
@click.option("--csv", "as_csv", is_flag=True, help="Cohort: write features.csv too.")
@click.option("--fresh", is_flag=True, help="Cohort: measure finished cases again.")
@click.option("--fail-fast", is_flag=True, help="Cohort: stop at the first failed case.")
@click.option("--image-pattern", help="Discover: file name pattern of images.")
@click.option("--mask-pattern", help="Discover: file name pattern of masks.")
def extract(
    paths: tuple[Path, ...],
    *,
    discover: Path | None,
    out: Path | None,
    settings: str | None,
    roi: str | None,
    modality: str | None,
    resample_mask: bool,
    fill_gaps: bool,
    threads: int | None,
    jobs: int | None,
    scheduler: str | None,
    cluster: str | None,
    cluster_options: Path | None,
    memory_per_case: str | None,
    as_csv: bool,
    fresh: bool,
    fail_fast: bool,
    image_pattern: str | None,
    mask_pattern: str | None,
) -> None:
    """Extract radiomic features.

    \b
    radiome extract IMAGE MASK [-o OUT.csv|.json|.parquet]    one case
    radiome extract COHORT.csv -o RUN_DIR [--jobs N]          many cases
    radiome extract --discover FOLDER [-o RUN_DIR]            many cases, found

    A cohort table has columns case, image and mask, optionally roi, modality and
    settings; any others are carried through. Running it again resumes.
    """
    if discover is None and len(paths) == 2:
        from radiome.cli.one_case import extract_one

        extract_one(
            *paths,
            out,
            settings=settings,
            roi=roi,
            modality=modality,
            resample_mask=resample_mask,
            fill_gaps=fill_gaps,
            threads=threads,
        )
        return
    from radiome.cli import many_cases

    if roi or modality:
        raise click.UsageError("--roi and --modality are for one case; a cohort has columns")
    if discover is not None:
        if paths:
            raise click.UsageError("--discover takes the place of IMAGE MASK or COHORT")
        cohort = many_cases.discover_cohort(
            discover, out, image_pattern=image_pattern, mask_pattern=mask_pattern
        )
        if cohort is None:
            return
    else:
        cohort = _cohort_table(paths)
    if out is None:
        raise click.UsageError("a cohort needs a run folder: -o RUN_DIR")
    many_cases.run(
        cohort,
        out,
        settings=settings,
        jobs=jobs,
        csv=as_csv,
        resume=not fresh,
        fail_fast=fail_fast,
        resample_mask=resample_mask,
        fill_gaps=fill_gaps,
        cluster=_cluster(scheduler, cluster, cluster_options, memory_per_case, jobs),
    )


def _cluster(
    scheduler: str | None,
    kind: str | None,
    options: Path | None,
    memory: str | None,
    workers: int | None,
) -> ClusterOptions | None:
    from radiome.cohort.cluster import DEFAULT_MEMORY, ClusterOptions, read_cluster_options

    if scheduler is None and kind is None:
        if options or memory:
            raise click.UsageError("--cluster-options and --memory-per-case need --cluster")
        return None
    if scheduler and (options or memory or workers):
        raise click.UsageError("a running scheduler has workers of its own: give --scheduler alone")
    return ClusterOptions(
        scheduler=scheduler or "",
        kind=kind or "",
        workers=workers,
        memory=memory or DEFAULT_MEMORY,
        options=read_cluster_options(options) if options else {},
    )


def _cohort_table(paths: tuple[Path, ...]) -> Path:
    if len(paths) == 1 and paths[0].suffix.lower() in _TABLE_SUFFIXES:
        return paths[0]
    if len(paths) == 1:
        raise click.UsageError(
            f"give the mask too: radiome extract {paths[0]} MASK\n"
            "(a cohort table is a .csv file; a folder of cases goes with --discover)"
        )
    raise click.UsageError("give IMAGE and MASK, or COHORT.csv, or --discover FOLDER")
