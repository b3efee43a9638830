"""Named settings: the IBSI 1 configurations and a sound start for each modality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from radiome.extraction.filter_presets import FILTER_PRESETS


@dataclass(frozen=True, slots=True)
class Preset:
    """Settings under a name, with the sentence that `radiome settings list` shows."""

    summary: str
    values: dict[str, Any]


_PLANAR = ["2D_avg", "2D_comb", "2_5D_avg", "2_5D_comb"]
_VOLUMETRIC = ["3D_avg", "3D_comb"]


def _cubic(spacing: float, rounding: str) -> dict[str, Any]:
    return {
        "spacing": [spacing] * 3,
        "dimension": "3D",
        "image_method": "cubic",
        "mask_method": "linear",
        "rounding": rounding,
    }


def _linear(dimension: str) -> dict[str, Any]:
    return {
        "spacing": [2.0, 2.0, 2.0],
        "dimension": dimension,
        "image_method": "linear",
        "mask_method": "linear",
        "rounding": "nearest_integer",
    }


def _bin_size(width: float) -> dict[str, Any]:
    return {"method": "fixed_bin_size", "bin_width": width}


def _bin_number(count: int) -> dict[str, Any]:
    return {"method": "fixed_bin_number", "bin_count": count}


_CT_UNITS = {"method": "none"}

PRESETS: dict[str, Preset] = {
    "basic": Preset(
        "unknown modality: no resampling, 32 bins over the region's range",
        {"discretisation": _bin_number(32), "ivh": _bin_number(1000)},
    ),
    "ct": Preset(
        "CT: 1 mm cubic spline, -1000 to 400 HU, bins of 25 HU from -1000 HU",
        {
            "interpolation": _cubic(1.0, "nearest_integer"),
            "resegmentation": {"range": [-1000.0, 400.0]},
            "discretisation": _bin_size(25.0),
            "ivh": _CT_UNITS,
        },
    ),
    "mr": Preset(
        "MR in arbitrary units: 1 mm cubic spline, 3 sigma outliers out, 32 bins",
        {
            "interpolation": _cubic(1.0, "none"),
            "resegmentation": {"outlier_sigma": 3.0},
            "discretisation": _bin_number(32),
            "ivh": _bin_number(1000),
        },
    ),
    "pet": Preset(
        "PET in SUV: 3 mm cubic spline, SUV from 0, bins of 0.25 SUV",
        {
            "interpolation": _cubic(3.0, "none"),
            "resegmentation": {"range": [0.0, None]},
            "discretisation": _bin_size(0.25),
            "ivh": _bin_size(0.1),
        },
    ),
    "ibsi-1-phantom": Preset(
        "IBSI 1 digital phantom: voxel values are the grey levels, all aggregations",
        {
            "discretisation": {"method": "none"},
            "ivh": {"method": "none"},
            "texture": {"aggregations": _PLANAR + _VOLUMETRIC},
        },
    ),
    "ibsi-1-a": Preset(
        "IBSI 1 configuration A: 2D, no resampling, -500 to 400 HU, bins of 25 HU",
        {
            "resegmentation": {"range": [-500.0, 400.0]},
            "discretisation": _bin_size(25.0),
            "ivh": _CT_UNITS,
            "texture": {"aggregations": _PLANAR},
        },
    ),
    "ibsi-1-b": Preset(
        "IBSI 1 configuration B: 2D, 2 mm bilinear, -500 to 400 HU, 32 bins",
        {
            "interpolation": _linear("2D"),
            "resegmentation": {"range": [-500.0, 400.0]},
            "discretisation": _bin_number(32),
            "ivh": _CT_UNITS,
            "texture": {"aggregations": _PLANAR},
        },
    ),
    "ibsi-1-c": Preset(
        "IBSI 1 configuration C: 3D, 2 mm trilinear, -1000 to 400 HU, bins of 25 HU",
        {
            "interpolation": _linear("3D"),
            "resegmentation": {"range": [-1000.0, 400.0]},
            "discretisation": _bin_size(25.0),
            "ivh": _bin_size(2.5),
            "texture": {"aggregations": _VOLUMETRIC},
        },
    ),
    "ibsi-1-d": Preset(
        "IBSI 1 configuration D: 3D, 2 mm trilinear, 3 sigma outliers out, 32 bins",
        {
            "interpolation": _linear("3D"),
            "resegmentation": {"outlier_sigma": 3.0},
            "discretisation": _bin_number(32),
            "ivh": _CT_UNITS,
            "texture": {"aggregations": _VOLUMETRIC},
        },
    ),
    "ibsi-1-e": Preset(
        "IBSI 1 configuration E: 3D, 2 mm cubic spline, -1000 to 400 HU and 3 sigma, 32 bins",
        {
            "interpolation": _cubic(2.0, "nearest_integer"),
            "resegmentation": {"range": [-1000.0, 400.0], "outlier_sigma": 3.0},
            "discretisation": _bin_number(32),
            "ivh": _bin_number(1000),
            "texture": {"aggregations": _VOLUMETRIC},
        },
    ),
    "ibsi-1-validation-ct": Preset(
        "IBSI 1 validation, CT: 1 mm cubic spline, -200 to 200 HU, bins of 10 HU",
        {
            "interpolation": _cubic(1.0, "nearest_integer"),
            "resegmentation": {"range": [-200.0, 200.0]},
            "discretisation": _bin_size(10.0),
            "ivh": _CT_UNITS,
            "texture": {"aggregations": ["3D_comb"]},
        },
    ),
    "ibsi-1-validation-mr": Preset(
        "IBSI 1 validation, T1 MR: 1 mm cubic spline, from 0, bins of 10",
        {
            "interpolation": _cubic(1.0, "none"),
            "resegmentation": {"range": [0.0, None]},
            "discretisation": _bin_size(10.0),
            "ivh": _bin_size(1.0),
            "texture": {"aggregations": ["3D_comb"]},
        },
    ),
    "ibsi-1-validation-pet": Preset(
        "IBSI 1 validation, PET: 3 mm cubic spline, SUV from 0, bins of 0.25 SUV",
        {
            "interpolation": _cubic(3.0, "none"),
            "resegmentation": {"range": [0.0, None]},
            "discretisation": _bin_size(0.25),
            "ivh": _bin_size(0.1),
            "texture": {"aggregations": ["3D_comb"]},
        },
    ),
}

PRESETS |= {name: Preset(summary, values) for name, (summary, values) in FILTER_PRESETS.items()}

#: Preset by DICOM modality, for cases that come without settings.
MODALITY_PRESETS = {"CT": "ct", "MR": "mr", "PT": "pet", "PET": "pet"}
