"""Whatever bytes arrive, a reader returns a volume or refuses in words."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radiome.base.errors import UserError
from radiome.image.geometry import Geometry
from radiome.image.volume import Volume
from radiome.io.metaimage import read_metaimage
from radiome.io.nifti import read_nifti, write_nifti
from radiome.io.nrrd import read_nrrd

VOXELS = np.arange(24, dtype="<i2").reshape(2, 3, 4)
NRRD = (
    b"NRRD0004\ntype: short\ndimension: 3\nspace: left-posterior-superior\nsizes: 4 3 2\n"
    b"space directions: (1,0,0) (0,2,0) (0,0,3)\nkinds: domain domain domain\n"
    b"endian: little\nencoding: raw\nbyte skip: 0\nspace origin: (1,2,3)\n\n"
)
META = (
    b"ObjectType = Image\nNDims = 3\nBinaryData = True\nTransformMatrix = 1 0 0 0 1 0 0 0 1\n"
    b"Offset = 1 2 3\nElementSpacing = 1 2 3\nDimSize = 4 3 2\nHeaderSize = 0\n"
    b"ElementType = MET_SHORT\nElementDataFile = LOCAL\n"
)


def _nifti(ending: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"image{ending}"
        write_nifti(path, Volume(VOXELS, Geometry((2, 3, 4), (3.0, 2.0, 1.0))))
        return path.read_bytes()


@pytest.mark.parametrize(
    ("whole", "reader"),
    [
        (_nifti(".nii"), read_nifti),
        (_nifti(".nii.gz"), read_nifti),
        (NRRD + VOXELS.tobytes(), read_nrrd),
        (META + VOXELS.tobytes(), read_metaimage),
    ],
    ids=["nii", "nii.gz", "nrrd", "mha"],
)
@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_damaged_files_never_crash(
    data: st.DataObject, whole: bytes, reader: Callable[[Path], Volume]
) -> None:
    raw = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place] = data.draw(st.integers(0, 255) | st.sampled_from(b" 0123456789-.\n:=("))
    cut = data.draw(st.integers(0, len(raw)) | st.just(len(raw)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "image"
        path.write_bytes(raw[:cut])
        outcome = _attempt(reader, path)
    if isinstance(outcome, UserError):
        assert all((outcome.where, outcome.expected, outcome.got, outcome.do))
    else:
        assert outcome.voxels.shape == outcome.geometry.shape


def _attempt(reader: Callable[[Path], Volume], path: Path) -> Volume | UserError:
    try:
        return reader(path)
    except UserError as error:
        return error
