"""Maps in the form that the image came in, and as NRRD files."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from radiome.image.volume import Volume
from radiome.tables.atomic import replacing


def as_given(maps: Mapping[str, Volume], image: Any) -> dict[str, Any]:
    """Maps as SimpleITK images, unless the image was a `Volume` or the library is not there."""
    if isinstance(image, Volume) or find_spec("SimpleITK") is None:
        return dict(maps)
    return {name: _as_simpleitk(found) for name, found in maps.items()}


def _as_simpleitk(volume: Volume) -> Any:
    library = import_module("SimpleITK")
    geometry = volume.geometry
    image = library.GetImageFromArray(np.asarray(volume.voxels))
    image.SetSpacing(geometry.spacing[::-1])
    image.SetOrigin(geometry.origin)
    # Row by row, with the directions of x, y and z as columns.
    image.SetDirection(np.array(geometry.direction)[::-1].T.ravel().tolist())
    return image


def is_map(value: Any) -> bool:
    """Whether an entry of a result is a map."""
    return isinstance(value, Volume) or hasattr(value, "GetPixelIDTypeAsString")


def write_map(path: Path, found: Any) -> None:
    """Write a map as a compressed NRRD file of float64.

    Source: "Definition of NRRD File Format", teem.sourceforge.net/nrrd/format.html.
    """
    volume = found if isinstance(found, Volume) else _as_volume(found)
    geometry = volume.geometry
    steps = np.array(geometry.direction) * np.array(geometry.spacing)[:, None]
    lines = [
        "NRRD0004",
        "type: double",
        "dimension: 3",
        "space: left-posterior-superior",
        f"sizes: {' '.join(str(n) for n in geometry.shape[::-1])}",
        f"space directions: {' '.join(_vector(step) for step in steps[::-1])}",
        "kinds: domain domain domain",
        "endian: little",
        "encoding: gzip",
        f"space origin: {_vector(np.array(geometry.origin))}",
    ]
    header = ("\n".join(lines) + "\n\n").encode("ascii")
    with replacing(path) as part:
        part.write_bytes(header + gzip.compress(volume.voxels.astype("<f8").tobytes(), mtime=0))


def _as_volume(image: Any) -> Volume:
    from radiome.io.arrays import volume_from_simpleitk

    return volume_from_simpleitk(image)


def _vector(values: np.ndarray[Any, np.dtype[np.float64]]) -> str:
    return f"({','.join(repr(float(v)) for v in values)})"
