"""Images in which what a model should read is destroyed, and nothing else is.

A model that predicts as well from such an image did not read what was destroyed. Voxels of
a region are shuffled (each value stays, its place is lost), sampled (drawn from the values
with replacement: the histogram holds in expectation) or randomised (drawn evenly between
the least and the greatest value: only the range is left). Voxels outside the region, and
the mask, stay as they are.

Source: READII, negative controls of radiomics (Welch 2019; Haibe-Kains 2023 software).
"""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import SettingsError, nearest_name
from radiome.image.mask import Mask
from radiome.image.volume import Volume

TRANSFORMS = ("shuffled", "sampled", "randomised")
REGIONS = ("roi", "non_roi", "full")


class Control(NamedTuple):
    """A negative control.

    Parameters
    ----------
    transform : {"shuffled", "sampled", "randomised"}
        What happens to the values.
    region : {"roi", "non_roi", "full"}
        Where: inside the mask, outside it, or everywhere.
    repeat : int
        From 1; each repeat draws anew.
    """

    transform: str
    region: str
    repeat: int = 1

    @property
    def name(self) -> str:
        """``shuffled_roi``, with ``_2`` and so on for repeats."""
        name = f"{self.transform}_{self.region}"
        return name if self.repeat == 1 else f"{name}_{self.repeat}"


#: Names of all controls, without repeats.
CONTROLS = tuple(Control(t, region).name for region in REGIONS for t in TRANSFORMS)


def parse_control(name: str) -> Control:
    """The control of a name such as ``shuffled_roi`` or ``shuffled_roi_2``.

    Raises
    ------
    SettingsError
        For any other name, with the nearest one.

    Examples
    --------
    >>> parse_control("randomised_non_roi_3")
    Control(transform='randomised', region='non_roi', repeat=3)
    """
    base, _, number = name.rpartition("_")
    repeat = 1
    if number.isdecimal() and int(number) > 1:
        name, repeat = base, int(number)
    if name not in CONTROLS:
        near = nearest_name(name, CONTROLS)
        raise SettingsError(
            f"there is no negative control '{name}'",
            expected="one of " + ", ".join(CONTROLS),
            got=name,
            do=f"did you mean '{near}'?" if near else None,
        )
    transform, _, region = name.partition("_")
    return Control(transform, region, repeat)


def control_volume(volume: Volume, mask: Mask, control: Control, *, seed: int) -> Volume:
    """The image of a negative control.

    Parameters
    ----------
    volume : Volume
        The image as it was read: controls come before interpolation and filters.
    mask : Mask
        The region, on the same grid.
    control : Control
        What is destroyed where.
    seed : int
        Of the study. What is drawn depends on it, the control and the voxels only, so
        that neither the order of the cases nor their names matter.

    Returns
    -------
    Volume
        On the same grid, of the same type of voxels.
    """
    voxels = np.array(volume.voxels)
    # Voxels without a finite value stay where they are: they mark what was not imaged.
    inside = _region(mask, control.region) & np.isfinite(voxels)
    values = voxels[inside]
    if values.size:
        voxels[inside] = _drawn(values, control.transform, _generator(volume, mask, control, seed))
    return Volume(
        voxels,
        volume.geometry,
        volume.modality,
        volume.unit,
        volume.facts,
        f"{volume.source}, {control.name}",
    )


def _region(mask: Mask, region: str) -> NDArray[np.bool_]:
    if region == "full":
        return np.ones(mask.voxels.shape, dtype=np.bool_)
    return mask.voxels if region == "roi" else ~mask.voxels


def _drawn(values: NDArray[Any], transform: str, generator: np.random.Generator) -> NDArray[Any]:
    if transform == "shuffled":
        return np.asarray(generator.permutation(values))
    if transform == "sampled":
        return np.asarray(generator.choice(values, values.size))
    low, high = values.min(), values.max()
    if values.dtype.kind in "iu":
        # Both ends belong to the range.
        return generator.integers(low, high, values.size, dtype=values.dtype, endpoint=True)
    return np.asarray(generator.uniform(low, high, values.size), dtype=values.dtype)


def _generator(volume: Volume, mask: Mask, control: Control, seed: int) -> np.random.Generator:
    digest = hashlib.sha256(f"{seed}|{control.name}".encode())
    digest.update(np.ascontiguousarray(volume.voxels).tobytes())
    digest.update(np.packbits(mask.voxels).tobytes())
    return np.random.default_rng(int.from_bytes(digest.digest()[:16], "big"))
