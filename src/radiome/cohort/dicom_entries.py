"""The DICOM series below a folder, also where one of its files is broken."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from radiome.base.errors import ImageError


def dicom_entries(index: Any, folder: Path) -> tuple[list[Any], list[tuple[Path, str]]]:
    """List the series, and the folders that hold a broken file with what is amiss.

    A folder with a broken file makes no series: a slice might be missing. All others do.

    Parameters
    ----------
    index : module
        `radiome.io.dicom_index`.
    folder : Path
        Searched with all its subfolders.
    """
    try:
        return index.list_series(folder), []
    except ImageError:
        return _folder_by_folder(index, folder)


def _folder_by_folder(index: Any, folder: Path) -> tuple[list[Any], list[tuple[Path, str]]]:
    files = import_module("radiome.io.dicom_files")
    entries: list[Any] = []
    broken: list[tuple[Path, str]] = []
    for name, folders, _ in os.walk(folder):
        folders.sort()
        place = Path(name)
        try:
            entries += index.series_in(place) if files.dicom_files(place) else []
        except ImageError as error:
            bad = Path(error.where or place)
            broken.append((bad, f"{error.what}; nothing was taken from its folder"))
    return _whole(entries), broken


def _whole(entries: Iterable[Any]) -> list[Any]:
    """Series whose files lie in several folders in one piece; each mask is one already."""
    found: dict[tuple[Any, ...], Any] = {}
    for entry in entries:
        mask = entry.modality in ("RTSTRUCT", "SEG")
        key = (entry.series_uid, entry.modality, entry.files if mask else ())
        if key in found:
            files = tuple(sorted((*found[key].files, *entry.files)))
            entry = replace(found[key], files=files)
        found[key] = entry
    return list(found.values())
