"""Feature rows as scans: whose, of which lesion, when, measured how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radiome.base.counting import counted
from radiome.base.errors import UserError, nearest_name
from radiome.model.outcome_reading import is_missing, numbers, require_column
from radiome.model.response.options import DeltaOptions
from radiome.model.response.scan_files import ScanFile
from radiome.model.response.time_points import TimePoints, read_time_points
from radiome.tables.columns import cell_as_text

Floats = NDArray[np.float64]

#: Columns of a run that are never features.
_RUN_COLUMNS = ("case", "image", "mask", "roi", "modality", "settings", "status", "reason")


@dataclass(frozen=True, slots=True, eq=False)
class ScanTable:
    """One row per lesion and time point.

    Parameters
    ----------
    cases, patients, lesions : tuple of str
        Of each row; a lesion is empty where the table has no such column.
    times : TimePoints
        When each row was scanned.
    faults : tuple of str
        Why a row was not measured; empty where it was.
    settings : tuple of str
        What tells the extraction settings of each row; empty where nothing does.
    names : tuple of str
        Features.
    values : array of float, shape (rows, features)
        NaN where there is no value.
    reasons : dict
        Why there is no value, by case and feature, where the run tells.
    carried : dict
        Cells of all other columns, by column.
    where : str
        Where the table came from.
    """

    cases: tuple[str, ...]
    patients: tuple[str, ...]
    lesions: tuple[str, ...]
    times: TimePoints
    faults: tuple[str, ...]
    settings: tuple[str, ...]
    names: tuple[str, ...]
    values: Floats
    reasons: dict[tuple[str, str], str]
    carried: dict[str, tuple[str, ...]]
    where: str

    def __len__(self) -> int:
        return len(self.patients)

    def name_of(self, row: int) -> str:
        """Patient, lesion and time point of a row, as one name."""
        parts = (self.patients[row], self.lesions[row], self.times.texts[row])
        return "/".join(part for part in parts if part)


def make_scan_table(file: ScanFile, options: DeltaOptions) -> ScanTable:
    """Tell the columns of a feature table apart and read them.

    Raises
    ------
    UserError
        If a column is missing, a row has no patient, lesion or time point, a time point
        or a feature cannot be read, or a lesion has two rows of one time point.
    """
    frame, where = file.frame, file.where
    patients = _names(frame, options.patient, "the patient", where)
    lesions = ("",) * len(frame)
    if options.lesion:
        lesions = _names(frame, options.lesion, "the lesion", where)
    times = read_time_points(
        _names(frame, options.time, "the time point", where), options.time, where=where
    )
    _refuse_duplicates(patients, lesions, times, frame, options, where)
    special = {options.patient, options.time, *([options.lesion] if options.lesion else [])}
    features = _features(frame, file.features, special, options, where)
    chosen = [name for name in features if any(fnmatchcase(name, p) for p in options.include)]
    cases = texts(frame["case"]) if "case" in frame else ("",) * len(frame)
    carried = {
        str(name): texts(frame[name])
        for name in frame.columns
        if name not in {*special, *features, "case", "status", "reason"}
    }
    return ScanTable(
        cases=cases,
        patients=patients,
        lesions=lesions,
        times=times,
        faults=_faults(frame),
        settings=_settings(file, cases, options),
        names=tuple(chosen),
        values=_values(frame, chosen, where),
        reasons=file.reasons,
        carried=carried,
        where=where,
    )


def texts(column: pd.Series) -> tuple[str, ...]:
    """Cells as text, empty where there is nothing."""
    known = column.notna().to_numpy()
    return tuple(
        (cell if isinstance(cell, str) else cell_as_text(cell)) if told else ""
        for cell, told in zip(column.tolist(), known.tolist(), strict=True)
    )


def _names(frame: pd.DataFrame, column: str, what: str, where: str) -> tuple[str, ...]:
    """Cells that every row must have."""
    require_column(frame, column, where=where, why=what)
    found = texts(frame[column])
    empty = np.flatnonzero(is_missing(pd.Series(found, dtype=str)))
    if empty.size:
        raise UserError(
            f"{counted(empty.size, 'row has', 'rows have')} no entry for {what}",
            where=f"{where}, column '{column}', row {empty[0] + 2}",
            expected="an entry in each row: an unplaced scan might be the baseline",
            do="fill it in, or remove the row",
        )
    return found


def _refuse_duplicates(
    patients: Sequence[str],
    lesions: Sequence[str],
    times: TimePoints,
    frame: pd.DataFrame,
    options: DeltaOptions,
    where: str,
) -> None:
    seen: dict[tuple[str, str, float], int] = {}
    for row, key in enumerate(zip(patients, lesions, times.values.tolist(), strict=True)):
        if key in seen:
            spare = [name for name in ("lesion", "roi") if name in frame and not options.lesion]
            hint = "keep one row, or average repeated scans first"
            if not options.lesion:
                hint = (
                    f"tell lesions apart with --lesion {spare[0] if spare else 'COLUMN'}; " + hint
                )
            raise UserError(
                f"patient '{key[0]}' has two rows of one time point",
                where=f"{where}, rows {seen[key] + 2} and {row + 2}",
                expected="one row for each patient, lesion and time point",
                got=f"time point {times.texts[row]}" + (f", lesion '{key[1]}'" if key[1] else ""),
                do=hint,
            )
        seen[key] = row


def _features(
    frame: pd.DataFrame,
    known: Sequence[str] | None,
    special: set[str],
    options: DeltaOptions,
    where: str,
) -> list[str]:
    """All feature columns, those that are not asked for too: they are not carried through."""
    for name in options.keep:
        require_column(frame, name, where=where, why="--keep")
    if options.settings:
        require_column(frame, options.settings, where=where, why="the settings")
    left_out = special | {*_RUN_COLUMNS, *options.keep, options.settings or ""}
    candidates = [str(name) for name in (frame.columns if known is None else known)]
    candidates = [name for name in candidates if name not in left_out]
    if known is None:
        candidates = [name for name in candidates if _is_numeric(frame, name, where)]
    for pattern in options.include:
        if not any(fnmatchcase(name, pattern) for name in candidates):
            near = nearest_name(pattern, candidates)
            raise UserError(
                f"no feature column matches '{pattern}'",
                where=where,
                expected="columns of numbers beside patient, lesion and time point",
                do=f"did you mean '{near}'?" if near else None,
            )
    return candidates


def _is_numeric(frame: pd.DataFrame, name: str, where: str) -> bool:
    """Whether a column of a plain table is a feature; half numbers and half text is a fault."""
    cells = pd.Series(texts(frame[name]), dtype=str)
    number = pd.to_numeric(cells, errors="coerce").notna()
    if number.all():
        return True
    missing = is_missing(cells)
    filled, number = cells[~missing], number[~missing]
    if not len(filled) or number.mean() < 0.5:
        return False
    if not number.all():
        bad = filled[~number]
        raise UserError(
            f"column '{name}' has cells that are not numbers",
            where=f"{where}, row {int(str(bad.index[0])) + 2}",
            expected="numbers in a feature, empty where there is none",
            got=f"'{bad.iloc[0]}', and {len(bad) - 1} more",
            do=f"correct the cell, or carry the column through with --keep {name}",
        )
    return True


def _values(frame: pd.DataFrame, chosen: Sequence[str], where: str) -> Floats:
    found = np.empty((len(frame), len(chosen)))
    for place, name in enumerate(chosen):
        if pd.api.types.is_numeric_dtype(frame[name]):
            found[:, place] = frame[name].to_numpy(np.float64, na_value=np.nan)
        else:
            cells = pd.Series(texts(frame[name]), dtype=str)
            found[:, place] = numbers(cells, what=f"feature column '{name}'", where=where)
        if np.isinf(found[:, place]).any():
            raise UserError(f"feature column '{name}' holds infinite values", where=where)
    return found


def _faults(frame: pd.DataFrame) -> tuple[str, ...]:
    if "status" not in frame:
        return ("",) * len(frame)
    status = texts(frame["status"])
    reason = texts(frame["reason"]) if "reason" in frame else ("",) * len(frame)
    return tuple(
        "" if word == "ok" else why or f"status {word or 'unknown'}"
        for word, why in zip(status, reason, strict=True)
    )


def _settings(file: ScanFile, cases: Sequence[str], options: DeltaOptions) -> tuple[str, ...]:
    """Fingerprints of the run where it tells them, else the column of the table."""
    if options.settings:
        return texts(file.frame[options.settings])
    if any(case in file.case_settings for case in cases):
        # Cases that failed have none, and are in no pair.
        return tuple(file.case_settings.get(case, "") for case in cases)
    for name in ("settings_fingerprint", "settings"):
        if name in file.frame:
            return texts(file.frame[name])
    return ("",) * len(cases)
