"""`radiome map`: features or filter responses as images."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command("map")
@click.argument("image", type=click.Path(path_type=Path))
@click.argument("mask", type=click.Path(path_type=Path))
@click.option("-f", "--feature", "tags", multiple=True, help="Column, such as cm_contrast_3D_avg.")
@click.option("--responses", is_flag=True, help="Maps of the filters in the settings.")
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="Folder.")
@click.option("--radius", type=click.IntRange(1, 20), default=1, help="Of the neighbourhood.")
@click.option("--dimension", type=click.Choice(["2D", "3D"]), default="3D")
@click.option("--settings", metavar="PRESET|FILE", help="Default: the preset of the modality.")
@click.option("--roi", help="Region in an RTSTRUCT or SEG, or label value.")
@click.option("--modality", help="DICOM modality, for formats that do not carry one.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; by default one per core.")
def map_features(
    image: Path,
    mask: Path,
    *,
    tags: tuple[str, ...],
    responses: bool,
    out: Path,
    radius: int,
    dimension: str,
    settings: str | None,
    roi: str | None,
    modality: str | None,
    jobs: int | None,
) -> None:
    """Save features of every voxel's neighbourhood, or filter responses, as NIfTI.

    \b
    radiome map IMAGE MASK -f cm_contrast_3D_avg -o maps
    radiome map IMAGE MASK --settings filters.yaml --responses -o maps
    """
    if not tags and not responses:
        raise click.UsageError("nothing to map: give -f FEATURE, or --responses")
    from radiome.extraction.settings import load_settings
    from radiome.io.readers import check_pair, read_mask, read_volume
    from radiome.maps.options import MapOptions
    from radiome.maps.responses import response_maps
    from radiome.maps.voxelwise import feature_maps

    volume = read_volume(image, modality=modality)
    region = read_mask(mask, volume, roi=roi)
    check_pair(volume, region)
    chosen = load_settings(settings, modality=volume.modality)
    out.mkdir(parents=True, exist_ok=True)
    if tags:
        options = MapOptions.model_validate({"radius": radius, "dimension": dimension})
        workers = jobs or os.cpu_count() or 1
        with _Bar() as bar:
            maps = feature_maps(
                volume, region, chosen, tags, options, workers=workers, progress=bar
            )
        for tag, found in maps.items():
            _save(volume, found, out / f"{tag}.nii.gz")
    if responses:
        if not chosen.filtered_images:
            raise click.UsageError("the settings have no filtered_images to map")
        for name, found in response_maps(volume, region, chosen, threads=jobs or 1):
            _save(volume, found, out / f"{name}.nii.gz")


def _save(volume, found, path: Path) -> None:  # type: ignore[no-untyped-def]
    from radiome.io.nifti import write_nifti
    from radiome.maps.placing import on_grid_of
    from radiome.tables.atomic import replacing

    placed = on_grid_of(volume, found)
    # The suffix decides whether the file is compressed, so it stays at the end.
    with replacing(path) as part:
        whole = part.with_name(f"{part.name}.nii.gz")
        write_nifti(whole, placed)
        whole.replace(part)
    click.echo(path)


class _Bar:
    """Progress in voxels on standard error."""

    def __enter__(self) -> _Bar:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (TextColumn("voxels"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("voxels")
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, done: int, total: int) -> None:
        self._bar.update(self._task, completed=done, total=total)
