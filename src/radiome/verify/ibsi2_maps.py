"""IBSI 2 phase 1: response maps of digital phantoms beside the consensus maps.

A map passes if every voxel is within 1 % of the range of the consensus map.

Source: IBSI 2 reference manual (arXiv:2006.05470), chapter "benchmarking"; maps of
theibsi/ibsi_2_reference_data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from radiome.base.errors import UserError
from radiome.filters.catalogue import parse_filter
from radiome.filters.contract import Image, Spacing

#: Largest difference that passes, as a share of the range of the consensus map.
TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class MapComparison:
    """One response map beside the consensus; `error` is a share of the consensus map's range."""

    test: str
    filter: str
    error: float

    @property
    def matched(self) -> bool:
        """Whether every voxel is close enough."""
        return self.error <= TOLERANCE


def _log(sigma: float, **more: Any) -> dict[str, Any]:
    return {"name": "laplacian_of_gaussian", "sigma": sigma, **more}


def _laws(kernels: str, boundary: str) -> list[dict[str, Any]]:
    """The response, with rotation invariance, with the energy map."""
    plain = {"name": "laws", "kernels": kernels, "boundary": boundary}
    pooled = {**plain, "rotation_invariance": "max"}
    return [plain, pooled, {**pooled, "energy_distance": 7}]


def _wavelet(wavelet: str, band: str, *, invariant: bool = True, **more: Any) -> dict[str, Any]:
    pooling = {"rotation_invariance": "average"} if invariant else {}
    return {"name": "wavelet", "wavelet": wavelet, "bands": [band], **pooling, **more}


def _gabor(sigma: float, wavelength: float, gamma: float, **more: Any) -> dict[str, Any]:
    return {
        "name": "gabor",
        "sigma": sigma,
        "wavelength": wavelength,
        "gamma": gamma,
        **more,
    }


def _riesz(of: dict[str, Any], *order: int) -> dict[str, Any]:
    return {"name": "riesz", "of": of, "order": list(order)}


_BOUNDARIES = {"1": "zero", "2": "nearest", "3": "periodic", "4": "mirror"}
_PLANES = {"orthogonal_planes": True}

#: Identifier of the test, phantom, filter.
TESTS: dict[str, tuple[str, dict[str, Any]]] = {
    **{
        f"1.a.{number}": ("checkerboard", {"name": "mean", "support": 15, "boundary": boundary})
        for number, boundary in _BOUNDARIES.items()
    },
    "1.b.1": (
        "impulse",
        {"name": "mean", "support": 15, "dimension": "2D", "boundary": "zero"},
    ),
    "2.a": ("impulse", _log(3.0, boundary="zero")),
    "2.b": ("checkerboard", _log(5.0)),
    "2.c": ("checkerboard", _log(5.0, dimension="2D")),
    **{
        f"3.{letter}.{number}": (phantom, values)
        for letter, phantom, kernels, boundary in (
            ("a", "impulse", "E5L5S5", "zero"),
            ("b", "checkerboard", "E3W5R5", "mirror"),
            ("c", "checkerboard", "L5S5", "mirror"),
        )
        for number, values in enumerate(_laws(kernels, boundary), start=1)
    },
    "4.a.1": ("impulse", _gabor(10.0, 4.0, 0.5, theta=60.0, boundary="zero")),
    "4.a.2": ("impulse", _gabor(10.0, 4.0, 0.5, theta_step=45.0, boundary="zero", **_PLANES)),
    "4.b.1": ("sphere", _gabor(20.0, 8.0, 2.5, theta=225.0)),
    "4.b.2": ("sphere", _gabor(20.0, 8.0, 2.5, theta_step=22.5, **_PLANES)),
    "5.a.1": ("impulse", _wavelet("db2", "LHL", invariant=False, boundary="zero")),
    "5.a.2": ("impulse", _wavelet("db2", "LHL", boundary="zero")),
    "6.a.1": ("sphere", _wavelet("coif1", "HHL", invariant=False, boundary="periodic")),
    "6.a.2": ("sphere", _wavelet("coif1", "HHL", boundary="periodic")),
    "7.a.1": ("checkerboard", _wavelet("haar", "LLL", level=2)),
    "7.a.2": ("checkerboard", _wavelet("haar", "HHH", level=2)),
    **{
        f"8.a.{level}": ("checkerboard", {"name": "simoncelli", "level": level})
        for level in (1, 2, 3)
    },
    "9.a": ("impulse", _riesz(_log(3.0, boundary="zero"), 1, 0, 0)),
    "9.b.1": ("sphere", _riesz(_log(3.0, boundary="zero"), 0, 2, 0)),
    "10.b.1": ("pattern_1", _riesz({"name": "simoncelli", "level": 1}, 0, 2, 0)),
}


def compare_maps(data: Path) -> Iterator[MapComparison]:
    """Filter the phantoms in `data` and compare with the maps there, test by test.

    Raises
    ------
    UserError
        If `data` does not hold the phantoms and maps.
    """
    for test, (phantom, values) in TESTS.items():
        image, spacing = _read(data / f"digital_phantoms/{phantom}/image/{phantom}.nii.gz")
        stem = test.replace(".", "_")
        expected, _ = _read(data / f"response_maps/{stem}-ValidCRM.nii.gz")
        response = respond(image, spacing, values)
        error = float(np.abs(response - expected).max() / np.ptp(expected))
        yield MapComparison(test, values["name"], error)


def respond(image: Image, spacing: Spacing, values: dict[str, Any]) -> Image:
    """The response map of a whole image."""
    z, y, x = (slice(0, n) for n in image.shape)
    return next(parse_filter(values).responses(image, spacing, (z, y, x))).values


def _read(path: Path) -> tuple[Image, Spacing]:
    from radiome.io.readers import read_volume

    if not path.is_file():
        raise UserError(
            "the IBSI 2 phantoms and response maps are not in this folder",
            where=str(path),
            expected="digital_phantoms/ and response_maps/ as the IBSI publishes them",
            do="give the folder that holds both with --data",
        )
    volume = read_volume(path)
    return volume.voxels.astype(np.float64), volume.geometry.spacing
