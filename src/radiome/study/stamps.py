"""Finished steps of a study, told apart from steps that must be done again."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from radiome.base.version import __version__
from radiome.tables.atomic import write_json


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a study.

    Parameters
    ----------
    name : str
        Such as ``model main``.
    settings : plain values
        All that decides the result besides the inputs.
    inputs : tuple of Path
        Files that are read.
    outputs : tuple of Path
        Files that are written, and that later steps rely on.
    make : callable
        Does it.
    resumes : bool
        Whether the step itself knows what is finished: it is then always called.
    """

    name: str
    settings: Any
    inputs: tuple[Path, ...]
    outputs: tuple[Path, ...]
    make: Callable[[], None]
    resumes: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """How a step ended.

    Parameters
    ----------
    status : {"done", "cached"}
        Made now, or found finished.
    seconds : float
        That it took when it was made.
    """

    status: str
    seconds: float


class Stamps:
    """What each finished step was made from, kept in a folder.

    Parameters
    ----------
    run : Path
        The run folder; stamps lie in its folder ``state``. It can be moved.
    """

    def __init__(self, run: Path) -> None:
        self.run = run
        self.folder = run / "state"

    def ensure(self, step: Step) -> Done:
        """Do a step, unless it was done with the same settings and the same inputs.

        A step counts as finished if its outputs are what it left: one that was edited by
        hand is made again. A step that is interrupted leaves no stamp.
        """
        # Before it is made: an input that changes meanwhile must not look as if it was read.
        key, finished = self.key_of(step), self.finished(step)
        stamp, read = self._read(step.name), self._inputs(step)
        if finished and not step.resumes:
            return self.done(step)
        start = time.perf_counter()
        step.make()
        seconds = round(time.perf_counter() - start, 3)
        left = self._hashes(step.outputs)
        if finished and stamp["outputs"] == left:
            return self.done(step)
        told = {"step": step.name, "key": key, **read, "outputs": left, "seconds": seconds}
        self._write(step.name, told)
        return Done("done", seconds)

    def note(self, name: str, paths: Iterable[Path]) -> None:
        """Stamp files that no step answers for, for `outputs` alone."""
        outputs = self._hashes(sorted(paths))
        self._write(name, {"step": name, "outputs": outputs})

    def finished(self, step: Step) -> bool:
        """Whether a step was done with the same settings and inputs, and left what is there."""
        stamp = self._read(step.name)
        same = stamp.get("key") == self.key_of(step)
        return same and stamp.get("outputs") == self._hashes(step.outputs)

    def done(self, step: Step) -> Done:
        """How a finished step ended."""
        return Done("cached", float(self._read(step.name)["seconds"]))

    def outputs(self) -> list[tuple[str, str]]:
        """Path from the run folder and SHA-256 of every file that a stamp answers for.

        A file that several stamps answer for is there with each hash that they have.
        """
        found: dict[tuple[str, str], None] = {}
        for path in sorted(self.folder.glob("*.json")):
            found |= dict.fromkeys(self._read(path.stem).get("outputs", {}).items())
        return list(found)

    def read_by(self, name: str) -> tuple[dict[str, str], dict[str, str]] | None:
        """What a finished step read: files of the run by path, other tables by name.

        None if there is no stamp of the step that can be read.
        """
        stamp = self._read(name)
        if stamp.get("step") != name:
            return None
        return stamp.get("inputs", {}), stamp.get("tables", {})

    def key_of(self, step: Step) -> str:
        """Hash of all that decides the result of a step, the version of radiome included."""
        parts = [__version__, step.name, step.settings, self._hashes(step.inputs)]
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()

    def _inputs(self, step: Step) -> dict[str, dict[str, str | None]]:
        ours = [path for path in step.inputs if path.is_relative_to(self.run)]
        others = [path for path in step.inputs if path not in ours]
        return {"inputs": self._hashes(ours), "tables": self._hashes(others)}

    def _hashes(self, paths: Sequence[Path]) -> dict[str, str | None]:
        return {self._relative(path): file_hash(path) for path in paths}

    def _relative(self, path: Path) -> str:
        inside = path.is_relative_to(self.run)
        return path.relative_to(self.run).as_posix() if inside else path.name

    def _path(self, name: str) -> Path:
        return self.folder / f"{name.replace(' ', '-')}.json"

    def _write(self, name: str, told: dict[str, Any]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        write_json(self._path(name), told, indent=1)

    def _read(self, name: str) -> dict[str, Any]:
        try:
            told = json.loads(self._path(name).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}


def file_hash(path: Path) -> str | None:
    """SHA-256 of a file, None if it is not there."""
    if not path.is_file():
        return None
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
