"""Find and open DICOM files: the only place where raw parsing errors are turned into words."""

from __future__ import annotations

import os
import struct
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from radiome.base.errors import ImageError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: Value representations of DICOM PS3.5 table 6.2-1 that may open a file without a preamble.
_FIRST_REPRESENTATIONS = frozenset((b"UL", b"UI", b"OB", b"CS", b"SH", b"DA", b"TM", b"DT"))

#: File names that end so are meant to be DICOM; if they are not, that is an error.
DICOM_SUFFIXES = frozenset((".dcm", ".dicom", ".ima"))


def is_dicom(path: str | Path) -> bool:
    """Say from its first bytes whether a file is DICOM.

    A Part 10 file has ``DICM`` after a preamble of 128 bytes (PS3.10 section 7.1). Old
    files without it are recognised by a first element in group 0002 or 0008.

    Parameters
    ----------
    path : path
        Any path; folders and unreadable files are not DICOM.
    """
    try:
        with open(path, "rb") as stream:
            start = stream.read(132)
    except OSError:
        return False
    if start[128:132] == b"DICM":
        return True
    if len(start) < 16:
        return False
    group, element = struct.unpack("<HH", start[:4])
    if group not in (0x0002, 0x0008) or element > 0x0020:
        return False
    (length,) = struct.unpack("<I", start[4:8])
    return start[4:6] in _FIRST_REPRESENTATIONS or length <= 128


def dicom_files(folder: Path, *, recursive: bool = False) -> list[Path]:
    """List the DICOM files of a folder, sorted by path; others are left out.

    Raises
    ------
    ImageError
        If a file named as DICOM is not: leaving it out could shorten a series unseen.
    """
    found: list[Path] = []
    for path in sorted(_files(folder, recursive)):
        if path.name.startswith(".") or path.name.upper() == "DICOMDIR":
            continue
        if is_dicom(path):
            found.append(path)
        elif path.suffix.lower() in DICOM_SUFFIXES:
            raise _not_dicom(path)
    return found


def _files(folder: Path, recursive: bool) -> Iterator[Path]:
    if not recursive:
        yield from (Path(entry.path) for entry in os.scandir(folder) if entry.is_file())
        return
    for root, _, names in os.walk(folder):
        yield from (Path(root) / name for name in names)


def open_dicom(path: Path, *, only: Sequence[str] | None = None) -> Dataset:
    """Parse one DICOM file.

    Parameters
    ----------
    path : Path
        The file.
    only : sequence of str, optional
        Read just these attributes (by keyword) and never the pixels.

    Raises
    ------
    ImageError
        If the file is absent, is not DICOM or breaks off.
    """
    import pydicom
    from pydicom.errors import BytesLengthException

    if not path.is_file():
        raise ImageError("there is no such file", where=str(path), do="check the path")
    if not is_dicom(path):
        raise _not_dicom(path)
    try:
        dataset = pydicom.dcmread(
            path,
            force=True,
            stop_before_pixels=only is not None,
            specific_tags=None if only is None else list(only),
        )
        _name_encoding(dataset)
        return dataset
    # pydicom lets whatever its parser meets escape, so each kind of damage looks different.
    except (OSError, EOFError, ValueError, TypeError, AttributeError) as error:
        raise broken(path, error) from error
    except (struct.error, BytesLengthException, KeyError, IndexError, RuntimeError) as error:
        raise broken(path, error) from error


def _name_encoding(dataset: Dataset) -> None:
    """Write down the transfer syntax that a file without meta information was read in."""
    from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

    if "TransferSyntaxUID" in dataset.file_meta:
        return
    implicit, little = dataset.original_encoding
    explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else explicit


@contextmanager
def parsing(path: Path) -> Iterator[None]:
    """Read values of parsed objects: damage that shows only now is named, form is forgiven.

    pydicom parses nested and unusual elements when they are first used. Its warnings about
    values that break a rule of form (length, padding, letters) are silenced: archives are
    full of them and they change no number.

    Raises
    ------
    ImageError
        If an element turns out to be damaged.
    """
    from pydicom.errors import BytesLengthException

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning)
        try:
            yield
        except (NotImplementedError, OSError, struct.error, BytesLengthException) as error:
            raise broken(path, error) from error


def broken(path: Path, error: Exception) -> ImageError:
    """The error for a DICOM file or folder that breaks off or is damaged."""
    return ImageError(
        "the DICOM file cannot be read",
        where=str(path),
        expected="a whole DICOM file",
        got=f"{type(error).__name__}: {error}",
        do="copy the file again from its source; it is probably truncated",
    )


def _not_dicom(path: Path) -> ImageError:
    size = path.stat().st_size
    return ImageError(
        "the file is not DICOM",
        where=str(path),
        expected="'DICM' after 128 bytes, or a first element in group 0002 or 0008",
        got="an empty file" if size == 0 else f"{size} bytes of something else",
        do="copy the file again from its source, or move it out of the folder",
    )
