"""One volume and one mask to one feature row."""

from __future__ import annotations

import time
from typing import Any

from radiome.base.version import __version__
from radiome.discretise.methods import discretise
from radiome.extraction.row import Row
from radiome.extraction.settings import Settings
from radiome.extraction.threads import run_jobs
from radiome.features.families import Features, column_tags, jobs
from radiome.image.levels import Levels
from radiome.image.mask import Mask
from radiome.image.region import Region
from radiome.image.volume import Volume
from radiome.preprocess.prepare import prepare


def extract_case(volume: Volume, mask: Mask, settings: Settings, *, threads: int = 1) -> Row:
    """Compute the features that `settings` asks for.

    Parameters
    ----------
    volume : Volume
        The image.
    mask : Mask
        The lesion, on the grid of `volume`.
    settings : Settings
        What to compute and how.
    threads : int
        Families computed at the same time. The result does not depend on it.

    Returns
    -------
    Row
        Values in catalogue order; nulls with their reasons; the record.

    Raises
    ------
    RegionError, ImageError, SettingsError
        When the pair cannot be measured; the message says what to do.
    """
    start = time.perf_counter()
    region = prepare(volume, mask, settings.interpolation, settings.resegmentation)
    prepared = time.perf_counter()
    features = compute_features(region, settings, threads=threads)
    record = _record(volume, mask, region, settings)
    record["seconds"] = {
        "prepare": round(prepared - start, 6),
        "features": round(time.perf_counter() - prepared, 6),
    }
    return Row.build(features, record)


def compute_features(region: Region, settings: Settings, *, threads: int = 1) -> Features:
    """Compute every family of `settings` on a prepared region, in catalogue order."""
    limits = settings.resegmentation.range
    levels: Levels | None = None
    if _needs_levels(settings) and region.intensity.any():
        levels = discretise(region, settings.discretisation, resegmentation_range=limits)
    work = jobs(
        settings.families,
        region=region,
        levels=levels,
        texture=settings.texture,
        ivh=settings.ivh,
        limits=limits,
    )
    computed: Features = {}
    worthwhile = threads if region.intensity.size >= _WORTH_THREADS else 1
    for result in run_jobs(work, threads=worthwhile):
        computed |= result
    return {
        tag: computed[tag]
        for family in settings.families
        for tag in column_tags(family, settings.texture.aggregations)
    }


#: Below this many voxels in the region's block, starting threads costs more than it saves.
_WORTH_THREADS = 100_000

#: Families that are computed from grey levels rather than from intensities.
_LEVEL_FAMILIES = ("intensity_histogram", "glcm", "glrlm", "glszm", "gldzm", "ngtdm", "ngldm")


def _needs_levels(settings: Settings) -> bool:
    return any(family in _LEVEL_FAMILIES for family in settings.families)


def _warnings(region: Region) -> list[str]:
    if region.intensity.any():
        return []
    return [
        "re-segmentation left no voxel of the region: every feature of intensity or texture is "
        "null; check the unit of the image and resegmentation.range"
    ]


def _record(volume: Volume, mask: Mask, region: Region, settings: Settings) -> dict[str, Any]:
    geometry = volume.geometry
    return {
        "radiome": __version__,
        "settings": settings.fingerprint(),
        "modality": volume.modality,
        "unit": volume.unit,
        "image": volume.source,
        "mask": mask.source,
        "roi": mask.name,
        "shape_zyx": list(geometry.shape),
        "spacing_zyx_mm": list(geometry.spacing),
        "interpolated_spacing_zyx_mm": list(region.spacing),
        "voxels_morphological": int(region.morphological.sum()),
        "voxels_intensity": int(region.intensity.sum()),
        "warnings": _warnings(region),
    }
