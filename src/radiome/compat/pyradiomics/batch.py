"""pyradiomics' command line behind its flags: cases, batch CSV, output formats."""

from __future__ import annotations

import csv
import json
import logging
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from radiome.base.errors import SettingsError, UserError
from radiome.compat.pyradiomics.extractor import Definition, RadiomicsFeatureExtractor
from radiome.compat.pyradiomics.setting_table import SETTINGS, Setting, checked_setting
from radiome.tables.atomic import replacing

Case = dict[str, Any]

#: Why a case has no features; a column that pyradiomics does not have.
ERROR = "diagnostics_Error"

logger = logging.getLogger("radiome.pyradiomics")


def read_batch(path: Path) -> list[Case]:
    """Read a batch CSV with columns Image and Mask; other columns are carried through.

    Relative paths are relative to the CSV file.

    Raises
    ------
    UserError
        If a column is missing or a row has no image or mask.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = [name for name in ("Image", "Mask") if name not in (reader.fieldnames or [])]
        if missing:
            raise UserError(
                f"the batch file has no column {' and no column '.join(missing)}",
                where=str(path),
                expected="columns Image and Mask (with capitals), and any others",
                got=", ".join(reader.fieldnames or []) or "an empty file",
            )
        cases: list[Case] = list(reader)
    for line, case in enumerate(cases, start=2):
        for name in ("Image", "Mask"):
            if not case[name]:
                raise UserError(f"line {line} of the batch file has no {name}", where=str(path))
            case[name] = _found(path.parent, case[name])
    return cases


def _found(folder: Path, text: str) -> str:
    """Absolute path; separators of Windows are understood everywhere."""
    path = folder / text
    if not path.exists() and "\\" in text:
        path = folder / text.replace("\\", "/")
    return os.path.abspath(path)


def setting_overrides(texts: Sequence[str]) -> dict[str, Any]:
    """Parse ``NAME:VALUE`` texts; lists are separated by commas.

    Raises
    ------
    SettingsError
        For an unknown setting or a value that cannot be read as its kind.
    """
    found: dict[str, Any] = {}
    for text in texts:
        name, colon, value = text.partition(":")
        setting = SETTINGS.get(name)
        if setting is None:
            checked_setting(name, value, SETTINGS, where="--setting")
        if not colon or setting is None:
            raise SettingsError(
                "a setting needs a value", where="--setting", expected="NAME:VALUE", got=text
            )
        parts = [_parsed(part, setting) for part in value.split(",")]
        found[name] = parts if setting.each else parts[0]
    return found


def _parsed(text: str, setting: Setting) -> Any:
    if setting.kind is bool:
        return text == "1" or text.lower() == "true"
    if setting.kind in (str, object):
        return text
    try:
        return setting.kind(text)
    except ValueError:
        return text  # refused by the check, with a message that names the setting


def extract_cases(
    cases: Sequence[Case],
    parameters: str | Path | None,
    overrides: Mapping[str, Any],
    *,
    jobs: int = 1,
    folder: Path | None = None,
    definition: Definition = "pyradiomics",
) -> list[Case]:
    """Measure every case; one that fails gets its reason and stops no other.

    Parameters
    ----------
    cases : sequence of dict
        Rows with Image, Mask and optionally Label.
    parameters : path, optional
        Parameter file.
    overrides : mapping
        Settings over those of the file.
    jobs : int
        Processes.
    folder : Path, optional
        Where each case is stored as ``features_N.csv``, and from where it is taken if it is
        there already.
    definition : {"pyradiomics", "ibsi"}
        Whose definitions the values follow.

    Returns
    -------
    list of dict
        Rows in the order of `cases`: their own columns, then diagnostics and features.
    """
    # A fault in parameters or settings is of the run, not of a case.
    RadiomicsFeatureExtractor(parameters, definition=definition, **overrides)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    work = partial(
        _one_case,
        parameters=parameters,
        overrides=dict(overrides),
        folder=folder,
        definition=definition,
    )
    numbered = list(enumerate(cases, start=1))
    if min(jobs, len(cases)) <= 1:
        return [work(number, case) for number, case in numbered]
    return list(_in_processes(work, numbered, jobs))


def _in_processes(
    work: Callable[[int, Case], Case], numbered: list[tuple[int, Case]], jobs: int
) -> Iterator[Case]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(numbered)), mp_context=context) as pool:
        futures = [pool.submit(work, *entry) for entry in numbered]
        for entry, future in zip(numbered, futures, strict=True):
            yield _result(future, work, entry)


def _result(
    future: Future[Case], work: Callable[[int, Case], Case], entry: tuple[int, Case]
) -> Case:
    try:
        return future.result()
    except BrokenProcessPool:
        # The death of one process ends the pool: each case left is tried in its own.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as alone:
            try:
                return alone.submit(work, *entry).result()
            except BrokenProcessPool:
                return {**entry[1], ERROR: "the process that measured this case died"}


def _one_case(
    number: int,
    case: Case,
    *,
    parameters: str | Path | None,
    overrides: Mapping[str, Any],
    folder: Path | None,
    definition: Definition,
) -> Case:
    stored = folder / f"features_{number}.csv" if folder else None
    if stored is not None and stored.is_file():
        with stored.open(newline="", encoding="utf-8") as file:
            return dict(next(csv.DictReader(file)))
    row = dict(case)
    try:
        extractor = RadiomicsFeatureExtractor(parameters, definition=definition, **overrides)
        row.update(extractor.execute(case["Image"], case["Mask"], _label(case)))
    except UserError as error:
        row[ERROR] = " ".join(error.message.split())
    except Exception as error:  # a case never stops the others
        logger.exception("case %d", number)
        row[ERROR] = f"internal error: {type(error).__name__}: {error}"
    if stored is not None and ERROR not in row:
        with replacing(stored) as part, part.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(row), lineterminator="\n")
            writer.writeheader()
            writer.writerow(row)
    return row


def _label(case: Case) -> int | None:
    text = case.get("Label")
    if text in (None, ""):
        return None
    try:
        return int(str(text))
    except ValueError:
        raise UserError("the label is not a whole number", where="Label", got=str(text)) from None


def write_cases(
    cases: list[Case], out: TextIO, *, form: str, skip_nans: bool, paths: Callable[[str], str]
) -> None:
    """Write rows as ``csv``, ``json`` or ``txt`` in the layout of pyradiomics."""
    first = list(cases[0]) if cases else []
    others = {name for case in cases[1:] for name in case} - set(first)
    headers = first + sorted(others)
    shown = [_shown(case, skip_nans=skip_nans, paths=paths) for case in cases]
    if form == "csv":
        writer = csv.DictWriter(out, headers, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(shown)
    elif form == "json":
        json.dump(shown, out, default=_plain, indent=2)
    else:
        for number, case in enumerate(shown, start=1):
            for name, value in case.items():
                out.write(f"Case-{number}_{name}: {value}\n")


def _shown(case: Case, *, skip_nans: bool, paths: Callable[[str], str]) -> Case:
    kept = {n: v for n, v in case.items() if not (skip_nans and _is_nan(v))}
    return kept | {"Image": paths(case["Image"]), "Mask": paths(case["Mask"])}


def _is_nan(value: Any) -> bool:
    return isinstance(value, float | np.ndarray) and bool(np.isnan(value).all())


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)
