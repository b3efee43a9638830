"""A case function that does what its image file says, for tests that need no imaging."""

from __future__ import annotations

import os
import signal
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from radiome.base.errors import RegionError
from radiome.base.values import NotApplicable
from radiome.extraction.row import Row

FUNCTION = "unit.cohort.fake_cases:measure"


def write_cohort(folder: Path, orders: dict[str, str], *, extra: str = "") -> Path:
    """A cohort table with one image file per case; each file holds the case's order."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mask").write_text("mask")
    lines = ["case,image,mask" + (",site" if extra else "")]
    for name, order in orders.items():
        (folder / name).write_text(order)
        lines.append(f"{name},{name},mask" + (f",{extra}" if extra else ""))
    table = folder / "cohort.csv"
    table.write_text("\n".join(lines) + "\n")
    return table


def calls(folder: Path) -> list[str]:
    """Names of the cases measured so far, one entry per call."""
    log = folder / "calls.log"
    return log.read_text().split() if log.exists() else []


def measure(image: Path, mask: Path, settings: Any, **options: Any) -> Row:
    """Do what the image file says: kill, fail, break, wait, or give features."""
    with (image.parent / "calls.log").open("a") as log:
        log.write(f"{image.name}\n")
    order, _, argument = image.read_text().partition(" ")
    return _ORDERS[order](image, argument, options)


def _value(image: Path, argument: str, options: dict[str, Any]) -> Row:
    number = float(argument)
    features: dict[str, Any] = {"stat_mean": number, "morph_volume": number / 3}
    if number > 5:
        features["cm_contrast_3D_avg"] = 0.1 + number
        features["stat_cov"] = NotApplicable("the mean is zero")
    return Row.build(features, {"settings": "s", "warnings": [], "options": str(options)})


def _forbid(image: Path, argument: str, options: dict[str, Any]) -> Row:
    raise PermissionError(13, "Permission denied", "scan.nii")


def _kill(image: Path, argument: str, options: dict[str, Any]) -> Row:
    os.kill(os.getpid(), getattr(signal, argument or "SIGKILL"))
    time.sleep(60)
    raise AssertionError("still alive")


def _kill_once(image: Path, argument: str, options: dict[str, Any]) -> Row:
    if calls(image.parent).count(image.name) == 1:
        return _kill(image, "", options)
    return _value(image, argument, options)


def _leave(image: Path, argument: str, options: dict[str, Any]) -> Row:
    print("last words", file=sys.stderr, flush=True)
    os._exit(3)


def _leave_slowly(image: Path, argument: str, options: dict[str, Any]) -> Row:
    os.closerange(3, 64)  # the pipe of the answers among them
    time.sleep(0.3)
    os._exit(4)


def _fail(image: Path, argument: str, options: dict[str, Any]) -> Row:
    raise RegionError("the region is empty", where=str(image.name), do="draw it")


def _break(image: Path, argument: str, options: dict[str, Any]) -> Row:
    raise ZeroDivisionError("a bug")


def _wait(image: Path, argument: str, options: dict[str, Any]) -> Row:
    time.sleep(float(argument))
    return _value(image, "1", options)


def _hoard(image: Path, argument: str, options: dict[str, Any]) -> Row:
    """Take so many MB of memory, and hold them for a while."""
    held = []
    for _ in range(int(argument) // 10):
        held.append(b"x" * 10_000_000)
        time.sleep(0.02)
    time.sleep(2)
    return _value(image, str(len(held)), options)


def _chat(image: Path, argument: str, options: dict[str, Any]) -> Row:
    print("this must not reach the protocol")
    os.write(1, b"nor this\n")
    warnings.warn("odd header", stacklevel=1)
    warnings.warn("odd header", stacklevel=1)
    return _value(image, "1", options)


def _threads(image: Path, argument: str, options: dict[str, Any]) -> Row:
    return Row.build(
        {"stat_mean": options["threads"], "stat_max": float(os.environ["OMP_NUM_THREADS"])}, {}
    )


_ORDERS = {
    "value": _value,
    "forbid": _forbid,
    "kill": _kill,
    "kill-once": _kill_once,
    "leave": _leave,
    "leave-slowly": _leave_slowly,
    "fail": _fail,
    "break": _break,
    "wait": _wait,
    "hoard": _hoard,
    "chat": _chat,
    "threads": _threads,
}
