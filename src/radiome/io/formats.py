"""The table of image file formats: how to recognise each and what reads it.

A file format is one row of `FORMATS`: its name, its file endings, and the function
that reads it. Libraries load only when a file of their format is read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from radiome.image.volume import Volume

_MAGIC_BYTES = 352


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: how to recognise it and what reads it.

    Parameters
    ----------
    name : str
        For messages.
    endings : tuple of str
        Lower-case file name endings, with the dot.
    reader : str
        ``"module:function"``; the function takes a path and returns a `Volume`.
    magic : tuple of (int, bytes)
        Offsets and bytes of which one is found in a file of this format, for files
        with another ending.
    """

    name: str
    endings: tuple[str, ...]
    reader: str
    magic: tuple[tuple[int, bytes], ...] = ()

    def read(self, path: Path) -> Volume:
        """Read a file of this format."""
        module, _, function = self.reader.partition(":")
        reader: Callable[[Path], Volume] = getattr(import_module(module), function)
        return reader(path)


DICOM = Format(
    "DICOM", (".dcm", ".dicom", ".ima"), "radiome.io.dicom_series:read_dicom_series",
    ((128, b"DICM"),),
)  # fmt: skip

NRRD = Format("NRRD", (".nrrd", ".nhdr"), "radiome.io.nrrd:read_nrrd", ((0, b"NRRD000"),))

FORMATS = (
    DICOM,
    Format(
        "NIfTI", (".nii", ".nii.gz", ".hdr", ".img", ".hdr.gz", ".img.gz"),
        "radiome.io.nifti:read_nifti",
        ((344, b"n+1"), (4, b"n+2")),
    ),
    NRRD,
    Format(
        "MetaImage", (".mha", ".mhd"), "radiome.io.metaimage:read_metaimage",
        ((0, b"ObjectType"), (0, b"NDims")),
    ),
)  # fmt: skip


def format_of(path: Path) -> Format | None:
    """The format of a file by its ending, else by its first bytes, else None."""
    name = path.name.lower()
    for ending, kind in by_ending(FORMATS).items():
        if name.endswith(ending):
            return kind
    with path.open("rb") as file:
        head = file.read(_MAGIC_BYTES)
    for kind in FORMATS:
        if any(head[start : start + len(magic)] == magic for start, magic in kind.magic):
            return kind
    if head and not path.suffix.strip(".0123456789"):
        # DICOM without preamble, often named by number or UID: ask the DICOM reader.
        is_dicom: Callable[[Path], bool] = import_module("radiome.io.dicom_series").is_dicom
        return DICOM if is_dicom(path) else None
    return None


@cache
def by_ending(formats: Sequence[Format]) -> dict[str, Format]:
    """Endings, longest first; two formats may not claim the same name or ending."""
    table: dict[str, Format] = {}
    names = [kind.name for kind in formats]
    if len(set(names)) < len(names):
        raise ValueError(f"two formats of the same name in {names}")
    for kind in formats:
        for ending in kind.endings:
            if ending in table:
                raise ValueError(f"'{ending}' belongs to {table[ending].name} and {kind.name}")
            table[ending] = kind
    return dict(sorted(table.items(), key=lambda item: -len(item[0])))
