"""Features of one prepared region: grey levels, then every family."""

from __future__ import annotations

from radiome.discretise.methods import discretise
from radiome.extraction.settings import Settings
from radiome.extraction.threads import run_jobs
from radiome.features.families import Features, column_tags, jobs
from radiome.image.levels import Levels
from radiome.image.region import Region


def grey_levels(region: Region, settings: Settings) -> Levels | None:
    """Discretise the region, or return None if it has no intensities or no family needs levels."""
    if not any(family in LEVEL_FAMILIES for family in settings.families):
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
    worthwhile = threads if region.intensity.size >= WORTH_THREADS else 1
    for result in run_jobs(work, threads=worthwhile):
        computed |= result
    return {
        tag: computed[tag]
        for family in settings.families
        for tag in column_tags(family, settings.texture.aggregations)
    }


#: Below this many voxels in the region's block, starting threads costs more than it saves.
WORTH_THREADS = 100_000

#: Families that are computed from grey levels rather than from intensities.
LEVEL_FAMILIES = ("intensity_histogram", "glcm", "glrlm", "glszm", "gldzm", "ngtdm", "ngldm")


#: Outside these numbers of grey levels, texture says little: too coarse, or nearly all noise.
FEW_LEVELS, MANY_LEVELS = 8, 1000


def level_warnings(region: Region, levels: Levels | None, settings: Settings) -> list[str]:
    """Say what in the grey levels of a region cannot be meant."""
    if not region.intensity.any():
        return [
            "re-segmentation left no voxel of the region: every feature of intensity or texture is "
            "null; check the unit of the image and resegmentation.range"
        ]
    by_size = settings.discretisation.method == "fixed_bin_size"
    if levels is None or not by_size or FEW_LEVELS <= levels.n_levels <= MANY_LEVELS:
        return []
    return [
        f"the bins of {settings.discretisation.width:g} give {levels.n_levels} grey levels, "
        f"outside {FEW_LEVELS} to {MANY_LEVELS}; check the unit of the image and "
        "discretisation.bin_width"
    ]
