"""Settings of pyradiomics in the terms of the IBSI.

What the standard has no counterpart for is refused by name. `padDistance` and `preCrop` say
how much of the image is kept in memory; here that changes no value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from radiome.base.errors import SettingsError
from radiome.base.options import parse_options
from radiome.compat.pyradiomics.binning import DEFAULT_BIN_WIDTH
from radiome.compat.pyradiomics.resampling import interpolator_name
from radiome.discretise.options import Discretisation
from radiome.features.texture_options import TextureOptions
from radiome.preprocess.options import Interpolation, Resegmentation

_METHODS = {"sitkNearestNeighbor": "nearest", "sitkLinear": "linear", "sitkBSpline": "cubic"}


class _Foreign(NamedTuple):
    """A value of a setting that the standard has no counterpart for, and what there is."""

    name: str
    applies: Callable[[Any], bool]
    expected: str


_FOREIGN = (
    _Foreign("voxelArrayShift", lambda v: v != 0, "0: energy is that of the intensities"),
    _Foreign("symmetricalGLCM", lambda v: v is False, "true: pairs count in both directions"),
    _Foreign(
        "weightingNorm",
        lambda v: v not in (None, "no_weighting"),
        "null for the mean over directions, no_weighting for merged directions",
    ),
    _Foreign("distances", lambda v: len(v) != 1, "one distance, such as [1]"),
    _Foreign("force2Ddimension", lambda v: v != 0, "0: slices lie across z"),
    _Foreign("resegmentShape", lambda v: v is True, "false: the morphological mask is kept"),
    _Foreign("resegmentMode", lambda v: v == "relative", "absolute or sigma"),
)


def refuse_foreign(settings: Mapping[str, Any]) -> None:
    """Refuse values without a counterpart in the standard.

    Raises
    ------
    SettingsError
        That names the setting.
    """
    for name, applies, expected in _FOREIGN:
        if name in settings and applies(settings[name]):
            raise foreign(name, settings[name], expected)


def foreign(name: str, value: Any, expected: str) -> SettingsError:
    """The error for a parameter that the IBSI has no counterpart for."""
    return SettingsError(
        f"'{name}' has no counterpart in the IBSI definitions",
        where=name,
        expected=expected,
        got=repr(value),
        do="change it, or take definition='pyradiomics'",
    )


def interpolation_of(
    settings: Mapping[str, Any], spacing: tuple[float, float, float]
) -> Interpolation:
    """New grid for an image of `spacing` (z, y, x) in mm; 0 keeps the spacing of an axis.

    The grid is aligned with the centre of the image. The mask is interpolated linearly, and a
    voxel is inside from a share of one half.
    """
    asked, how = settings.get("resampledPixelSpacing"), settings.get("interpolator")
    if asked is None or how is None:
        return Interpolation()
    if len(asked) != 3:
        raise SettingsError(
            "the new spacing must be three lengths in mm",
            where="resampledPixelSpacing",
            expected="(x, y, z), each 0 or positive",
            got=str(asked),
        )
    wanted = [new or old for new, old in zip(reversed(asked), spacing, strict=True)]
    values = {"spacing": wanted, "image_method": _METHODS[interpolator_name(how)]}
    return parse_options(Interpolation, values, where="resampledPixelSpacing")


def resegmentation_of(settings: Mapping[str, Any]) -> Resegmentation:
    """Range, or outlier filter for limits of -k and k standard deviations."""
    limits = settings.get("resegmentRange")
    if limits is None:
        return Resegmentation()
    if not 1 <= len(limits) <= 2:
        raise SettingsError(
            "re-segmentation needs one or two limits", where="resegmentRange", got=str(limits)
        )
    low, high = (*sorted(limits), None)[:2]
    if settings.get("resegmentMode", "absolute") == "absolute":
        return parse_options(Resegmentation, {"range": (low, high)}, where="resegmentRange")
    if high is None or low != -high or not high > 0:
        expected = "[-k, k] in standard deviations with resegmentMode sigma"
        raise foreign("resegmentRange", limits, expected)
    return parse_options(Resegmentation, {"outlier_sigma": high}, where="resegmentRange")


def discretisation_of(settings: Mapping[str, Any]) -> Discretisation:
    """Fixed bin number for `binCount`, else fixed bin size.

    Bins of a fixed size start at the lower bound of the re-segmentation range, or without one
    at the minimum of the region; those of a response map at its minimum.
    """
    count, width = settings.get("binCount"), settings.get("binWidth")
    values: dict[str, Any] = {"method": "fixed_bin_number", "bin_count": count}
    if count is None:
        width = DEFAULT_BIN_WIDTH if width is None else width
        values = {"method": "fixed_bin_size", "bin_width": width}
    return parse_options(Discretisation, values, where="binWidth" if count is None else "binCount")


def texture_of(settings: Mapping[str, Any]) -> TextureOptions:
    """One aggregation, one distance.

    pyradiomics counts each direction over all slices and takes the mean: that is the
    aggregation 3D_avg, with `force2D` 2_5D_avg. Its `no_weighting` merges the directions:
    3D_comb and 2_5D_comb.
    """
    space = "2_5D" if settings.get("force2D") else "3D"
    how = "comb" if settings.get("weightingNorm") == "no_weighting" else "avg"
    distance = settings.get("distances", [1])[0]
    values = {
        "aggregations": (f"{space}_{how}",),
        "glcm_distance": distance,
        "ngtdm_distance": distance,
        "ngldm_distance": distance,
        # Grey levels differ by whole numbers.
        "ngldm_alpha": math.floor(settings.get("gldm_a", 0)),
    }
    return parse_options(TextureOptions, values, where="distances or gldm_a")
