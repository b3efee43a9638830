"""Grey levels of a region: fixed bin size, fixed bin number, or intensities as they are.

Source: IBSI reference manual (arXiv:1612.07003), section 2.7 (4R0B).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import RegionError, SettingsError
from radiome.discretise.options import MAXIMUM_LEVELS, Discretisation
from radiome.image.levels import Levels
from radiome.image.mask import Mask
from radiome.image.region import Region

Limits = tuple[float | None, float | None] | None


def discretise(
    region: Region, options: Discretisation, *, resegmentation_range: Limits = None
) -> Levels:
    """Give every voxel of the intensity mask a grey level 1..Ng.

    Parameters
    ----------
    region : Region
        The prepared pair; its intensity mask must not be empty.
    options : Discretisation
        The method. Ng is the number of bins for `fixed_bin_number` (1 if the region is
        constant), and the highest level present for the other methods.
    resegmentation_range : (float or None, float or None), optional
        Its lower bound, where there is one, is the lower edge of bin 1 for
        `fixed_bin_size`, unless the options have an anchor.

    Returns
    -------
    Levels
        On the tight box of the morphological mask, padded with one layer of zeros.

    Raises
    ------
    SettingsError
        For more than 65535 levels, intensities below the anchor, or, without
        discretisation, intensities that are not whole numbers from 1.
    """
    values = region.values()
    if values.size == 0:
        raise RegionError(
            "no voxel is left in the intensity mask, so there is nothing to discretise",
            do="widen the re-segmentation range or the outlier filter",
        )
    if options.method == "fixed_bin_number":
        levels, n_levels = _by_number(values, options.count)
    elif options.method == "fixed_bin_size":
        levels, n_levels = _by_size(values, options, resegmentation_range)
    else:
        levels, n_levels = _as_they_are(values)
    return _padded(region, levels, n_levels)


def fixed_bin_size(values: NDArray[np.float64], low: float, width: float) -> NDArray[np.float64]:
    """Return floor((X - low) / width) + 1 as float64, overwriting `values`."""
    values -= low
    values /= width
    np.floor(values, out=values)
    values += 1.0
    return values


def fixed_bin_number(values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return floor(Ng (X - min) / (max - min)) + 1, and Ng at the maximum, overwriting `values`.

    A constant region has the single level 1.
    """
    low, high = float(values.min()), float(values.max())
    if low == high:
        return np.ones_like(values)
    values -= low
    values *= count
    values /= high - low
    np.floor(values, out=values)
    values += 1.0
    return np.minimum(values, float(count), out=values)


def _by_number(values: NDArray[np.float64], count: int) -> tuple[NDArray[np.float64], int]:
    constant = bool(values.min() == values.max())
    return fixed_bin_number(values, count), 1 if constant else count


def _by_size(
    values: NDArray[np.float64], options: Discretisation, limits: Limits
) -> tuple[NDArray[np.float64], int]:
    width = options.width
    low, high = float(values.min()), float(values.max())
    anchor = low
    if options.anchor is not None:
        anchor = options.anchor
    elif limits is not None and limits[0] is not None and math.isfinite(limits[0]):
        anchor = limits[0]
    if low < anchor:
        raise SettingsError(
            "the region has intensities below the lower edge of the first bin",
            where="discretisation",
            expected=f"no intensity below the anchor {anchor:g}",
            got=f"a minimum of {low:g}",
            do="lower the anchor, or re-segment the region from the anchor upwards",
        )
    if (high - anchor) / width >= MAXIMUM_LEVELS:
        raise SettingsError(
            "the bins are too narrow for this region",
            where="discretisation",
            expected=f"at most {MAXIMUM_LEVELS} grey levels",
            got=f"{(high - anchor) / width:.6g} bins of {width:g} from {anchor:g} to {high:g}",
            do="take a wider bin, or fixed_bin_number",
        )
    levels = fixed_bin_size(values, anchor, width)
    return levels, int(levels.max())


def _as_they_are(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], int]:
    low, high = float(values.min()), float(values.max())
    if low < 1 or high > MAXIMUM_LEVELS or not np.array_equal(values, np.floor(values)):
        raise SettingsError(
            "the intensities of this region cannot serve as grey levels",
            where="discretisation",
            expected=f"whole numbers from 1 to {MAXIMUM_LEVELS} with method 'none'",
            got=f"intensities from {low:g} to {high:g}",
            do="discretise with fixed_bin_size or fixed_bin_number",
        )
    return values, int(high)


def _padded(region: Region, values: NDArray[np.float64], n_levels: int) -> Levels:
    box = Mask(region.morphological, region.geometry).box()
    if box is None:
        raise ValueError("a region has a morphological mask that is not empty")
    shape = tuple(span.stop - span.start + 2 for span in box)
    levels = np.zeros(shape, dtype=np.uint16)
    morphological = np.zeros(shape, dtype=np.bool_)
    core = (slice(1, -1),) * 3
    morphological[core] = region.morphological[box]
    # Same order as region.values(): the box holds the whole intensity mask.
    levels[core][region.intensity[box]] = values.astype(np.uint16)
    return Levels(levels, morphological, n_levels, values.size)
