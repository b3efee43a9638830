"""The crop file: cubes of image around the lesions, for networks that learn from tables of them.

A NumPy archive (``.npz``) without pickled objects. Its members: ``cases`` (n,) text; ``crops``
float32 (n, channels, z, y, x); ``channels`` text; ``spacing`` mm; ``inside`` (n,) share of each
lesion that lies in its cube; ``settings`` JSON text; ``settings_sha256``; ``format``.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import UserError
from radiome.tables.atomic import replacing

#: Version of the file's layout.
FORMAT = 1

_MEMBERS = (
    "cases",
    "channels",
    "crops",
    "format",
    "inside",
    "settings",
    "settings_sha256",
    "spacing",
)


@dataclass(frozen=True, slots=True, eq=False)
class Crops:
    """Cubes of n cases.

    Parameters
    ----------
    cases : tuple of str
        Names, each once.
    images : float32 array (n, channels, z, y, x)
        Finite.
    channels : tuple of str
        What they are: ``image``, and ``mask`` where the lesion stands beside it.
    spacing : float
        Distance of voxels in mm, along all axes.
    inside : float64 array (n,)
        Share of the voxels of each lesion that lie in its cube.
    settings : mapping
        How they were made, as plain values.
    """

    cases: tuple[str, ...]
    images: NDArray[np.float32]
    channels: tuple[str, ...]
    spacing: float
    inside: NDArray[np.float64]
    settings: Mapping[str, Any]

    def __post_init__(self) -> None:
        n = len(self.cases)
        if self.images.ndim != 5 or self.images.shape[:2] != (n, len(self.channels)):
            raise ValueError(f"crops of shape {self.images.shape} for {n} cases")
        if self.images.dtype != np.float32 or not np.isfinite(self.images).all():
            raise ValueError("crops must be finite float32 numbers")
        if len(set(self.cases)) < n or self.inside.shape != (n,):
            raise ValueError("every case needs a name of its own, and a share inside")

    def __len__(self) -> int:
        return len(self.cases)

    def of(self, cases: Sequence[str], *, where: str | None = None) -> NDArray[np.float32]:
        """Crops (m, channels, z, y, x) of some cases, in their order.

        Raises
        ------
        UserError
            If some have none, with their names.
        """
        place = {case: number for number, case in enumerate(self.cases)}
        missing = [case for case in cases if case not in place]
        if missing:
            shown = ", ".join(missing[:10]) + (", ..." if len(missing) > 10 else "")
            raise UserError(
                f"{len(missing)} of {len(cases)} cases have no crop",
                where=where,
                expected="a crop for every row that is modelled",
                got=f"none for {shown}",
                do="mend these cases in the cohort table and make the crops again, or leave "
                "their rows out of the feature table",
            )
        return self.images[[place[case] for case in cases]]

    def fingerprint(self) -> str:
        """SHA-256 of names, crops and settings."""
        digest = hashlib.sha256(_as_text([self.cases, self.channels, self.settings]).encode())
        digest.update(np.ascontiguousarray(self.images).tobytes())
        return digest.hexdigest()


def _as_text(values: Any) -> str:
    return json.dumps(values, sort_keys=True)


def _hash(settings: str) -> str:
    return hashlib.sha256(settings.encode()).hexdigest()


def write_crops(path: Path, crops: Crops) -> None:
    """Write a crop file, whole or not at all; equal crops give equal bytes."""
    settings = _as_text(dict(crops.settings))
    with replacing(path) as part, part.open("wb") as file:
        np.savez_compressed(
            file,
            cases=np.array(crops.cases, np.str_),
            channels=np.array(crops.channels, np.str_),
            crops=crops.images,
            format=np.array(FORMAT),
            inside=crops.inside,
            settings=np.array(settings),
            settings_sha256=np.array(_hash(settings)),
            spacing=np.array(crops.spacing),
        )


def read_crops(path: str | Path) -> Crops:
    """Read a crop file.

    Raises
    ------
    UserError
        If it is not there, is no crop file, or was changed.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(
            "there is no such crop file",
            where=str(path),
            expected="a file of 'radiome crops'",
            do="check the path, or run: radiome crops COHORT.csv -o crops.npz",
        )
    try:
        # Opened here: NumPy leaves a broken archive open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            values = {name: stored[name] for name in stored.files}
    except (ValueError, EOFError, zipfile.BadZipFile, TypeError, AttributeError) as error:
        raise _refused(path, str(error) or type(error).__name__) from None
    missing = [name for name in _MEMBERS if name not in values]
    if missing:
        raise _refused(path, f"no member {', '.join(missing)}")
    if int(values["format"]) != FORMAT:
        raise _refused(path, f"format {values['format']}")
    settings = str(values["settings"])
    if _hash(settings) != str(values["settings_sha256"]):
        raise _refused(path, "settings that do not fit their hash")
    try:
        return Crops(
            tuple(values["cases"].tolist()),
            values["crops"],
            tuple(values["channels"].tolist()),
            float(values["spacing"]),
            values["inside"],
            json.loads(settings),
        )
    except (ValueError, TypeError) as error:
        raise _refused(path, str(error)) from None


def _refused(path: Path, got: str) -> UserError:
    return UserError(
        "the file is no crop file that can be used",
        where=str(path),
        expected=f"a file of 'radiome crops', format {FORMAT}",
        got=got,
        do="make it again with 'radiome crops'",
    )
