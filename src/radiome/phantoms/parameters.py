"""What can be chosen about a virtual lesion and the scan of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from radiome.base.errors import SettingsError, nearest_name

SHAPES = ("ellipsoid", "lobulated", "spiculated")
KERNELS = ("soft", "sharp")
MODALITIES = ("CT", "PT", "MR")
SITES = ("soft_tissue", "lung")

#: Width (FWHM, mm) of the point spread by modality and kernel.
KERNEL_FWHM_MM: Mapping[tuple[str, str], float] = MappingProxyType(
    {
        ("CT", "soft"): 1.6,
        ("CT", "sharp"): 0.8,
        ("PT", "soft"): 6.0,
        ("PT", "sharp"): 4.0,
        ("MR", "soft"): 1.4,
        ("MR", "sharp"): 0.9,
    }
)

_TYPICAL: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "CT": {},
        "PT": {
            "contrast": 7.0,
            "texture_mm": 6.0,
            "texture_amplitude": 2.0,
            "noise_sigma": 0.1,
            "pixel_spacing_mm": 3.0,
            "slice_thickness_mm": 3.0,
            "matrix_size": 40,
            "slice_count": 32,
        },
        "MR": {
            "contrast": 150.0,
            "texture_amplitude": 40.0,
            "noise_sigma": 8.0,
            "matrix_size": 80,
            "bias_field": 0.1,
        },
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionParameters:
    """A lesion, where it lies and how it is scanned. Defaults are those of a CT.

    Equal parameters give equal lesions. Shape, texture, noise and position are drawn from
    separate streams of `seed`, and the tissue does not depend on the scan: two sets that
    differ only in `noise_sigma`, `kernel` or the voxel size show the same lesion.

    Parameters
    ----------
    seed : int
        0 or more.
    modality : {"CT", "PT", "MR"}
        Unit HU, SUVbw or arbitrary.
    site : {"soft_tissue", "lung"}
        What surrounds the lesion; lung on CT only.
    shape : {"ellipsoid", "lobulated", "spiculated"}
        Smooth, with broad bumps, or with narrow spikes.
    volume_ml : float
        Exact volume of the lesion, whatever its shape.
    axis_ratios : (float, float, float)
        Semi-axes along (z, y, x) relative to each other. Equal ones make a sphere.
    irregularity : float
        Height of bumps or spikes as a share of the radius: 0 for an ellipsoid, above 0
        to 1.5 for the other shapes.
    contrast : float
        Mean of the lesion minus that of its surroundings, in the unit of the modality.
    enhancement : float
        What a contrast agent adds to the lesion on CT or MR; the soft tissue takes up
        0.3 of it.
    texture_mm : float
        Correlation length l of the texture: its autocorrelation at distance h is
        exp(-h² / (2 l²)).
    texture_amplitude : float
        Standard deviation of the texture inside the lesion before it is scanned.
    noise_sigma : float
        Standard deviation of the noise in the image. Its grain follows the kernel.
    kernel : {"soft", "sharp"}
        Reconstruction kernel; see `KERNEL_FWHM_MM`.
    kernel_fwhm_mm : float, optional
        Width of the point spread instead of that of `kernel`: in plane, for PET in all
        directions.
    pixel_spacing_mm, slice_thickness_mm : float
        Voxel size; slices touch each other and average over their thickness.
    matrix_size, slice_count : int
        Rows and columns, and slices.
    bias_field : float
        MR only: slow change of the sensitivity across the image, as a share.

    Raises
    ------
    SettingsError
        If a value is out of its range, or a value does not go with another.
    """

    seed: int = 0
    modality: str = "CT"
    site: str = "soft_tissue"
    shape: str = "ellipsoid"
    volume_ml: float = 10.0
    axis_ratios: tuple[float, float, float] = (1.0, 1.0, 1.0)
    irregularity: float = 0.0
    contrast: float = 50.0
    enhancement: float = 0.0
    texture_mm: float = 3.0
    texture_amplitude: float = 30.0
    noise_sigma: float = 8.0
    kernel: str = "soft"
    kernel_fwhm_mm: float | None = None
    pixel_spacing_mm: float = 1.0
    slice_thickness_mm: float = 3.0
    matrix_size: int = 96
    slice_count: int = 32
    bias_field: float = 0.0

    def __post_init__(self) -> None:
        for name, known in _CHOICES.items():
            _check_choice(name, getattr(self, name), known)
        for name, (low, high) in _RANGES.items():
            _check_range(name, getattr(self, name), low, high)
        if len(self.axis_ratios) != 3:
            raise _fault("axis_ratios", "three numbers (z, y, x)", self.axis_ratios)
        for ratio in self.axis_ratios:
            _check_range("axis_ratios", ratio, 0.05, 20.0)
        if self.kernel_fwhm_mm is not None:
            _check_range("kernel_fwhm_mm", self.kernel_fwhm_mm, 0.0, 50.0)
        self._check_together()

    def _check_together(self) -> None:
        if (self.irregularity > 0) == (self.shape == "ellipsoid"):
            expected = "0 for an ellipsoid, more for the other shapes"
            raise _fault("irregularity", expected, f"{self.irregularity} for {self.shape}")
        if self.site == "lung" and self.modality != "CT":
            raise _fault("site", "soft_tissue, or modality CT", f"lung on {self.modality}")
        if self.enhancement and self.modality == "PT":
            raise _fault("enhancement", "0 on PT", self.enhancement)
        if self.bias_field and self.modality != "MR":
            raise _fault("bias_field", f"0 on {self.modality}", self.bias_field)

    @classmethod
    def typical(cls, modality: str, **changes: Any) -> LesionParameters:
        """Plausible parameters of a modality, with `changes`."""
        _check_choice("modality", modality, MODALITIES)
        known = [field.name for field in fields(cls)]
        for name in changes:
            if name not in known:
                near = nearest_name(name, known)
                raise SettingsError(
                    f"unknown lesion parameter '{name}'",
                    expected="one of " + ", ".join(known),
                    got=name,
                    do=f"did you mean '{near}'?" if near else "remove it",
                )
        return cls(modality=modality, **{**_TYPICAL[modality], **changes})

    @property
    def fwhm_mm(self) -> float:
        """Width of the point spread in use, mm."""
        if self.kernel_fwhm_mm is not None:
            return self.kernel_fwhm_mm
        return KERNEL_FWHM_MM[self.modality, self.kernel]

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Voxel spacing (z, y, x), mm."""
        return self.slice_thickness_mm, self.pixel_spacing_mm, self.pixel_spacing_mm

    @property
    def grid_shape(self) -> tuple[int, int, int]:
        """Voxels along (z, y, x)."""
        return self.slice_count, self.matrix_size, self.matrix_size


