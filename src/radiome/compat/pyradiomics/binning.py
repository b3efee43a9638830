"""Grey levels the way pyradiomics bins them: edges at multiples of the bin width."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import RegionError, SettingsError
from radiome.image.levels import Levels
from radiome.image.mask import Mask
from radiome.image.volume import Volume

DEFAULT_BIN_WIDTH = 25
_MAX_LEVELS = 65535


@dataclass(frozen=True, slots=True, eq=False)
class Binned:
    """The voxels of one region, and their grey levels.

    Parameters
    ----------
    values : float64 array (n,)
        Intensities, in array order.
    levels : Levels
        Grey levels on the box of the region; with `force2D` the axis across the slices
        comes first.
    present, counts : int64 arrays (m,)
        Grey levels that occur, ascending, and how often.
    spacing : (float, float, float)
        Voxel spacing in mm along the axes of `levels`.
    planar : bool
        Whether neighbours are sought within slices only.
    """

    values: NDArray[np.float64]
    levels: Levels
    present: NDArray[np.int64]
    counts: NDArray[np.int64]
    spacing: tuple[float, float, float]
    planar: bool


def bin_edges(values: NDArray[Any], settings: Mapping[str, Any]) -> NDArray[np.float64]:
    """Edges (m,) of half-open bins, by `binCount` where that is set, else by `binWidth`.

    Notes
    -----
    Bins of a fixed width w have their edges at multiples of w, the first at or below the
    least value. A fixed number of bins spans the range, and the last edge is moved up by
    one so that the greatest value falls into the last bin. Source: pyradiomics 3.0.1,
    documentation of `imageoperations.getBinEdges`.
    """
    count = settings.get("binCount")
    if count is not None:
        edges = np.histogram_bin_edges(values, int(count))
        edges[-1] += 1
        return edges.astype(np.float64)
    asked = settings.get("binWidth")
    width = float(DEFAULT_BIN_WIDTH if asked is None else asked)
    if not width > 0:
        raise SettingsError("the bin width must be positive", where="binWidth", got=str(width))
    least, greatest = float(values.min()), float(values.max())
    if (greatest - least) / width >= _MAX_LEVELS - 2:
        _refuse((greatest - least) / width, f"binWidth {width:g}")
    low = np.float64(least) - np.mod(np.float64(least), width)
    edges = np.arange(low, greatest + 2 * width, width)
    if len(edges) == 1:
        edges = np.array([edges[0] - 0.5, edges[0] + 0.5])
    return edges


def bin_region(volume: Volume, mask: Mask, settings: Mapping[str, Any]) -> Binned:
    """Bin the intensities of the region.

    Raises
    ------
    RegionError
        If the region is empty or holds values that are not finite.
    SettingsError
        If there would be more than 65535 grey levels.
    """
    box = mask.box()
    if box is None:
        raise RegionError("the region has no voxels", where=mask.source or None)
    inside = mask.voxels[box]
    found = volume.voxels[box][inside]
    values = found.astype(np.float64)
    if not np.isfinite(values).all():
        raise RegionError(
            "the region has voxels without a finite value",
            where=volume.source or None,
            got=f"{np.count_nonzero(~np.isfinite(values))} of {values.size} voxels",
            do="fill them, or leave them out of the mask",
        )
    levels = _levels(found, values, settings)
    planar = bool(settings.get("force2D", False))
    across = int(settings.get("force2Ddimension", 0)) if planar else 0
    padded = np.zeros(tuple(n + 2 for n in inside.shape), np.uint16)
    padded[1:-1, 1:-1, 1:-1][inside] = levels
    spacing = list(volume.geometry.spacing)
    spacing.insert(0, spacing.pop(across))
    padded = np.ascontiguousarray(np.moveaxis(padded, across, 0))
    occurring = np.bincount(levels)
    present = np.flatnonzero(occurring)
    return Binned(
        values=values,
        levels=Levels(padded, padded > 0, int(present[-1]), len(values)),
        present=present,
        counts=occurring[present],
        spacing=(spacing[0], spacing[1], spacing[2]),
        planar=planar,
    )


def _levels(
    found: NDArray[Any], values: NDArray[np.float64], settings: Mapping[str, Any]
) -> NDArray[np.uint16]:
    from radiome.kernels.bins import assign_bins

    edges = bin_edges(found, settings)
    if len(edges) > _MAX_LEVELS:
        _refuse(len(edges), f"binCount {settings.get('binCount')}")
    levels: NDArray[np.uint16] = assign_bins(values, edges)
    return levels


def _refuse(levels: float, where: str) -> None:
    raise SettingsError(
        "the bins give too many grey levels",
        where=where,
        expected=f"at most {_MAX_LEVELS}",
        got=f"{levels:.0f}",
        do="use wider bins, or fewer",
    )
