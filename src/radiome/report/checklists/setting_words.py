"""Settings of an extraction in words, as short as a table needs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Values = Mapping[str, Any]

METHODS = {"nearest": "nearest neighbour", "linear": "linear", "cubic": "cubic B-spline"}


def number(value: float) -> str:
    """A number as short as it can be: ``3``, ``0.25``."""
    return f"{value:g}"


def resampled(values: Values) -> bool:
    """Whether images are resampled."""
    return values.get("interpolation", {}).get("spacing") is not None


def spacing(values: Values) -> str:
    """Voxel size after resampling; empty without."""
    if not resampled(values):
        return ""
    chosen = values["interpolation"]
    wanted = chosen["spacing"]
    z, y, x = wanted if isinstance(wanted, list | tuple) else (wanted,) * 3
    if chosen["dimension"] == "2D":
        return f"{number(y)} × {number(x)} mm within slices (y, x)"
    return f"{number(z)} × {number(y)} × {number(x)} mm (z, y, x)"


def image_method(values: Values) -> str:
    """Interpolation of the image; empty without."""
    if not resampled(values):
        return ""
    chosen = values["interpolation"]
    return f"{METHODS[chosen['image_method']]}, {chosen['dimension']}"


def mask_method(values: Values) -> str:
    """Interpolation of the mask; empty without."""
    if not resampled(values):
        return ""
    return METHODS[values["interpolation"]["mask_method"]]


def partial_voxels(values: Values) -> str:
    """Which resampled voxels are inside; empty without."""
    if not resampled(values):
        return ""
    share = number(values["interpolation"]["mask_threshold"])
    return f"inside where the share of the mask was at least {share}"


def if_resampled(text: str) -> Callable[[Values], str]:
    """A text that holds wherever images are resampled."""
    return lambda values: text if resampled(values) else ""


def rounding(values: Values) -> str:
    """Rounding of resampled intensities; empty without resampling."""
    if not resampled(values):
        return ""
    if values["interpolation"]["rounding"] == "nearest_integer":
        return "to the nearest integer"
    return "none"


def resegmentation(values: Values, unit: str = "") -> str:
    """Range and outliers; empty without re-segmentation."""
    chosen, parts = values.get("resegmentation", {}), []
    low, high = chosen.get("range") or (None, None)
    if low is not None or high is not None:
        left = "[" + number(low) if low is not None else "(-∞"
        right = number(high) + "]" if high is not None else "∞)"
        parts.append(f"intensities in {left}, {right}{f' {unit}' if unit else ''}")
    if chosen.get("outlier_sigma") is not None:
        parts.append(f"within {number(chosen['outlier_sigma'])} standard deviations of the mean")
    return " and ".join(parts)


def discretisation(values: Values) -> str:
    """Method of discretisation."""
    names = {
        "fixed_bin_size": "fixed bin size",
        "fixed_bin_number": "fixed bin number",
        "none": "none: intensities were taken as grey levels",
    }
    return names[values["discretisation"]["method"]]


def bins(values: Values) -> str:
    """Width or number of bins; empty without discretisation."""
    chosen = values["discretisation"]
    if chosen["method"] == "fixed_bin_size":
        return f"bins of {number(chosen['bin_width'])} in units of the image"
    return f"{chosen['bin_count']} bins" if chosen["method"] == "fixed_bin_number" else ""


def first_bin(values: Values) -> str:
    """Where bin 1 begins, for a fixed bin size; else empty."""
    chosen = values["discretisation"]
    if chosen["method"] != "fixed_bin_size":
        return ""
    low = (values.get("resegmentation", {}).get("range") or (None, None))[0]
    start = chosen["anchor"] if chosen.get("anchor") is not None else low
    return "the minimum of the region" if start is None else number(start)


def filters(values: Values) -> str:
    """Filters of the image with their options; empty without."""
    return "; ".join(filter_words(each["filter"]) for each in values.get("filtered_images", ()))


def filter_words(options: Values) -> str:
    """One filter and the options that are set: ``laplacian of gaussian (sigma 3)``."""
    told = [
        f"{key.replace('_', ' ')} {_value(value)}"
        for key, value in options.items()
        if key not in ("name", "label") and value is not None
    ]
    name = str(options["name"]).replace("_", " ")
    return f"{name} ({', '.join(told)})" if told else name


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"[{filter_words(value)}]"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, list | tuple):
        return " ".join(map(_value, value))
    return str(value)


def image_types(values: Values) -> str:
    """Image and response maps that features are computed from."""
    named = [str(e["filter"]["name"]).replace("_", " ") for e in values.get("filtered_images", ())]
    return ", ".join((["the image"] if values.get("families") else []) + named)


def aggregation(values: Values) -> str:
    """How texture matrices were aggregated."""
    from radiome.features.catalogue import AGGREGATIONS

    names = values["texture"]["aggregations"]
    return "; ".join(AGGREGATIONS.get(name, name) for name in names)


def glcm_distance(values: Values) -> str:
    """Distance of co-occurrence."""
    return f"Chebyshev distance {values['texture']['glcm_distance']}"


def ngtdm_distance(values: Values) -> str:
    """Neighbourhood of the NGTDM."""
    return f"Chebyshev distance {values['texture']['ngtdm_distance']}"


def ngldm_distance(values: Values) -> str:
    """Neighbourhood of the NGLDM."""
    return f"Chebyshev distance {values['texture']['ngldm_distance']}"


def ngldm_coarseness(values: Values) -> str:
    """Coarseness of the NGLDM."""
    return str(values["texture"]["ngldm_alpha"])
