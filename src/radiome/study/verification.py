"""Does a run hold what was measured: tables, files and numbers are looked at again."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from radiome.base.errors import UserError
from radiome.base.version import __version__
from radiome.cohort.content import hash_input
from radiome.cohort.manifest import Case, Manifest, read_manifest
from radiome.cohort.single import extract
from radiome.cohort.worker import read_result, reason_of
from radiome.study.file_checks import Finding, check_files, check_protocol, check_tables
from radiome.study.protocol import read_protocol
from radiome.study.records import read_record
from radiome.tables.files import read_features

#: Relative difference up to which a recomputed value counts as the same: other processors
#: add up in another order.
TOLERANCE = 1e-9


@dataclass(slots=True)
class Verification:
    """What was looked at, and what was found.

    Parameters
    ----------
    files, values, inputs : int
        Files compared with their hashes; feature values compared with the stored results;
        images and masks compared with their hashes.
    recomputed : list of str
        Cases that were measured again.
    largest : float
        Largest relative difference among their values.
    findings : list of Finding
        All that is not as it was left.
    """

    files: int = 0
    values: int = 0
    inputs: int = 0
    recomputed: list[str] = field(default_factory=list)
    largest: float = 0.0
    findings: list[Finding] = field(default_factory=list)


def verify_run(
    run: str | Path, *, sample: int = 5, seed: int = 0, protocol: str | Path | None = None
) -> Verification:
    """Compare a run with its own record, and measure some cases again.

    Parameters
    ----------
    run : path
        The run folder of a study.
    sample : int
        Cases, drawn at random, that are measured again from their images.
    seed : int
        Of the draw.
    protocol : path, optional
        The protocol, if the run folder was moved away from it; the cohort table and the
        images are found from there.

    Raises
    ------
    UserError
        If the folder holds no run, its record or feature table cannot be read, or the
        protocol or cohort table is not there any more.
    """
    folder = Path(run)
    source, steps, record = _record(folder, None if protocol is None else Path(protocol))
    planned = read_protocol(source)
    manifest = read_manifest(source.parent / planned.cohort)
    found = Verification()
    found.files, found.findings = check_files(folder, steps)
    found.findings += check_tables(folder, steps, planned, source.parent)
    found.findings += check_protocol(folder, source)
    frame = read_features(folder / "extraction")
    cases = {told["case"]: told for told in record["cases"]}
    found.findings += _values(folder / "extraction", frame, cases, found)
    for control in planned.controls.images:
        if (folder / "controls" / control / "run.json").is_file():
            found.findings += _control_values(folder / "controls" / control, found)
    found.findings += _inputs(folder, manifest, cases, found)
    measured = [case for case in manifest.cases if cases.get(case.name, {}).get("status") == "ok"]
    chosen = np.random.default_rng(seed).permutation(len(measured))[:sample]
    for place in sorted(chosen.tolist()):
        found.findings += _recomputed(measured[place], record, cases, frame, found)
    return found


def _record(folder: Path, protocol: Path | None) -> tuple[Path, list[str], dict[str, Any]]:
    """The protocol, the names of the finished steps, and the record of the extraction."""
    told, record = folder / "study.json", folder / "extraction" / "run.json"
    if not told.is_file() or not record.is_file():
        raise UserError(
            "this is no run of a study",
            where=str(folder),
            expected="study.json and extraction/run.json, as 'radiome study run' writes them",
            do="give the run folder",
        )
    study = read_record(told)
    # Resolved: '..' of a link leads out of the folder that it points to.
    source = protocol or folder.resolve() / str(study.get("protocol", ""))
    if not source.is_file():
        raise UserError(
            "the protocol of the run is not there",
            where=os.path.normpath(source),
            expected="study.yaml where it was, seen from the run folder",
            do="give it with --protocol; the cohort table and the images are found from there",
        )
    return source, list(study.get("steps", {})), read_record(record)


def _control_values(folder: Path, found: Verification) -> Iterator[Finding]:
    """The same as `_values` for the images in which something was destroyed."""
    cases = {told["case"]: told for told in read_record(folder / "run.json")["cases"]}
    for finding in _values(folder, read_features(folder), cases, found):
        yield replace(finding, where=f"{finding.where}, {folder.name}")


def _values(
    folder: Path, frame: pd.DataFrame, cases: dict[str, Any], found: Verification
) -> Iterator[Finding]:
    """Cells of the feature table that are not the stored results, exactly."""
    rows = Counter(frame["case"].astype(str))
    for case in cases:
        if rows[case] != 1:
            yield Finding("value", case, f"has {rows[case]} rows in the feature table, not one")
    for row in frame.to_dict("records"):
        case = str(row["case"])
        told = cases.get(case)
        if told is None:
            yield Finding("value", case, "is in the feature table, but no case of the run")
        elif told["status"] == "ok":
            stored = read_result(folder / "cases", told["key"])
            if stored is None:
                yield Finding("value", case, "has no stored result any more that is as it was left")
                continue
            for tag, value in stored["values"].items():
                found.values += 1
                cell = row.get(tag)
                if not _same(cell, value):
                    yield Finding("value", case, f"{tag} is {cell}, the measured one {value}")


def _same(cell: Any, value: float | None, tolerance: float = 0.0) -> bool:
    missing = cell is None or cell != cell
    if missing or value is None:
        return missing and value is None
    return abs(float(cell) - value) <= tolerance * max(abs(float(cell)), abs(value))


def _inputs(
    folder: Path, manifest: Manifest, cases: dict[str, Any], found: Verification
) -> Iterator[Finding]:
    """Images and masks that are not the ones that were measured."""
    for name in sorted(set(cases) - {case.name for case in manifest.cases}):
        yield Finding("input", name, "is a case of the run, but not in the cohort table any more")
    for case in manifest.cases:
        told = cases.get(case.name)
        if told is None:
            yield Finding("input", case.name, "is in the cohort table, but no case of the run")
            continue
        for what, path in (("image", case.image), ("mask", case.mask)):
            recorded = told.get(f"{what}_sha256")
            if recorded is None:
                continue
            found.inputs += 1
            try:
                now, _ = hash_input(path, {}, without=folder)
            except (UserError, OSError) as error:
                yield Finding("input", case.name, f"the {what} cannot be read: {reason_of(error)}")
                continue
            if now != recorded:
                yield Finding("input", case.name, f"the {what} is not the one that was measured")


def _recomputed(
    case: Case,
    record: dict[str, Any],
    cases: dict[str, Any],
    frame: pd.DataFrame,
    found: Verification,
) -> Iterator[Finding]:
    """Values that come out otherwise when the case is measured again."""
    options = record["options"]
    try:
        row = extract(
            case.image,
            case.mask,
            record["settings"][cases[case.name]["settings"]],
            roi=case.roi or None,
            modality=case.modality or None,
            resample_mask=options["resample_mask"],
            fill_gaps=options["fill_gaps"],
        )
    except UserError as error:
        yield Finding("recomputed", case.name, f"cannot be measured again: {reason_of(error)}")
        return
    found.recomputed.append(case.name)
    rows = frame[frame["case"].astype(str) == case.name]
    if rows.empty:
        return  # told by the comparison with the stored results
    cells = rows.iloc[0]
    for tag, value in row.items():
        cell = cells.get(tag)
        if _same(cell, value, TOLERANCE):
            if value and cell is not None and cell == cell:
                found.largest = max(found.largest, abs(float(cell) / value - 1))
        else:
            what = f"{tag} is {cell} in the table, now {value}"
            yield Finding("recomputed", case.name, f"{what}{_other_version(record)}")


def _other_version(record: dict[str, Any]) -> str:
    then = record.get("radiome")
    return "" if then == __version__ else f"; radiome was {then} then, and is {__version__}"
