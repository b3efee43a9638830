"""Features of response maps: filter once, then the families of each map."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from radiome.base.errors import ImageError
from radiome.extraction.measure import WORTH_THREADS, compute_features, grey_levels, level_warnings
from radiome.extraction.settings import FilteredImage, Settings
from radiome.extraction.threads import run_jobs
from radiome.features.families import Features
from radiome.filters.contract import BoundedFilter, Filter, Response
from radiome.image.region import Region
from radiome.preprocess.prepare import PEAK_RADIUS_MM
from radiome.preprocess.surroundings import Need, Surroundings

#: Response maps wait for a free thread up to this size together.
_WAITING_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Filtered:
    """Features of all response maps by column name, and the warnings about them."""

    features: Features
    warnings: list[str] = field(default_factory=list)


def need(chosen: Filter, spacing: tuple[float, float, float]) -> Need:
    """What a filter must see of an image with `spacing` mm along (z, y, x)."""
    periodic = isinstance(chosen, BoundedFilter) and chosen.boundary == "periodic"
    z, y, x = chosen.reach(spacing)
    return Need((z, y, x), periodic)


def core_margin(settings: Settings) -> float:
    """Margin in mm around the region in which responses are wanted: for the peaks alone."""
    wide = any("local_intensity" in image.families for image in settings.filtered_images)
    return PEAK_RADIUS_MM if wide else 0.0


def filtered_features(
    surroundings: Surroundings, settings: Settings, *, threads: int = 1
) -> Filtered:
    """Compute the features of every response map, in the order of the settings.

    Columns are named by the map and the feature: ``log_3mm_stat_mean``. The response maps
    exist a few at a time, so memory does not grow with their number.
    """
    result = Filtered({}, [])
    waiting: list[Callable[[], Filtered]] = []
    size = 0
    worthwhile = threads if surroundings.image.size >= WORTH_THREADS else 1
    for image, response in _responses(surroundings, settings, threads=worthwhile):
        region = surroundings.filtered(response.values)
        waiting.append(partial(_measure, region, response.name, _alone(settings, image)))
        size += response.values.nbytes
        if size > _WAITING_BYTES:
            _collect(result, waiting, worthwhile)
            waiting, size = [], 0
    _collect(result, waiting, worthwhile)
    return result


def responses(
    surroundings: Surroundings, chosen: Filter, *, threads: int = 1
) -> Iterator[Response]:
    """Yield the response maps of one filter on the core of `surroundings`.

    Raises
    ------
    ImageError
        If a response inside the region is not a finite number.
    """
    spacing = surroundings.grid.spacing
    image, core = surroundings.cut(need(chosen, spacing))
    for response in chosen.responses(image, spacing, core, threads=threads):
        _require_finite(response, surroundings)
        yield response


def _responses(
    surroundings: Surroundings, settings: Settings, *, threads: int
) -> Iterator[tuple[FilteredImage, Response]]:
    for image in settings.filtered_images:
        for response in responses(surroundings, image.filter, threads=threads):
            yield image, response


def _alone(settings: Settings, image: FilteredImage) -> Settings:
    """Settings that measure a response map as if it were the image."""
    return settings.model_copy(
        update={
            "discretisation": image.discretisation,
            "families": image.families,
            "filtered_images": (),
            # The range was that of the unfiltered image; it is in the masks already.
            "resegmentation": type(settings.resegmentation)(),
        }
    )


def _measure(region: Region, name: str, settings: Settings) -> Filtered:
    levels = grey_levels(region, settings)
    features = compute_features(region, levels, settings)
    warnings = level_warnings(region, levels, settings) if region.intensity.any() else []
    return Filtered(
        {f"{name}_{tag}": value for tag, value in features.items()},
        [f"{name}: {warning}" for warning in warnings],
    )


def _collect(result: Filtered, waiting: list[Callable[[], Filtered]], threads: int) -> None:
    for part in run_jobs(waiting, threads=threads):
        result.features.update(part.features)
        result.warnings.extend(part.warnings)


def _require_finite(response: Response, surroundings: Surroundings) -> None:
    inside = surroundings.filtered(response.values).values()
    bad = int(np.count_nonzero(~np.isfinite(inside)))
    if bad:
        raise ImageError(
            f"the filter '{response.name}' gave values that are not finite",
            where="filtered_images",
            expected="finite responses in the whole region",
            got=f"{bad} NaN or infinite values among {inside.size}",
            do="check the unit and the range of the image, or leave this filter out",
        )
