"""Intensity-volume histogram (IVH): the 7 features of family P88C.

Source: IBSI reference manual (arXiv:1612.07003), section 3.5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from radiome.base.errors import SettingsError
from radiome.base.values import FeatureValue, NotApplicable
from radiome.discretise.methods import Limits, fixed_bin_number, fixed_bin_size
from radiome.discretise.options import Bins
from radiome.image.region import Region


class IvhOptions(Bins):
    """Discretisation of the intensity-volume histogram alone."""

    default_bin_count = 1000

    method: Literal["fixed_bin_size", "fixed_bin_number", "none"] = Field(
        "fixed_bin_number",
        description="none: whole calibrated units, step 1 (CT); fixed_bin_size: continuous "
        "calibrated units (PET); fixed_bin_number: arbitrary units (MR).",
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """Bins 1, 2, … of width `step`; bin g stands for the intensity `origin + g * step`.

    `span` is (max G - min G) / step for the total range G of the standard, and `last` the
    last bin in G.
    """

    bins: NDArray[np.float64]
    origin: float
    step: float
    span: float

    @property
    def last(self) -> int:
        return 1 + math.floor(self.span + 1e-9)


def intensity_volume_histogram(
    region: Region, options: IvhOptions, resegmentation_range: Limits = None
) -> dict[str, FeatureValue]:
    """Compute the features of the cumulative histogram of intensities.

    nu_i is the share of voxels with discretised intensity of at least i, gamma_i =
    (i - min G) / (max G - min G). V_x is the largest nu with gamma of at least x %; I_x the
    lowest i in G with nu of at most x %; the area is the trapezoidal sum of nu over gamma.

    Parameters
    ----------
    region : Region
        The prepared pair.
    options : IvhOptions
        The discretisation. The range G is the re-segmentation range, where there is one,
        with the minimum or maximum of the region for an open end; for
        `fixed_bin_number` it is 1..bin_count.
    resegmentation_range : (float or None, float or None), optional
        The range [a, b].

    Returns
    -------
    dict
        7 features ``ivh_…``. Not applicable: all of an empty intensity mask; the V_x of a
        range G of one intensity (the area is then 0 by the standard); an I_x where every
        intensity of G is found in more than x % of the volume.

    Raises
    ------
    SettingsError
        For method `none` where intensities are not whole numbers.
    """
    values = region.values()
    if values.size == 0:
        return dict.fromkeys(_TAGS, NotApplicable("no voxel is left in the intensity mask"))
    scale = _scale(values, options, resegmentation_range)
    v10, v90 = _volume_at(scale, 10), _volume_at(scale, 90)
    i10, i90 = _intensity_at(scale, 10), _intensity_at(scale, 90)
    return {
        "ivh_v10": v10,
        "ivh_v90": v90,
        "ivh_i10": i10,
        "ivh_i90": i90,
        "ivh_diff_v10_v90": _difference(v10, v90),
        "ivh_diff_i10_i90": _difference(i10, i90),
        "ivh_auc": _area(scale),
    }


_TAGS = (
    *("ivh_v10", "ivh_v90", "ivh_i10", "ivh_i90"),
    *("ivh_diff_v10_v90", "ivh_diff_i10_i90", "ivh_auc"),
)


def _scale(values: NDArray[np.float64], options: IvhOptions, limits: Limits) -> _Scale:
    if options.method == "fixed_bin_number":
        count = options.count
        span = count - 1 if values.min() < values.max() else 0
        return _Scale(fixed_bin_number(values, count), 0.0, 1.0, float(span))
    low, high = _bounds(values, limits)
    if options.method == "none":
        _require_whole(values)
        low, high = math.ceil(low), math.floor(high)
        values -= low - 1
        return _Scale(values, low - 1.0, 1.0, float(high - low))
    width = options.width
    bins = fixed_bin_size(values, low, width)
    # G runs between bin centres: from low + w / 2 to high - w / 2.
    return _Scale(bins, low - 0.5 * width, width, max(0.0, (high - low) / width - 1.0))


def _bounds(values: NDArray[np.float64], limits: Limits) -> tuple[float, float]:
    low, high = limits or (None, None)
    if low is None or math.isinf(low):
        low = float(values.min())
    if high is None or math.isinf(high):
        high = float(values.max())
    return low, high


def _require_whole(values: NDArray[np.float64]) -> None:
    if not np.array_equal(values, np.floor(values)):
        raise SettingsError(
            "the intensities are not whole numbers",
            where="ivh.method",
            expected="whole calibrated units, such as HU, for method 'none'",
            got="intensities with a fraction",
            do="set ivh.method to fixed_bin_size or fixed_bin_number, or round the intensities",
        )


def _volume_at(scale: _Scale, percent: int) -> FeatureValue:
    if scale.span <= 0:
        return NotApplicable("the intensity range holds a single intensity")
    lowest = math.ceil(1.0 + scale.span * percent / 100 - 1e-9)
    return float(np.count_nonzero(scale.bins >= lowest)) / scale.bins.size


def _intensity_at(scale: _Scale, percent: int) -> FeatureValue:
    n = scale.bins.size
    allowed = n * percent // 100
    # More than `allowed` voxels have at least this bin, so the next bin is the first that fits.
    common = float(np.partition(scale.bins, n - 1 - allowed)[n - 1 - allowed])
    if common + 1 > scale.last:
        return NotApplicable(f"every intensity is found in more than {percent} % of the volume")
    return scale.origin + (common + 1.0) * scale.step


def _difference(first: FeatureValue, second: FeatureValue) -> FeatureValue:
    if isinstance(first, NotApplicable):
        return first
    if isinstance(second, NotApplicable):
        return second
    return first - second


def _area(scale: _Scale) -> FeatureValue:
    if scale.span <= 0:
        return 0.0
    # The sum over i of nu_i is the mean bin, so the trapezoidal rule needs no histogram.
    last = scale.last
    total = float(np.minimum(scale.bins, last).mean())
    ends = 1.0 + float(np.count_nonzero(scale.bins >= last)) / scale.bins.size
    return (total - 0.5 * ends) / scale.span
