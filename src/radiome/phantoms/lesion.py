"""Make a virtual lesion: image, mask and the truth about both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import SettingsError
from radiome.image.geometry import Geometry
from radiome.image.mask import Mask
from radiome.image.volume import Volume
from radiome.phantoms import scanner, surroundings
from radiome.phantoms.parameters import LesionParameters
from radiome.phantoms.random_field import standardise_inside, texture_field
from radiome.phantoms.surface import Surface, make_surface

#: Cell size in mm of the grid on which tissue is made before it is scanned. It does not
#: follow the voxel size, so that every scan of a lesion sees the same tissue.
CELL_MM = 0.5

#: World position (x, y, z), mm, of the centre of every image: anywhere but the origin, so
#: that confusing axes or signs shows.
IMAGE_CENTRE = (-31.5, 42.25, -310.75)

#: Name of the region in every mask.
REGION_NAME = "Lesion"

_UNITS = {"CT": "HU", "PT": "SUVbw", "MR": ""}
#: Largest distance in mm of the lesion from the centre of the image, along each axis.
_SHIFT_MM = 1.5

_Axes = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, slots=True, eq=False)
class Lesion:
    """A virtual lesion.

    Parameters
    ----------
    parameters : LesionParameters
        What it was made from.
    volume : Volume
        CT in whole HU (int16), PET in SUVbw (float32), MR in whole numbers (int16).
    mask : Mask
        Voxels whose centre lies inside the surface.
    truth : mapping of str to float
        Of the surface: ``volume_ml``, ``area_mm2``, ``sphericity``,
        ``max_diameter_mm`` and ``centre_x_mm``, ``centre_y_mm``, ``centre_z_mm``. Of the
        tissue before the scan: ``tissue_mean``, ``tissue_sd``, ``texture_mm``. Of the
        scan without noise, over the mask: ``scan_mean``, ``scan_sd``. Of the mask:
        ``mask_volume_ml``. Besides ``fwhm_mm`` and ``noise_sigma``.
    """

    parameters: LesionParameters
    volume: Volume
    mask: Mask
    truth: Mapping[str, float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "truth", MappingProxyType(dict(self.truth)))

    def __reduce__(self) -> tuple[Any, ...]:
        return (Lesion, (self.parameters, self.volume, self.mask, dict(self.truth)))


def make_lesion(parameters: LesionParameters) -> Lesion:
    """Make the lesion that the parameters describe.

    Tissue is made on a fine grid, blurred by the kernel, averaged over each voxel, and
    noise is added. The result depends on the parameters only.

    Raises
    ------
    SettingsError
        If the lesion does not fit into the image.
    """
    shape_rng, texture_rng, noise_rng, place_rng, bias_rng = _streams(parameters.seed)
    surface = make_surface(
        parameters.shape,
        parameters.volume_ml * 1000.0,
        parameters.axis_ratios,
        parameters.irregularity,
        shape_rng,
    )
    centre = place_rng.uniform(-_SHIFT_MM, _SHIFT_MM, 3)
    _check_fits(parameters, surface, centre)
    axes = _voxel_axes(parameters)
    mask = surface.contains(*(axis - c for axis, c in zip(axes, centre, strict=True)))
    if not mask.any():
        raise _misfit(parameters, "at least one voxel centre inside the lesion", "none")
    clean = _surroundings_signal(parameters, axes)
    clean = clean + _lesion_signal(parameters, surface, centre, axes, texture_rng)
    clean = clean * surroundings.bias_field(parameters, *axes, bias_rng)
    blur = _blur(parameters)
    noisy = clean + scanner.noise(
        parameters.grid_shape, parameters.spacing, blur, parameters.noise_sigma, noise_rng
    )
    geometry = _geometry(parameters)
    volume = Volume(
        _stored(noisy, parameters.modality), geometry, parameters.modality,
        _UNITS[parameters.modality], {"ConvolutionKernel": parameters.kernel.upper()},
        f"virtual lesion, seed {parameters.seed}",
    )  # fmt: skip
    region = Mask(mask, geometry, REGION_NAME, volume.source)
    return Lesion(parameters, volume, region, _truth(parameters, surface, centre, clean[mask]))


def _streams(seed: int) -> list[np.random.Generator]:
    """Independent generators for shape, texture, noise, place and bias."""
    return [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(5)]


def _voxel_axes(parameters: LesionParameters) -> _Axes:
    """Voxel centres along (z, y, x), mm from the centre of the image."""
    counts, steps = parameters.grid_shape, parameters.spacing
    z, y, x = (_centred(count, step) for count, step in zip(counts, steps, strict=True))
    return z, y, x


def _centred(count: int, step: float) -> NDArray[np.float64]:
    """Centres of `count` boxes of size `step` side by side around 0."""
    return np.asarray((np.arange(count) - (count - 1) / 2.0) * step, dtype=np.float64)


def _geometry(parameters: LesionParameters) -> Geometry:
    z, y, x = (float(axis[0]) for axis in _voxel_axes(parameters))
    origin = (IMAGE_CENTRE[0] + x, IMAGE_CENTRE[1] + y, IMAGE_CENTRE[2] + z)
    return Geometry(parameters.grid_shape, parameters.spacing, origin)


def _check_fits(
    parameters: LesionParameters, surface: Surface, centre: NDArray[np.float64]
) -> None:
    size = np.array(parameters.grid_shape) * parameters.spacing
    need = 2.0 * (surface.reach_mm + np.abs(centre))
    if np.any(need > size):
        raise _misfit(
            parameters,
            "an image of at least (z, y, x) " + " x ".join(f"{n:.0f}" for n in need) + " mm",
            " x ".join(f"{s:g}" for s in size) + " mm",
        )


def _misfit(parameters: LesionParameters, expected: str, got: str) -> SettingsError:
    return SettingsError(
        "the virtual lesion does not fit the image",
        where=f"{parameters.volume_ml:g} ml {parameters.shape}, seed {parameters.seed}",
        expected=expected,
        got=got,
        do="change volume_ml, matrix_size, slice_count or the voxel size",
    )


def _blur(parameters: LesionParameters) -> tuple[float, float, float]:
    """Standard deviation of the point spread along (z, y, x), mm.

    Across slices CT and MR have their slice profile, the box of the slice thickness;
    PET blurs in every direction.
    """
    sigma = parameters.fwhm_mm * scanner.SIGMA_PER_FWHM
    return (sigma if parameters.modality == "PT" else 0.0), sigma, sigma


def _surroundings_signal(parameters: LesionParameters, axes: _Axes) -> NDArray[np.float64]:
    """The body without the lesion (y, x), the same in all slices, scanned without noise."""
    reach = parameters.matrix_size * parameters.pixel_spacing_mm + 4.0 * parameters.fwhm_mm
    cells = _centred(int(np.ceil(reach / CELL_MM)) + 2, CELL_MM)
    plane = surroundings.surroundings(parameters, cells, cells)
    step, sigma = parameters.pixel_spacing_mm, _blur(parameters)[1]
    y, x = (scanner.sampling_weights(a, step, cells, CELL_MM, sigma) for a in axes[1:])
    return np.asarray(y @ plane @ x.T)


def _lesion_signal(
    parameters: LesionParameters,
    surface: Surface,
    centre: NDArray[np.float64],
    axes: _Axes,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """What the lesion adds to its surroundings (z, y, x), scanned without noise."""
    counts = [2 * int(np.ceil(reach / CELL_MM)) + 2 for reach in surface.reach_mm]
    cells = [_centred(count, CELL_MM) for count in counts]
    inside = surface.contains(cells[0], cells[1], cells[2])
    placed = [axis + c for axis, c in zip(cells, centre, strict=True)]
    tissue = np.full(inside.shape, _tissue_mean(parameters))
    if parameters.texture_amplitude > 0:
        field = texture_field(inside.shape, CELL_MM, parameters.texture_mm, rng)
        tissue += parameters.texture_amplitude * standardise_inside(field, inside)
    tissue -= surroundings.surroundings(parameters, placed[1], placed[2])
    tissue[~inside] = 0.0
    z, y, x = (
        scanner.sampling_weights(axis, step, cell, CELL_MM, sigma)
        for axis, step, cell, sigma in zip(
            axes, parameters.spacing, placed, _blur(parameters), strict=True
        )
    )
    return scanner.sample(tissue, (z, y, x))


def _tissue_mean(parameters: LesionParameters) -> float:
    return surroundings.site_value(parameters) + parameters.contrast + parameters.enhancement


def _stored(image: NDArray[np.float64], modality: str) -> NDArray[Any]:
    """Round and clip as the scanner's image format does."""
    if modality == "PT":
        return np.maximum(image, 0.0).astype(np.float32)
    low, high = (-1024.0, 3071.0) if modality == "CT" else (0.0, 32767.0)
    return np.clip(np.rint(image), low, high).astype(np.int16)


def _truth(
    parameters: LesionParameters,
    surface: Surface,
    centre: NDArray[np.float64],
    scanned: NDArray[np.float64],
) -> dict[str, float]:
    known = asdict(parameters)
    z, y, x = centre.tolist()
    return {
        "volume_ml": surface.volume_mm3 / 1000.0,
        "area_mm2": surface.area_mm2,
        "sphericity": surface.sphericity,
        "max_diameter_mm": surface.max_diameter_mm,
        "centre_x_mm": IMAGE_CENTRE[0] + x,
        "centre_y_mm": IMAGE_CENTRE[1] + y,
        "centre_z_mm": IMAGE_CENTRE[2] + z,
        "tissue_mean": _tissue_mean(parameters),
        "tissue_sd": known["texture_amplitude"],
        "texture_mm": known["texture_mm"],
        "scan_mean": float(scanned.mean()),
        "scan_sd": float(scanned.std()),
        "mask_volume_ml": scanned.size * float(np.prod(parameters.spacing)) / 1000.0,
        "fwhm_mm": parameters.fwhm_mm,
        "noise_sigma": known["noise_sigma"],
    }
