"""Settings of the IBSI 2 reference and validation phases: filters and image processing.

Source: IBSI 2 reference manual (arXiv:2006.05470) and Whybra et al. 2024, Radiology
310:e231319. Response maps are labelled by the identifiers of the standard.
"""

from __future__ import annotations

from typing import Any

Values = dict[str, Any]

_CUBIC: Values = {"image_method": "cubic", "mask_method": "linear"}


def _log(sigma: float, **more: Any) -> Values:
    return {"name": "laplacian_of_gaussian", "sigma": sigma, **more}


def _wavelet(wavelet: str, band: str, pooling: str, **more: Any) -> Values:
    return {
        "name": "wavelet",
        "wavelet": wavelet,
        "bands": [band],
        "rotation_invariance": pooling,
        **more,
    }


def _reference_filters(*, planar: bool) -> dict[str, Values]:
    """Filters 2 to 9 of phase 2."""
    dimension = {"dimension": "2D" if planar else "3D"}
    return {
        "2": {"name": "mean", "support": 5, **dimension},
        "3": _log(1.5, **dimension),
        "4": {
            "name": "laws",
            "kernels": "L5E5" if planar else "L5E5E5",
            "rotation_invariance": "max",
            "energy_distance": 7,
        },
        "5": {
            "name": "gabor",
            "sigma": 5.0,
            "wavelength": 2.0,
            "gamma": 1.5,
            "theta_step": 22.5,
            "orthogonal_planes": not planar,
        },
        "6": _wavelet("db3", "LH" if planar else "LLH", "average", **dimension),
        "7": _wavelet("db3", "HH" if planar else "HHH", "average", level=2, **dimension),
        "8": {"name": "simoncelli", "level": 1, **dimension},
        "9": {"name": "simoncelli", "level": 2, **dimension},
    }


#: Filters 2 to 9 of phase 3.
_VALIDATION_FILTERS: dict[str, Values] = {
    "2": {"name": "mean", "support": 3},
    "3": _log(3.0),
    "4": {
        "name": "laws",
        "kernels": "S5E5L5",
        "rotation_invariance": "max",
        "energy_distance": 5,
    },
    "5": {"name": "gabor", "sigma": 3.0, "wavelength": 3.0, "gamma": 1.0, "theta": -112.5},
    "6": _wavelet("coif3", "LHH", "average"),
    "7": _wavelet("coif3", "HHH", "max", level=2),
    "8": {"name": "simoncelli", "level": 1},
    "9": {"name": "simoncelli", "level": 2},
}


def _statistics_of(filters: dict[str, Values], suffix: str) -> Values:
    family = ["intensity_statistics"]
    images = [
        {"filter": {**values, "label": f"{number}{suffix}"}, "families": family}
        for number, values in filters.items()
    ]
    return {"families": family, "filtered_images": images}


def _validation(spacing: float, limits: list[float | None], *, rounded: bool) -> Values:
    rounding = "nearest_integer" if rounded else "none"
    return {
        "interpolation": {"spacing": spacing, "rounding": rounding, **_CUBIC},
        "resegmentation": {"range": limits},
        **_statistics_of(_VALIDATION_FILTERS, ""),
    }


_RANGE: Values = {"resegmentation": {"range": [-1000.0, 400.0]}}

FILTER_PRESETS: dict[str, tuple[str, Values]] = {
    "ibsi-2-a": (
        "IBSI 2 phase 2, configuration A: filters in 2D, no resampling, -1000 to 400 HU",
        {**_RANGE, **_statistics_of(_reference_filters(planar=True), ".A")},
    ),
    "ibsi-2-b": (
        "IBSI 2 phase 2, configuration B: filters in 3D, 1 mm cubic spline, -1000 to 400 HU",
        {
            "interpolation": {"spacing": 1.0, "rounding": "nearest_integer", **_CUBIC},
            **_RANGE,
            **_statistics_of(_reference_filters(planar=False), ".B"),
        },
    ),
    "ibsi-2-validation-ct": (
        "IBSI 2 phase 3, CT: filters in 3D, 1 mm cubic spline, -200 to 200 HU",
        _validation(1.0, [-200.0, 200.0], rounded=True),
    ),
    "ibsi-2-validation-mr": (
        "IBSI 2 phase 3, T1 MR: filters in 3D, 1 mm cubic spline, from 0",
        _validation(1.0, [0.0, None], rounded=False),
    ),
    "ibsi-2-validation-pet": (
        "IBSI 2 phase 3, PET: filters in 3D, 3 mm cubic spline, SUV from 0",
        _validation(3.0, [0.0, None], rounded=False),
    ),
}
