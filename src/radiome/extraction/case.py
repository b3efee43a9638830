"""One volume and one mask to one feature row."""

from __future__ import annotations

import time
from typing import Any

from radiome.base.version import __version__
from radiome.extraction.filtered import Filtered, core_margin, filtered_features, need
from radiome.extraction.measure import compute_features, grey_levels, level_warnings
from radiome.extraction.row import Row
from radiome.extraction.settings import Settings
from radiome.extraction.threads import one_blas_thread
from radiome.image.mask import Mask
from radiome.image.region import Region
from radiome.image.volume import Volume
from radiome.preprocess.prepare import prepare
from radiome.preprocess.surroundings import Surroundings, prepare_surroundings


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
    with one_blas_thread():
        return _measured(volume, mask, settings, threads)


def _measured(volume: Volume, mask: Mask, settings: Settings, threads: int) -> Row:
    start = time.perf_counter()
    surroundings = _prepare_for_filters(volume, mask, settings)
    region = surroundings.region if surroundings else _prepare_alone(volume, mask, settings)
    prepared = time.perf_counter()
    levels = grey_levels(region, settings)
    features = compute_features(region, levels, settings, threads=threads)
    measured = time.perf_counter()
    filtered = Filtered({}, [])
    if surroundings:
        filtered = filtered_features(surroundings, settings, threads=threads)
    features |= filtered.features
    record = _record(volume, mask, region, settings)
    record["grey_levels"] = None if levels is None else levels.n_levels
    record["warnings"] = level_warnings(region, levels, settings) + filtered.warnings
    record["seconds"] = {
        "prepare": round(prepared - start, 6),
        "features": round(measured - prepared, 6),
        "filtered": round(time.perf_counter() - measured, 6),
    }
    return Row.build(features, record)


def _prepare_alone(volume: Volume, mask: Mask, settings: Settings) -> Region:
    return prepare(volume, mask, settings.interpolation, settings.resegmentation)


def _prepare_for_filters(volume: Volume, mask: Mask, settings: Settings) -> Surroundings | None:
    if not settings.filtered_images:
        return None
    return prepare_surroundings(
        volume,
        mask,
        settings.interpolation,
        settings.resegmentation,
        needs=lambda spacing: [need(image.filter, spacing) for image in settings.filtered_images],
        core_margin_mm=core_margin(settings),
    )


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


__all__ = ["compute_features", "extract_case", "grey_levels"]
