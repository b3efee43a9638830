"""A protocol to start from, written from the data that are there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from radiome.base.counting import counted
from radiome.base.errors import UserError
from radiome.base.options import parse_options
from radiome.base.yaml_text import dump_options
from radiome.cohort.engine import ProgressCallback
from radiome.cohort.inspection import Inspected, inspect_cohort
from radiome.cohort.manifest import Manifest, plain_heading, read_manifest
from radiome.model.outcome_reading import is_missing
from radiome.study.cases import fact_columns, modality_column
from radiome.study.outcome_guesses import OutcomeTable, outcome_table
from radiome.study.protocol import Protocol
from radiome.tables.atomic import replacing
from radiome.tables.columns import Column

#: Names of columns that mostly hold what they say.
_SITES = ("site", "centre", "center", "institution", "hospital")
_CLINICAL = ("age", "sex", "gender", "stage", "grade", "smoking", "histology")

#: Facts of an image that describe the lesion and not the scanner.
_OF_THE_LESION = ("voxels", "volume_ml", "slices", "minimum", "median", "maximum", "unit")

_HEAD = """\
# Protocol of a study. Every option is written out, with its meaning above it.
# What was guessed from the data, and has to be checked:
{guesses}
# Then: radiome study lock {name}   before anyone looks at the outcomes
#       radiome study run {name}
"""


@dataclass(frozen=True, slots=True)
class Started:
    """What was written.

    Parameters
    ----------
    path : Path
        The protocol.
    guesses : tuple of str
        What was taken from the data, in words.
    """

    path: Path
    guesses: tuple[str, ...]


def start_study(
    folder: str | Path, *, jobs: int | None = None, progress: ProgressCallback | None = None
) -> Started:
    """Write ``study.yaml`` for the cohort table and the outcome table of a folder.

    Parameters
    ----------
    folder : path
        With ``cohort.csv``, as ``radiome extract --discover`` writes it, and a CSV file of
        outcomes with one row per patient.
    jobs : int, optional
        Processes that read the images; what they see is kept for the run.
    progress : callable, optional
        As for `run_cohort`.

    Raises
    ------
    UserError
        If there is a protocol already, no cohort table, or no outcome of a known patient.
    KeyboardInterrupt
        After Ctrl-C while images are read; no protocol is written then.
    """
    folder = Path(folder)
    path, table = folder / "study.yaml", folder / "cohort.csv"
    if path.exists():
        raise UserError(
            "there is a protocol already",
            where=str(path),
            do="edit it, or remove it to have a new one written",
        )
    manifest = read_manifest(table)
    # First what may be amiss: to read all images may take hours.
    outcomes = outcome_table(folder, manifest)
    result, seen = inspect_cohort(
        manifest, folder / "run" / "inspection", jobs=jobs, progress=progress
    )
    if result.interrupted:  # nothing is to be guessed from the cases that were seen by then
        raise KeyboardInterrupt
    values, guesses = _values(manifest, seen, outcomes)
    protocol = parse_options(Protocol, values, where=str(path))
    head = _HEAD.format(guesses="\n".join(f"# - {text}" for text in guesses), name=path.name)
    with replacing(path) as part:
        part.write_text(head + "\n" + dump_options(protocol), encoding="utf-8")
    return Started(path, tuple(guesses))


def _values(
    manifest: Manifest, seen: Sequence[Inspected], outcomes: OutcomeTable
) -> tuple[dict[str, Any], list[str]]:
    by_case = modality_column(manifest, seen)
    modalities = [str(cell) for cell in by_case.cells if cell]
    kinds = sorted(set(modalities), key=lambda kind: (-modalities.count(kind), kind))
    columns = _columns(manifest, seen, outcomes)
    guesses = [
        f"{counted(len(manifest.cases), 'case')} of {manifest.source}; modalities: "
        + (", ".join(f"{kind} ({modalities.count(kind)})" for kind in kinds) or "not known"),
        *outcomes.guesses,
        *(f"columns.{name}: {_told(value)}" for name, value in columns.items()),
    ]
    guesses += _several_rows(manifest, outcomes.patient, by_case)
    nameless = _without_patient(manifest, outcomes.patient)
    if nameless:
        names = ", ".join(nameless[:5]) + (", ..." if len(nameless) > 5 else "")
        guesses.append(
            f"column '{outcomes.patient}' of the cohort table names no patient for {names}: "
            "fill it, or take these rows out; a run is refused with them"
        )
    left = [name for name in outcomes.copies if plain_heading(name) in _CLINICAL]
    if left:
        guesses.append(f"not in columns.clinical: {_told(left)}, an outcome under another name")
    plan = {"outcomes": outcomes.options, "columns": columns}
    analyses: list[dict[str, Any]] = [{"name": "main", "plan": plan}]
    if len(kinds) > 1:
        analyses = [
            {
                "name": kind,
                "role": "exploratory" if place else "primary",
                "where": {"modality": kind},
                "plan": plan,
            }
            for place, kind in enumerate(kinds)
        ]
        guesses.append(f"one analysis for each modality; {kinds[0]}, with most cases, is primary")
    values = {
        "title": "Untitled study",
        "cohort": "cohort.csv",
        "outcomes": outcomes.path.name,
        "analyses": analyses,
    }
    return values, guesses


def _several_rows(manifest: Manifest, patient: str, modality: Column) -> Iterator[str]:
    """That patients have several rows, and which regions to choose from."""
    (column,) = [one for one in manifest.columns if one.name == patient]
    rows = Counter(zip(column.cells, modality.cells, strict=True))
    several = {told[0] for told, count in rows.items() if count > 1 and told[0] is not None}
    if several:
        regions = sorted({case.roi for case in manifest.cases if case.roi})
        names = ", ".join(regions[:8]) + (", ..." if len(regions) > 8 else "")
        have = "has" if len(several) == 1 else "have"
        yield (
            f"{counted(len(several), 'patient')} {have} several rows of a modality, and all of "
            "them are analysed" + (f": to choose, where: {{roi: ...}} of {names}" if names else "")
        )


def _without_patient(manifest: Manifest, patient: str) -> list[str]:
    """Cases of which the cell of the patient is empty, or reads as missing such as NA."""
    (column,) = [one for one in manifest.columns if one.name == patient]
    missing = is_missing(pd.Series(column.texts(), dtype=str))
    return [case.name for case, absent in zip(manifest.cases, missing, strict=True) if absent]


def _told(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _columns(
    manifest: Manifest, seen: Sequence[Inspected], outcomes: OutcomeTable
) -> dict[str, Any]:
    named = {column.name for column in manifest.columns} | set(outcomes.columns)
    found: dict[str, Any] = {"patient": outcomes.patient}
    if outcomes.own_patient != outcomes.patient:
        found["outcome_patient"] = outcomes.own_patient
    sites = [name for name in sorted(named) if plain_heading(name) in _SITES]
    if sites:
        found["site"] = sites[0]
    used = {column for option in outcomes.options for column in option.values()}
    used |= set(outcomes.copies)  # what is the outcome in other words predicts it
    clinical = [n for n in outcomes.columns if plain_heading(n) in _CLINICAL and n not in used]
    if clinical:
        found["clinical"] = clinical
    acquisition = [column.name for column in fact_columns(seen) if _of_the_scanner(column)]
    if acquisition:
        found["acquisition"] = acquisition
    return found


def _of_the_scanner(column: Column) -> bool:
    """Whether a fact is known of most cases and differs between them."""
    known = [cell for cell in column.cells if cell is not None]
    told = len(known) >= 0.8 * len(column.cells)
    return told and len(set(known)) > 1 and column.name not in _OF_THE_LESION
