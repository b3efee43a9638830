"""Images and label maps as pyradiomics takes them: paths, objects in memory, label values."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import RegionError, UserError
from radiome.image.mask import Mask
from radiome.image.volume import Volume


def read_image(source: Any, *, role: str) -> Volume:
    """Read an image or a label map; `role` names it in messages."""
    from radiome.io.readers import read_volume

    if isinstance(source, str | Path) and not Path(source).exists():
        raise UserError(f"the {role} does not exist", where=str(source), expected="an image file")
    if isinstance(source, Mask):
        voxels = source.voxels.astype(np.uint32)
        return Volume(voxels, source.geometry, source=source.source)
    return read_volume(source)


def label_map(source: Any) -> Volume:
    """Read a mask with all its labels, as uint32."""
    volume = read_image(source, role="mask")
    labels: NDArray[np.uint32] = volume.voxels.astype(np.uint32)
    return Volume(labels, volume.geometry, source=volume.source)


def region_of(labels: Volume, label: int) -> Mask:
    """The voxels of one label.

    Raises
    ------
    RegionError
        If the label does not occur.
    """
    inside = labels.voxels == label
    if not inside.any():
        present = np.unique(labels.voxels)
        shown = ", ".join(str(v) for v in present[:20] if v) or "no label at all"
        raise RegionError(
            f"label {label} is not in the mask",
            where=labels.source or "mask",
            expected=f"voxels with the value {label}",
            got=shown,
            do="give the label of the region with 'label'",
        )
    return Mask(inside, labels.geometry, str(label), labels.source)


def pixel_hash(volume: Volume) -> str:
    """SHA-1 of the voxels in their own type, x fastest."""
    return hashlib.sha1(np.ascontiguousarray(volume.voxels).tobytes()).hexdigest()
