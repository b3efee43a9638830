"""A scalar image with its geometry, unit and the acquisition facts that travel with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.image.geometry import Geometry


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a view of `array` that cannot be written through."""
    view = array.view()
    view.setflags(write=False)
    return view


@dataclass(frozen=True, slots=True, eq=False)
class Volume:
    """Scalar voxels on a grid.

    Parameters
    ----------
    voxels : array (z, y, x)
        Real numbers of any integer or floating type; kept in that type.
    geometry : Geometry
        The grid; its shape must be that of `voxels`.
    modality : str
        DICOM modality (``"CT"``, ``"MR"``, ``"PT"``, ``"NM"``, ``"US"``, …) or ``""`` if unknown.
    unit : str
        Unit of the voxels: ``"HU"``, ``"SUVbw"``, ``"Bq/mL"``, … or ``""`` for arbitrary.
    facts : mapping
        DICOM facts that later steps need, by DICOM keyword.
    source : str
        Where the voxels came from, for messages and records.
    """

    voxels: NDArray[Any]
    geometry: Geometry
    modality: str = ""
    unit: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""

    def __post_init__(self) -> None:
        if self.voxels.shape != self.geometry.shape:
            raise ValueError(
                f"voxels of shape {self.voxels.shape} on a grid of shape {self.geometry.shape}"
            )
        if self.voxels.dtype.kind not in "iuf":
            raise ValueError(f"voxels must be real numbers, got {self.voxels.dtype}")
        object.__setattr__(self, "voxels", read_only(self.voxels))
        object.__setattr__(self, "facts", MappingProxyType(dict(self.facts)))

    def __reduce__(self) -> tuple[Any, ...]:
        parts = (np.asarray(self.voxels), self.geometry, self.modality, self.unit)
        return (Volume, (*parts, dict(self.facts), self.source))
