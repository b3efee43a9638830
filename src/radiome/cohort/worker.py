"""The child process: measure one case at a time, store each result at once.

Tasks arrive on standard input and answers leave on standard output, one JSON
line each. The end of the input, also by the death of the parent, ends the worker
after the case in hand.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import IO, Any, TypedDict

from radiome.base.errors import UserError, system_error
from radiome.base.version import __version__
from radiome.cohort.content import Fingerprint, Fingerprints, case_key, hash_input
from radiome.tables.atomic import write_json

#: The function that measures a case, called like `radiome.extract`.
DEFAULT_FUNCTION = "radiome.cohort.single:extract"


class Task(TypedDict):
    """What a worker is told about a case; plain values only."""

    index: int
    image: str
    mask: str
    roi: str
    modality: str
    settings: dict[str, Any] | None
    settings_key: str
    resample_mask: bool
    fill_gaps: bool
    threads: int
    function: str
    folder: str
    run: str
    resume: bool
    known: dict[str, Fingerprint]


class Answer(TypedDict, total=False):
    """How a case ended; the numbers themselves are in the stored result."""

    status: str
    reason: str
    key: str
    resumed: bool
    seconds: float
    image_sha256: str
    mask_sha256: str
    settings: str
    warnings: list[str]


def measure(task: Task) -> Answer:
    """Measure one case, or take its stored result, and never raise for its sake."""
    start = time.perf_counter()
    answer: Answer = {"status": "failed", "reason": "", "resumed": False, "warnings": []}
    files: dict[str, Fingerprints] = {}
    result: dict[str, Any] = {"final": False}
    try:
        files = _hash_inputs(task, answer)
        stored = read_result(Path(task["folder"]), answer["key"])
        if stored is not None and _holds(stored, task):
            if stored["files"] != files:  # the same content, but touched or moved
                write_result(task["folder"], answer["key"], stored | {"files": files})
            earlier = stored.get("run") != task["run"]
            return {**stored["answer"], "resumed": earlier}  # type: ignore[typeddict-item]
        result |= _call(task, answer)
        result["final"] = True
        answer["status"] = "ok"
    except Exception as error:
        answer["reason"] = reason_of(error)
        if isinstance(error, UserError):
            result["final"] = True
        else:
            # Permissions, disks and bugs change without a trace in the inputs, so not
            # final: a rerun tries the case again.
            result["traceback"] = traceback.format_exc()
    answer["seconds"] = round(time.perf_counter() - start, 6)
    if "key" in answer:
        result |= {"answer": answer, "files": files, "run": task["run"]}
        _store(task, answer, result)
        answer["seconds"] = round(time.perf_counter() - start, 6)  # with the storing
    return answer


def _store(task: Task, answer: Answer, result: dict[str, Any]) -> None:
    """Keep a result; on a full disk the case fails, and the worker goes on."""
    try:
        write_result(task["folder"], answer["key"], result)
    except OSError as error:
        answer["status"] = "failed"
        answer["reason"] = f"its result cannot be stored: {reason_of(error)}"


def _holds(stored: dict[str, Any], task: Task) -> bool:
    """Whether a stored result stands: one of this run, or a final one of an earlier run.

    A group of cases whose worker died comes again; what was stored of it is not measured again.
    """
    return stored.get("run") == task["run"] or (task["resume"] and stored["final"])


def _hash_inputs(task: Task, answer: Answer) -> dict[str, Fingerprints]:
    run_folder = Path(task["folder"]).parent
    known = task["known"]
    image, image_files = hash_input(Path(task["image"]), known, without=run_folder)
    mask, mask_files = hash_input(Path(task["mask"]), known, without=run_folder)
    answer["image_sha256"], answer["mask_sha256"] = image, mask
    answer["key"] = case_key(
        image=image,
        mask=mask,
        roi=task["roi"],
        modality=task["modality"],
        settings=task["settings_key"],
        resample_mask=str(task["resample_mask"]),
        fill_gaps=str(task["fill_gaps"]),
        function=task["function"],
        version=__version__,
    )
    return {task["image"]: image_files, task["mask"]: mask_files}


def _call(task: Task, answer: Answer) -> dict[str, Any]:
    function = _resolve(task["function"])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        row = function(
            Path(task["image"]),
            Path(task["mask"]),
            task["settings"],
            roi=task["roi"] or None,
            modality=task["modality"] or None,
            resample_mask=task["resample_mask"],
            fill_gaps=task["fill_gaps"],
            threads=task["threads"],
        )
    said = [one_line(f"{item.category.__name__}: {item.message}") for item in caught]
    record = dict(row.record)
    answer["warnings"] = list(dict.fromkeys([*record.get("warnings", []), *said]))
    answer["settings"] = record.get("settings", "")
    return {"values": dict(row), "reasons": dict(row.reasons), "record": record}


def _resolve(dotted: str) -> Callable[..., Any]:
    module, _, name = dotted.partition(":")
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function


def reason_of(error: Exception) -> str:
    """Why a case failed, as a table cell: what the user can mend, or that it is a bug."""
    if isinstance(error, OSError):
        error = system_error(error)
    if isinstance(error, UserError):
        return one_line(error.message)
    return f"internal error: {one_line(f'{type(error).__name__}: {error}')}"


def one_line(message: str) -> str:
    """Join the lines of a message, for a table cell."""
    return "; ".join(line.strip() for line in message.splitlines() if line.strip())


def result_path(folder: str | Path, key: str) -> Path:
    """Where the result of the case with this key is stored."""
    return Path(folder) / f"{key}.json"


def write_result(folder: str | Path, key: str, result: Mapping[str, Any]) -> None:
    """Store a result with a hash of all that it says, apart from the dates of its files."""
    write_json(result_path(folder, key), {**result, "sha256": _said(result)})


def read_result(folder: Path, key: str) -> dict[str, Any] | None:
    """Return a stored result; None if there is none that is whole and as it was stored."""
    try:
        result = json.loads(result_path(folder, key).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    whole = isinstance(result, dict) and result.keys() >= {"answer", "files", "final"}
    return result if whole and result.get("sha256") == _said(result) else None


def _said(result: Mapping[str, Any]) -> str:
    said = {name: part for name, part in result.items() if name not in ("files", "sha256")}
    # As it reads back: keys are text, and sequences lists.
    plain = json.loads(json.dumps(said))
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def main() -> None:
    """Serve tasks until the input ends."""
    tasks, answers = _claim_pipes()
    _send(answers, {"ready": True})
    for line in tasks:
        _send(answers, measure(json.loads(line)))


def _claim_pipes() -> tuple[IO[str], IO[str]]:
    """Keep the pipes for the protocol; whatever prints or reads meets standard error or nothing."""
    tasks = os.fdopen(os.dup(0), "r", encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return tasks, answers


def _send(answers: IO[str], values: Any) -> None:
    answers.write(json.dumps(values) + "\n")
    answers.flush()
