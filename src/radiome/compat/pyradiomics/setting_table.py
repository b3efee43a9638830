"""The settings of pyradiomics: kind, limits and meaning of each, declared once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from radiome.base.errors import SettingsError, nearest_name


class Setting(NamedTuple):
    """What a setting may be; `least` itself is allowed where `closed`, `each` is a list of such."""

    kind: type
    meaning: str
    least: float | None = None
    most: float | None = None
    closed: bool = True
    each: bool = False
    words: tuple[str, ...] = ()
    nullable: bool = False


def _positive(kind: type, meaning: str, **more: Any) -> Setting:
    return Setting(kind, meaning, least=0, closed=False, **more)


_WEIGHTS = ("euclidean", "manhattan", "infinity", "no_weighting")

SETTINGS: dict[str, Setting] = {
    "minimumROIDimensions": Setting(int, "least dimensions of the region's box", 1, 3),
    "minimumROISize": _positive(int, "least number of voxels of the region", nullable=True),
    "geometryTolerance": _positive(float, "largest difference of the grids of image and mask"),
    "correctMask": Setting(bool, "resample a mask from another grid to that of the image"),
    "additionalInfo": Setting(bool, "add diagnostics_* entries"),
    "label": _positive(int, "value of the region in the mask"),
    "label_channel": Setting(int, "channel of a mask with several", 0),
    "binWidth": _positive(float, "width of a bin"),
    "binCount": _positive(int, "number of bins, instead of a width", nullable=True),
    "normalize": Setting(bool, "normalise the image by its mean and standard deviation"),
    "normalizeScale": _positive(float, "factor after the normalisation"),
    "removeOutliers": _positive(float, "standard deviations that are kept", nullable=True),
    "resampledPixelSpacing": Setting(
        float, "new spacing (x, y, z) in mm; 0 keeps the old one", 0, each=True, nullable=True
    ),
    "interpolator": Setting(object, "how the image is resampled", nullable=True),
    "padDistance": Setting(int, "voxels around the region that are resampled too", 0),
    "distances": _positive(int, "distances of neighbours in voxels", each=True),
    "force2D": Setting(bool, "texture within slices only"),
    "force2Ddimension": Setting(int, "axis across the slices: 0 is z", 0, 2),
    "resegmentRange": Setting(
        float, "intensities that stay in the region", each=True, nullable=True
    ),
    "resegmentMode": Setting(
        str, "what the range counts in", words=("absolute", "relative", "sigma")
    ),
    "resegmentShape": Setting(bool, "shape of the re-segmented region"),
    "preCrop": Setting(bool, "crop the image to the region before filtering"),
    "sigma": _positive(float, "widths in mm of the Laplacian of Gaussian", each=True),
    "start_level": Setting(int, "first level of the wavelet", 0),
    "level": _positive(int, "number of levels of the wavelet"),
    "wavelet": Setting(str, "name of the wavelet"),
    "gradientUseSpacing": Setting(bool, "gradient per mm instead of per voxel"),
    "lbp2DRadius": _positive(float, "radius of 2D patterns"),
    "lbp2DSamples": Setting(int, "samples of 2D patterns", 1),
    "lbp2DMethod": Setting(str, "kind of 2D patterns", words=("default", "ror", "uniform", "var")),
    "lbp3DLevels": Setting(int, "levels of 3D patterns", 1),
    "lbp3DIcosphereRadius": _positive(float, "radius of 3D patterns"),
    "lbp3DIcosphereSubdivision": Setting(int, "subdivisions of the sphere of 3D patterns", 0),
    "voxelArrayShift": Setting(float, "added to intensities in energy and its like"),
    "symmetricalGLCM": Setting(bool, "count pairs in both directions"),
    "weightingNorm": Setting(str, "weights of directions", words=_WEIGHTS, nullable=True),
    "gldm_a": Setting(float, "largest difference of dependent levels", 0),
}

VOXEL_SETTINGS: dict[str, Setting] = {
    "kernelRadius": Setting(int, "radius of the neighbourhood of a map", 1),
    "maskedKernel": Setting(bool, "only voxels of the region count in a neighbourhood"),
    "initValue": Setting(float, "value outside the region"),
    "voxelBatch": Setting(int, "voxels computed at a time; -1 for all", -1),
}

#: What an argument may set: parameter files keep the settings of maps in a section of their own.
ARGUMENTS = SETTINGS | VOXEL_SETTINGS


def checked_setting(name: str, value: Any, known: Mapping[str, Setting], *, where: str) -> Any:
    """Return the value as pyradiomics would hold it, or raise `SettingsError`."""
    if name not in known:
        near = nearest_name(str(name), known)
        raise SettingsError(
            f"unknown setting '{name}'",
            where=where,
            expected="a setting of pyradiomics 3.0.1",
            got=str(name),
            do=f"did you mean '{near}'?" if near else "remove it",
        )
    setting = known[name]
    if value is None and setting.nullable:
        return None
    if value == "nan" and setting.kind is float:
        return math.nan  # how parameter files write it; YAML reads a text
    values = value if setting.each else [value]
    if not isinstance(values, list | tuple):
        raise _bad(name, value, "a list of numbers", where)
    for part in values:
        wrong = _fault(part, setting)
        if wrong:
            raise _bad(name, value, wrong, where)
    return list(values) if setting.each else value


def _fault(value: Any, setting: Setting) -> str | None:
    """What a value should have been, or None if it is right."""
    if setting.kind is object:
        return None
    if setting.words:
        return None if value in setting.words else "one of " + ", ".join(setting.words)
    allowed = {int: (int,), float: (int, float), bool: (bool,), str: (str,)}[setting.kind]
    if not isinstance(value, allowed) or (isinstance(value, bool) and setting.kind is not bool):
        names = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
        return names[setting.kind]
    if setting.least is None or isinstance(value, str):
        return None
    most = math.inf if setting.most is None else setting.most
    above = value >= setting.least if setting.closed else value > setting.least
    if above and value <= most:
        return None
    bound = f"{'from' if setting.closed else 'above'} {setting.least:g}"
    return bound if setting.most is None else f"{bound} to {setting.most:g}"


def _bad(name: str, value: Any, expected: str, where: str) -> SettingsError:
    return SettingsError(
        f"setting '{name}' is not valid",
        where=where,
        expected=f"{expected} ({ARGUMENTS[name].meaning})",
        got=repr(value),
        do="correct the value",
    )