_CHOICES = {"modality": MODALITIES, "site": SITES, "shape": SHAPES, "kernel": KERNELS}
_RANGES = {
    "seed": (0, math.inf),
    "volume_ml": (0.01, 5000.0),
    "irregularity": (0.0, 1.5),
    "contrast": (-3000.0, 3000.0),
    "enhancement": (0.0, 1000.0),
    "texture_mm": (0.1, 1000.0),
    "texture_amplitude": (0.0, 3000.0),
    "noise_sigma": (0.0, 3000.0),
    "pixel_spacing_mm": (0.1, 20.0),
    "slice_thickness_mm": (0.1, 20.0),
    "matrix_size": (4, 2048),
    "slice_count": (1, 2048),
    "bias_field": (0.0, 1.0),
}


def _check_choice(name: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        raise _fault(name, "one of " + ", ".join(known), value)


def _check_range(name: str, value: float, low: float, high: float) -> None:
    # Written so that NaN is refused too.
    if not low <= value <= high:
        limit = f"{low:g} to {high:g}" if math.isfinite(high) else f"{low:g} or more"
        raise _fault(name, limit, value)


def _fault(name: str, expected: str, got: object) -> SettingsError:
    return SettingsError(
        f"lesion parameter '{name}' is not usable", expected=expected, got=str(got),
        do="correct the value",
    )  # fmt: skip
