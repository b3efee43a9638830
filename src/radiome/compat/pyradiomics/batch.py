"""pyradiomics' command line behind its flags: batch files, settings, cases one by one."""

from __future__ import annotations

import csv
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from radiome.base.errors import SettingsError, UserError
from radiome.base.processes import process_pool
from radiome.compat.pyradiomics.extractor import Definition, RadiomicsFeatureExtractor
from radiome.compat.pyradiomics.map_images import is_map, write_map
from radiome.compat.pyradiomics.setting_table import ARGUMENTS, Setting, checked_setting
from radiome.tables.atomic import replacing

Case = dict[str, Any]

#: Why a case has no features; a column that pyradiomics does not have.
ERROR = "diagnostics_Error"

logger = logging.getLogger("radiome.pyradiomics")


@dataclass(frozen=True, slots=True)
class Run:
    """What is done with every case.

    Parameters
    ----------
    parameters : path, optional
        Parameter file.
    overrides : mapping
        Settings over those of the file.
    folder : Path, optional
        Where each case is stored as ``features_N.csv``, and from where it is taken if it is
        there already; for maps, where these are stored as ``Case-N_NAME.nrrd``.
    definition : {"pyradiomics", "ibsi"}
        Whose definitions the values follow.
    voxel_based : bool
        Make maps; they need a folder.
    """

    parameters: str | Path | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    folder: Path | None = None
    definition: Definition = "pyradiomics"
    voxel_based: bool = False

    def extractor(self) -> RadiomicsFeatureExtractor:
        """A new extractor; raises `SettingsError` for what it cannot do."""
        settings = dict(self.overrides)
        if self.voxel_based and self.definition == "ibsi":
            raise SettingsError(
                "maps follow the definitions of pyradiomics alone",
                where="definition",
                expected="pyradiomics",
                got="ibsi",
                do="'radiome map' makes maps by the IBSI definitions",
            )
        return RadiomicsFeatureExtractor(self.parameters, definition=self.definition, **settings)

    def stored(self, number: int) -> Path | None:
        """Where the features of a case are kept."""
        if self.folder is None or self.voxel_based:
            return None
        return self.folder / f"features_{number}.csv"


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
        setting = ARGUMENTS.get(name)
        if setting is None:
            checked_setting(name, value, ARGUMENTS, where="--setting")
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


def extract_cases(cases: Sequence[Case], run: Run, *, jobs: int = 1) -> list[Case]:
    """Measure every case; one that fails gets its reason and stops no other.

    Parameters
    ----------
    cases : sequence of dict
        Rows with Image, Mask and optionally Label.
    run : Run
        What is done with each.
    jobs : int
        Processes.

    Returns
    -------
    list of dict
        Rows in the order of `cases`: their own columns, then diagnostics and features; in place
        of a map the path of its file.
    """
    # A fault in parameters or settings is of the run, not of a case.
    run.extractor()
    if run.folder is not None:
        run.folder.mkdir(parents=True, exist_ok=True)
    work = partial(_one_case, run=run)
    numbered = list(enumerate(cases, start=1))
    if min(jobs, len(cases)) <= 1:
        return [work(number, case) for number, case in numbered]
    return list(_in_processes(work, numbered, jobs))


def _in_processes(
    work: Callable[[int, Case], Case], numbered: list[tuple[int, Case]], jobs: int
) -> Iterator[Case]:
    with process_pool(min(jobs, len(numbered))) as pool:
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
        with process_pool(1) as alone:
            try:
                return alone.submit(work, *entry).result()
            except BrokenProcessPool:
                return {**entry[1], ERROR: "the process that measured this case died"}


def _one_case(number: int, case: Case, *, run: Run) -> Case:
    stored = run.stored(number)
    if stored is not None and stored.is_file():
        with stored.open(newline="", encoding="utf-8") as file:
            return dict(next(csv.DictReader(file)))
    row = dict(case)
    try:
        found = run.extractor().execute(
            case["Image"], case["Mask"], _label(case), voxelBased=run.voxel_based
        )
        row.update({name: _filed(name, value, number, run) for name, value in found.items()})
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


def _filed(name: str, value: Any, number: int, run: Run) -> Any:
    """The value itself, or the path of the file that a map was written to."""
    if run.folder is None or not is_map(value):
        return value
    path = run.folder / f"Case-{number}_{name}.nrrd"
    write_map(path, value)
    return str(path)


def _label(case: Case) -> int | None:
    text = case.get("Label")
    if text in (None, ""):
        return None
    try:
        return int(str(text))
    except ValueError:
        raise UserError("the label is not a whole number", where="Label", got=str(text)) from None
