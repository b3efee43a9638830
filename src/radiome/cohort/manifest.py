"""The cohort table: which image and which lesion make each case."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from radiome.base.errors import UserError, nearest_name
from radiome.cohort.manifest_text import parse_rows, read_text, unclosed
from radiome.tables.columns import Column, text_column, typed_column

REQUIRED = ("case", "image", "mask")
OPTIONAL = ("roi", "modality", "settings")
#: Columns that a run adds; a cohort table may not bring its own.
ADDED = ("status", "reason")

#: What a column that names the patient is called, in small letters and without marks.
PATIENT_HEADINGS = ("patient", "patientid", "subject", "subjectid", "id")


@dataclass(frozen=True, slots=True)
class Case:
    """One lesion on one image.

    Parameters
    ----------
    name : str
        Unique within the cohort.
    image, mask : Path
        A file, or a folder of DICOM files.
    roi : str
        Region name or label value; empty for the only one.
    modality : str
        DICOM modality; empty to take it from the image.
    settings : str
        Preset name or settings file of this case; empty for those of the run.
    fault : str
        Why the row cannot be measured; empty if it can.
    """

    name: str
    image: Path
    mask: Path
    roi: str = ""
    modality: str = ""
    settings: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The cases of a cohort, in order, with the columns to carry through.

    Parameters
    ----------
    cases : tuple of Case
        One per row.
    columns : tuple of Column
        Every column of the cohort table as it was given (paths not resolved).
    source : str
        The file it came from.
    """

    cases: tuple[Case, ...]
    columns: tuple[Column, ...]
    source: str = ""

    @classmethod
    def from_cases(cls, cases: Sequence[Case], *, source: str = "") -> Manifest:
        """Make a manifest without a file; only the columns in use are carried."""
        cells = {
            "case": [case.name for case in cases],
            "image": [str(case.image) for case in cases],
            "mask": [str(case.mask) for case in cases],
            "roi": [case.roi for case in cases],
            "modality": [case.modality for case in cases],
            "settings": [case.settings for case in cases],
        }
        lines = list(range(1, len(cases) + 1))
        _check_names(cells["case"], lines, source)
        used = [name for name in cells if name in REQUIRED or any(cells[name])]
        columns = tuple(text_column(name, cells[name]) for name in used)
        return cls(tuple(cases), columns, source)


def read_manifest(path: str | Path) -> Manifest:
    """Read a cohort table.

    Parameters
    ----------
    path : str or Path
        CSV in UTF-8 with columns case, image and mask; optionally roi, modality
        and settings; any others are carried through. The separator is the one of
        comma, semicolon and tab that makes the first line hold the required
        columns. Relative paths are relative to the folder of the table.

    Returns
    -------
    Manifest
        One case per line, also for a line without image or mask: its `Case.fault`
        says so, and the other cases can be measured.

    Raises
    ------
    UserError
        If the table as a whole cannot be used: a column or the name of a case is
        missing, or a name appears twice. The message names the line or the column.
    """
    path = Path(path)
    headings, lines, rows = parse_rows(read_text(path), REQUIRED, str(path))
    _check_headings(headings, str(path))
    cells = dict(zip(headings, (list(column) for column in zip(*rows, strict=True)), strict=True))
    _refuse_broken_names(cells, lines, str(path))
    _check_names(cells["case"], lines, str(path))
    cases = tuple(_case(dict(zip(headings, row, strict=True)), path.parent) for row in rows)
    columns = tuple(
        text_column(name, texts) if _is_text(name) else typed_column(name, texts)
        for name, texts in cells.items()
    )
    return Manifest(cases, columns, str(path))


def _is_text(heading: str) -> bool:
    """Whether cells are names, also where all of them look like numbers: ``1e05``."""
    return heading in (*REQUIRED, *OPTIONAL) or plain_heading(heading) in PATIENT_HEADINGS


def plain_heading(heading: str) -> str:
    """A heading in small letters and without marks: ``Patient ID`` is ``patientid``."""
    return "".join(letter for letter in heading.casefold() if letter.isalnum())


def _case(row: dict[str, str], folder: Path) -> Case:
    settings = row.get("settings", "")
    # A settings file is relative to the table like the images; a preset is a bare name.
    if settings and os.path.isfile(folder / settings):  # False, too, for a name too long
        settings = str(folder / settings)
    return Case(
        name=row["case"],
        image=folder / row["image"],
        mask=folder / row["mask"],
        roi=row.get("roi", ""),
        modality=row.get("modality", ""),
        settings=settings,
        fault=_fault(row),
    )


def _fault(row: dict[str, str]) -> str:
    blank = [name for name in ("image", "mask") if not row[name]]
    if not blank:
        return ""
    return f"the cohort table names no {' and no '.join(blank)} for this case"


def _refuse_broken_names(cells: dict[str, list[str]], lines: list[int], where: str) -> None:
    """A note may have several lines; a name or a path that does has swallowed other cases."""
    for heading in filter(_is_text, cells):
        for line, cell in zip(lines, cells[heading], strict=True):
            if "\n" in cell or "\r" in cell:
                first = cell.splitlines()[0]
                raise unclosed(line, where, f"'{first}' and further lines in column '{heading}'")


def _check_headings(headings: list[str], where: str) -> None:
    for name in REQUIRED:
        if name not in headings:
            spare = [heading for heading in headings if heading not in (*REQUIRED, *OPTIONAL)]
            near = nearest_name(name, [heading.lower() for heading in spare])
            found = next((heading for heading in spare if heading.lower() == near), None)
            raise UserError(
                f"the cohort table has no column '{name}'",
                where=where,
                expected="columns " + ", ".join(REQUIRED),
                got=", ".join(heading or "(blank)" for heading in headings),
                do=f"rename '{found}' to '{name}'" if found else f"add a column '{name}'",
            )
    for name in headings:
        if name in ADDED or not name or headings.count(name) > 1 or _is_feature(name):
            raise UserError(
                f"column '{name}' of the cohort table cannot be carried through",
                where=where,
                expected="distinct names other than those radiome adds "
                "(status, reason, feature tags)",
                got=", ".join(headings),
                do=f"rename or remove '{name}'" if name else "name every column",
            )


def _is_feature(name: str) -> bool:
    from radiome.features.catalogue import split_tag

    try:
        split_tag(name)
    except KeyError:
        return False
    return True


def _check_names(names: list[str], lines: list[int], where: str) -> None:
    seen: dict[str, int] = {}
    for line, name in zip(lines, names, strict=True):
        if not name:
            raise UserError(
                f"line {line} of the cohort table has no case",
                where=where or None,
                expected="a name of its own for every case",
                do="fill in the name, or remove the line",
            )
        if name in seen:
            raise UserError(
                f"case '{name}' appears twice in the cohort table",
                where=where or None,
                expected="a name of its own for every case",
                got=f"lines {seen[name]} and {line}",
                do="for several regions of one patient add the region to the name",
            )
        seen[name] = line
