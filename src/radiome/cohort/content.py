"""Content hashes of inputs: what decides whether a case was measured already."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict, cast

from radiome.base.errors import ImageError
from radiome.io.readers import split_series

_CHUNK = 1 << 20

#: Headers whose voxels lie in another file, named by this entry.
_DETACHED = {
    ".mhd": re.compile(rb"^\s*ElementDataFile\s*=\s*(.+?)\s*$", re.MULTILINE),
    ".nhdr": re.compile(rb"^\s*data\s*file\s*:\s*(.+?)\s*$", re.MULTILINE | re.IGNORECASE),
}

#: NIfTI pairs; either file stands for both.
_PAIRS = ((".hdr", ".img"), (".img", ".hdr"), (".hdr.gz", ".img.gz"), (".img.gz", ".hdr.gz"))


class Fingerprint(TypedDict):
    """A file as it was when hashed; same size and times mean that it need not be read again.

    ``changed_ns`` is the time that no program can set: a file put in the place of another,
    with the size and the date of it, has a new one.
    """

    size: int
    modified_ns: int
    changed_ns: int
    sha256: str


Fingerprints = dict[str, Fingerprint]


def input_files(path: Path, *, without: Path | None = None) -> list[Path]:
    """All files that make up an input: itself, its detached voxels, or a folder's files.

    Parameters
    ----------
    path : Path
        A file, or a folder that is taken with all its subfolders.
    without : Path, optional
        Folder to leave out: the run folder may lie inside the data.

    Raises
    ------
    ImageError
        If there is nothing at `path`.
    """
    if path.is_dir():
        return sorted(part for part in path.rglob("*") if part.is_file() and not _in(part, without))
    if not path.is_file():
        raise ImageError(
            "there is no such file or folder",
            where=str(path),
            expected="an image or mask file, or a folder of DICOM files",
            do="correct the path; paths in a cohort table are relative to the table's folder",
        )
    return [path, *_detached(path)]


def _in(path: Path, folder: Path | None) -> bool:
    # Not `absolute`: it keeps "run/../scans", which is not in run.
    return folder is not None and Path(os.path.abspath(path)).is_relative_to(
        os.path.abspath(folder)
    )


def _detached(path: Path) -> list[Path]:
    for one, other in _PAIRS:
        if path.name.endswith(one):
            twin = path.with_name(path.name.removesuffix(one) + other)
            return [twin] if twin.is_file() else []
    pattern = _DETACHED.get(path.suffix.lower())
    if pattern is None:
        return []
    with path.open("rb") as file:
        found = pattern.search(file.read(65536))
    named = path.parent / found.group(1).decode(errors="replace") if found else path
    return [named] if named != path and named.is_file() else []


def hash_input(
    path: Path, known: Mapping[str, Fingerprint], *, without: Path | None = None
) -> tuple[str, Fingerprints]:
    """Hash the content of an input, whatever its files are called.

    Parameters
    ----------
    path : Path
        A file, a folder, or one series of a folder (``folder#SeriesInstanceUID``).
    known : mapping
        Fingerprints of an earlier run by path; those whose size and times still hold are
        not read again.
    without : Path, optional
        Folder to leave out; see `input_files`.

    Returns
    -------
    digest : str
        SHA-256 over the sorted SHA-256 of all files, and the series where one is named.
    fingerprints : dict
        Fingerprint of each file.
    """
    found: Fingerprints = {}
    path, series_uid = split_series(path)
    for part in input_files(path, without=without):
        found[str(part)] = _fingerprint(part, known.get(str(part)))
    digests = sorted(fingerprint["sha256"] for fingerprint in found.values())
    if series_uid is not None:
        digests.append(series_uid)
    return hashlib.sha256("\n".join(digests).encode()).hexdigest(), found


def _fingerprint(path: Path, known: Fingerprint | None) -> Fingerprint:
    state = path.stat()
    now = {"size": state.st_size, "modified_ns": state.st_mtime_ns, "changed_ns": state.st_ctime_ns}
    if known and all(known.get(name) == value for name, value in now.items()):
        return known
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return cast(Fingerprint, {**now, "sha256": digest.hexdigest()})


def case_key(**parts: str) -> str:
    """One key of everything that decides a case's numbers.

    Parameters
    ----------
    **parts : str
        Image and mask digests, region, modality, settings fingerprint, version.
    """
    text = "\n".join(f"{name}={parts[name]}" for name in sorted(parts))
    return hashlib.sha256(text.encode()).hexdigest()
