"""Maps of one case, sampled at the pixels of the picture of its lesion."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import UserError, system_error
from radiome.base.processes import process_pool
from radiome.cohort.lesion_picture import Drawing, draw
from radiome.cohort.manifest import Case
from radiome.extraction.settings import load_settings
from radiome.image.geometry import Geometry
from radiome.image.volume import Volume
from radiome.io.readers import check_pair, read_mask, read_volume
from radiome.maps.options import MapOptions
from radiome.maps.voxelwise import feature_maps

#: The neighbourhood of a voxel: 3 by 3 by 3.
MAP_OPTIONS = MapOptions(radius=1)

#: More voxels in a slice than this take too long for a picture: 4 to 9 s for each family.
MOST_VOXELS = 10_000

_CRASHED = "the process that made it died: a bug of a reader, or too little memory"


@dataclass(frozen=True, slots=True)
class MapJob:
    """One case, and the features to map in it.

    Parameters
    ----------
    case : Case
        The case.
    tags : tuple of str
        Columns of the feature table.
    settings : mapping
        Those that the case was measured with, as plain values.
    resample_mask, fill_gaps : bool
        As for `radiome.extract`.
    """

    case: Case
    tags: tuple[str, ...]
    settings: Mapping[str, Any]
    resample_mask: bool = False
    fill_gaps: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class MapView:
    """The picture of a lesion, and the maps in the same window.

    Parameters
    ----------
    drawing : Drawing or None
        The picture; None if there is no map.
    values : mapping of str to float64 array (SIZE, SIZE)
        Each feature at the pixels of the picture; NaN outside the region and where the
        feature is not applicable.
    reason : str
        Why there are none, else empty. It names no file.
    """

    drawing: Drawing | None
    values: Mapping[str, NDArray[np.float64]]
    reason: str = ""


def map_views(jobs: Sequence[MapJob], *, workers: int = 1) -> list[MapView]:
    """Map each case; the result does not depend on the number of processes.

    A case that cannot be mapped has a reason.
    """
    if workers == 1 or len(jobs) < 2:
        return [map_view(job) for job in jobs]
    return list(_in_processes(jobs, min(workers, len(jobs))))


def _in_processes(jobs: Sequence[MapJob], workers: int) -> Iterator[MapView]:
    """Where a process dies, the cases from there on get one each."""
    done = 0
    try:
        with process_pool(workers) as pool:
            for view in pool.map(map_view, jobs):
                yield view
                done += 1
    except BrokenProcessPool:
        for job in jobs[done:]:
            yield _alone(job)


def _alone(job: MapJob) -> MapView:
    try:
        with process_pool(1) as pool:
            return pool.submit(map_view, job).result()
    except BrokenProcessPool:
        return MapView(None, {}, _CRASHED)


def map_view(job: MapJob) -> MapView:
    """Read a case and map it; never raise for its sake."""
    try:
        with warnings.catch_warnings():
            # What there is to warn of, the extraction has told.
            warnings.simplefilter("ignore")
            return _mapped(job)
    except Exception as error:
        return MapView(None, {}, _reason(error))


def _reason(error: Exception) -> str:
    """What is wrong, without the file that comes after it."""
    if isinstance(error, OSError):
        error = system_error(error)
    if not isinstance(error, UserError):
        return f"internal error: {type(error).__name__}"
    return error.what


def _mapped(job: MapJob) -> MapView:
    case = job.case
    volume = read_volume(case.image, modality=case.modality or None)
    mask = read_mask(
        case.mask,
        volume,
        roi=case.roi or None,
        resample=job.resample_mask,
        fill_gaps=job.fill_gaps,
    )
    check_pair(volume, mask)
    drawing = draw(volume, mask)
    maps = feature_maps(
        volume,
        mask,
        load_settings(job.settings),
        job.tags,
        MAP_OPTIONS,
        slice_at=drawing.window.slice_number,
        most=MOST_VOXELS,
    )
    pixels = drawing.window.pixel_indices()
    return MapView(
        drawing, {tag: at_pixels(found, volume.geometry, pixels) for tag, found in maps.items()}
    )


def at_pixels(found: Volume, grid: Geometry, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of a map of one slice at pixels of an image's slice.

    Parameters
    ----------
    found : Volume
        The map, of shape (1, height, width).
    grid : Geometry
        Of the image, with the axes of the map.
    pixels : float64 array (n, m, 3)
        Indices on `grid`, (z, y, x).

    Returns
    -------
    float64 array (n, m)
        The nearest voxel's value; NaN beyond the map.
    """
    places = found.geometry.world_to_index(grid.index_to_world(pixels))[..., 1:]
    nearest = np.rint(places).astype(np.int64)
    rows, columns = nearest[..., 0], nearest[..., 1]
    _, height, width = found.voxels.shape
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    values = found.voxels[0][np.where(inside, rows, 0), np.where(inside, columns, 0)]
    return np.where(inside, values, np.nan)
