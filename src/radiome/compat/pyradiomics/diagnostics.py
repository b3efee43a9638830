"""The `diagnostics_*` entries: what was measured on what, in the words of pyradiomics."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np

from radiome.base.version import __version__
from radiome.compat.pyradiomics.label_maps import pixel_hash
from radiome.image.geometry import Geometry
from radiome.image.mask import Mask
from radiome.image.volume import Volume

PREFIX = "diagnostics_"

#: The release whose definitions and output are reproduced.
REPRODUCED = "3.0.1"


class Diagnostics:
    """Entries in the order in which pyradiomics adds them."""

    def __init__(
        self,
        settings: Mapping[str, Any],
        image_types: Mapping[str, Any],
        definition: str = "pyradiomics",
    ) -> None:
        self.entries: dict[str, Any] = {}
        whose = REPRODUCED if definition == "pyradiomics" else "the IBSI"
        self.add(
            Versions_PyRadiomics=f"radiome {__version__}, definitions of {whose}",
            Versions_Numpy=np.__version__,
            Versions_SimpleITK="not used",
            Versions_PyWavelet=version("PyWavelets"),
            Versions_Python=platform.python_version(),
            Configuration_Settings=dict(settings),
            Configuration_EnabledImageTypes={name: dict(o) for name, o in image_types.items()},
        )

    def add(self, **entries: Any) -> None:
        """Add entries by their names without the prefix."""
        self.entries.update({f"{PREFIX}{name}": value for name, value in entries.items()})

    def add_image(self, volume: Volume, stage: str = "original") -> None:
        """Describe the image at a stage: original or interpolated."""
        found: dict[str, Any] = {}
        if stage == "original":
            found = {"Hash": pixel_hash(volume), "Dimensionality": "3D"}
        values = volume.voxels.astype(np.float64)
        found |= {
            **_grid(volume.geometry),
            "Mean": np.mean(values),
            "Minimum": np.min(values),
            "Maximum": np.max(values),
        }
        self.add(**{f"Image-{stage}_{name}": value for name, value in found.items()})

    def add_mask(
        self,
        mask: Mask,
        stage: str = "original",
        *,
        labels: Volume | None = None,
        image: Volume | None = None,
    ) -> None:
        """Describe the region at a stage: original, corrected, interpolated or resegmented."""
        from scipy import ndimage

        found: dict[str, Any] = {} if labels is None else {"Hash": pixel_hash(labels)}
        places = np.argwhere(mask.voxels)
        low = places.min(axis=0)
        extent = places.max(axis=0) - low + 1
        centre = tuple(places.mean(axis=0)[::-1].tolist())
        world = mask.geometry.index_to_world(np.asarray(centre)[::-1])
        found |= {
            **_grid(mask.geometry),
            "BoundingBox": tuple(int(v) for v in (*low[::-1], *extent[::-1])),
            "VoxelNum": len(places),
            "VolumeNum": int(ndimage.label(mask.voxels, np.ones((3, 3, 3)))[1]),
            "CenterOfMassIndex": centre,
            "CenterOfMass": tuple(world.tolist()),
        }
        if image is not None:
            values = image.voxels[mask.voxels].astype(np.float64)
            found |= {
                "Mean": np.mean(values),
                "Minimum": np.min(values),
                "Maximum": np.max(values),
            }
        self.add(**{f"Mask-{stage}_{name}": value for name, value in found.items()})


def _grid(geometry: Geometry) -> dict[str, Any]:
    return {"Spacing": geometry.spacing[::-1], "Size": geometry.shape[::-1]}
