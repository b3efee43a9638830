"""The cases of a study: who came in, what each is, and where and why some left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from radiome.cohort.inspection import ACQUISITION_FACTS, Inspected
from radiome.cohort.manifest import Manifest
from radiome.tables.atomic import write_json
from radiome.tables.columns import Column, number_column, text_column, typed_column
from radiome.tables.files import write_csv

#: Facts of the inspection that are numbers, with the columns they become.
_NUMBERS = ("voxels", "volume_ml", "slices", "minimum", "median", "maximum")
_SPACING = ("spacing_z_mm", "spacing_y_mm", "spacing_x_mm")

#: All columns that the inspection can add to the cohort table.
FACT_NAMES = ("modality", "unit", *_SPACING, *_NUMBERS, *ACQUISITION_FACTS)


@dataclass(frozen=True, slots=True)
class Left:
    """Where and why a case left the study.

    Parameters
    ----------
    step : {"inspect", "extract", "join"}
        The step that it did not pass.
    reason : str
        Why.
    """

    step: str
    reason: str


def fact_columns(seen: Sequence[Inspected]) -> list[Column]:
    r"""What was seen of each case as columns, those that no case has left out.

    Numbers are numbers; a fact with several values is their list, joined by ``\``, as in DICOM.
    """
    facts = [item.facts for item in seen]
    columns = [text_column("unit", [str(told.get("unit", "")) for told in facts])]
    spacings = [told.get("spacing_zyx_mm") or (None, None, None) for told in facts]
    for place, name in enumerate(_SPACING):
        # To the micrometre: what single precision adds is no difference between scanners.
        steps = [spacing[place] for spacing in spacings]
        rounded = [None if step is None else round(step, 3) for step in steps]
        columns.append(number_column(name, rounded))
    columns += [number_column(name, [told.get(name) for told in facts]) for name in _NUMBERS]
    columns += [typed_column(name, [_text(told, name) for told in facts])
                for name in ACQUISITION_FACTS]  # fmt: skip
    return [column for column in columns if any(cell is not None for cell in column.cells)]


def _text(facts: Mapping[str, Any], name: str) -> str:
    value = facts.get(name)
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "\\".join(str(part) for part in value)
    return str(value)


def modality_column(manifest: Manifest, seen: Sequence[Inspected]) -> Column:
    """Modality of each case: as the image tells, else as the cohort table says."""
    stated = [case.modality for case in manifest.cases]
    told = [str(item.facts.get("modality", "")) for item in seen]
    return text_column("modality", [a or b for a, b in zip(told, stated, strict=True)])


def codes(n: int) -> list[str]:
    """Names that tell nothing: ``case-001`` and so on."""
    width = max(3, len(str(n)))
    return [f"case-{number:0{width}d}" for number in range(1, n + 1)]


def write_cases(
    path: Path, manifest: Manifest, seen: Sequence[Inspected], left: Mapping[str, Left]
) -> None:
    """Write ``cohort.csv``: every case, measured or not.

    Parameters
    ----------
    path : Path
        The file.
    manifest : Manifest
        The cohort; its columns come first.
    seen : sequence of Inspected
        One per case.
    left : mapping of str to Left
        The cases that left, by name.
    """
    names = [case.name for case in manifest.cases]
    gone = [left.get(name) for name in names]
    facts = [modality_column(manifest, seen), *fact_columns(seen)]
    taken = {column.name for column in facts}
    columns = [
        *(column for column in manifest.columns if column.name not in taken),
        text_column("code", codes(len(names))),
        text_column("status", ["left_out" if one else "measured" for one in gone]),
        text_column("step", [one.step if one else "" for one in gone]),
        text_column("reason", [one.reason if one else "" for one in gone]),
        *facts,
    ]
    write_csv(path, columns)


def write_pictures(path: Path, seen: Iterable[Inspected]) -> None:
    """Write ``pictures.json``: a PNG of each case that could be read, base64."""
    write_json(path, {item.case: item.picture for item in seen if item.picture})
