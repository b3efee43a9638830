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
    levels = grey_levels(region, settings)
    features = compute_features(region, levels, settings, threads=threads)
    record = _record(volume, mask, region, settings)
    record["grey_levels"] = None if levels is None else levels.n_levels
    record["warnings"] = _warnings(region, levels, settings)
    record["seconds"] = {
        "prepare": round(prepared - start, 6),
        "features": round(time.perf_counter() - prepared, 6),
    }
    return Row.build(features, record)


def grey_levels(region: Region, settings: Settings) -> Levels | None:
    """Discretise the region, or return None if it has no intensities or no family needs levels."""
    if not any(family in _LEVEL_FAMILIES for family in settings.families):
        return None
    if not region.intensity.any():
        return None
    limits = settings.resegmentation.range
    return discretise(region, settings.discretisation, resegmentation_range=limits)


def compute_features(
    region: Region, levels: Levels | None, settings: Settings, *, threads: int = 1
) -> Features:
    """Compute every family of `settings` on a prepared region, in catalogue order."""
    work = jobs(
        settings.families,
        region=region,
        levels=levels,
        texture=settings.texture,
        ivh=settings.ivh,
        limits=settings.resegmentation.range,
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


#: Outside these numbers of grey levels, texture says little: too coarse, or nearly all noise.
_FEW_LEVELS, _MANY_LEVELS = 8, 1000


def _warnings(region: Region, levels: Levels | None, settings: Settings) -> list[str]:
    if not region.intensity.any():
        return [
            "re-segmentation left no voxel of the region: every feature of intensity or texture is "
            "null; check the unit of the image and resegmentation.range"
        ]
    by_size = settings.discretisation.method == "fixed_bin_size"
    if levels is None or not by_size or _FEW_LEVELS <= levels.n_levels <= _MANY_LEVELS:
        return []
    return [
        f"the bins of {settings.discretisation.width:g} give {levels.n_levels} grey levels, "
        f"outside {_FEW_LEVELS} to {_MANY_LEVELS}; check the unit of the image and "
        "discretisation.bin_width"
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
    }
