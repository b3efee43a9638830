"""The run folder: stored results, and the tables and record made of them."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from radiome.base.errors import UserError
from radiome.base.version import __version__
from radiome.cohort.content import Fingerprints
from radiome.cohort.manifest import Manifest
from radiome.cohort.worker import read_result
from radiome.tables.atomic import write_json
from radiome.tables.columns import Column, number_column, text_column
from radiome.tables.files import write_csv, write_parquet, write_records

#: Packages that can change a number.
_PACKAGES = (
    "numpy",
    "scipy",
    "numba",
    "pydicom",
    "highdicom",
    "nibabel",
    "isal",
    "pydantic",
    "pandas",
    "pyarrow",
)

CATALOGUE_HEADINGS = (
    "tag",
    "ibsi_code",
    "name",
    "family",
    "family_code",
    "unit",
    "aggregation",
    "source",
    "image",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one case ended.

    Parameters
    ----------
    case : str
        Its name.
    status : {"ok", "failed", "crashed", "pending"}
        Measured; refused or broken; its worker died; not reached.
    reason : str
        Why it is not ``ok``.
    answer : mapping
        What the worker told: key, hashes, seconds, warnings.
    """

    case: str
    status: str
    reason: str = ""
    answer: Mapping[str, Any] = field(default_factory=dict)


class RunFolder:
    """Where a run keeps everything.

    Parameters
    ----------
    path : Path
        The folder; made if absent.

    Raises
    ------
    UserError
        If a file is in the way, or the folder cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.cases = path / "cases"
        try:
            self.cases.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                "the run folder cannot be made",
                where=str(path),
                expected="a new or an existing folder that can be written to",
                got=error.strerror or str(error),
                do="choose another folder with -o",
            ) from None

    def known_fingerprints(self) -> dict[str, Fingerprints]:
        """Fingerprints of the files of every input seen before, by the input's path."""
        known: dict[str, Fingerprints] = {}
        for stored in sorted(self.cases.glob("*.json")):
            result = read_result(self.cases, stored.stem)
            if result is not None:
                known.update(result["files"])
        return known

    def write_tables(
        self,
        manifest: Manifest,
        outcomes: Sequence[Outcome],
        *,
        settings: str,
        as_csv: bool = False,
    ) -> None:
        """Write the feature table, its catalogue and the reasons of its nulls.

        Equal results give equal bytes, whatever the number of workers.
        """
        features, nulls = self._features(outcomes)
        columns = [
            *manifest.columns,
            text_column("status", [outcome.status for outcome in outcomes]),
            text_column("reason", [outcome.reason for outcome in outcomes]),
            *features,
        ]
        tags = [column.name for column in features]
        metadata = {"version": __version__, "settings": settings, "features": tags}
        write_parquet(self.path / "features.parquet", columns, metadata)
        if as_csv:
            write_csv(self.path / "features.csv", columns)
        else:
            # One of an earlier run would no longer match.
            (self.path / "features.csv").unlink(missing_ok=True)
        write_catalogue(self.path / "catalogue.csv", tags)
        write_records(self.path / "nulls.csv", nulls, ("case", "tag", "reason"))

    def _features(self, outcomes: Sequence[Outcome]) -> tuple[list[Column], list[dict[str, str]]]:
        cells: dict[str, list[float | None]] = {}
        nulls: list[dict[str, str]] = []
        for position, (outcome, result) in enumerate(self._results(outcomes)):
            for tag, value in result.get("values", {}).items():
                if tag not in cells:
                    cells[tag] = [None] * len(outcomes)
                cells[tag][position] = value
            nulls += [
                {"case": outcome.case, "tag": tag, "reason": reason}
                for tag, reason in result.get("reasons", {}).items()
            ]
        ordered = _in_catalogue_order(cells)
        return [number_column(tag, cells[tag]) for tag in ordered], nulls

    def _results(self, outcomes: Sequence[Outcome]) -> Iterator[tuple[Outcome, dict[str, Any]]]:
        for outcome in outcomes:
            measured = outcome.status == "ok"
            stored = read_result(self.cases, outcome.answer["key"]) if measured else None
            yield outcome, stored or {}

    def write_record(self, outcomes: Sequence[Outcome], started: datetime, **details: Any) -> None:
        """Write ``run.json``: what is needed to do the same again.

        Parameters
        ----------
        outcomes : sequence of Outcome
            All cases in cohort order.
        started : datetime
            When the run began, UTC.
        **details
            Command, cohort, settings and options of the run.
        """
        ended = datetime.now(UTC)
        record = {
            "radiome": __version__,
            "started": started.isoformat(timespec="seconds"),
            "ended": ended.isoformat(timespec="seconds"),
            "seconds": round((ended - started).total_seconds(), 3),
            **details,
            "software": software_versions(),
            "cases": [_case_record(outcome) for outcome in outcomes],
        }
        write_json(self.path / "run.json", record, indent=1)


def write_catalogue(path: Path, tags: Sequence[str]) -> None:
    """Write what each feature column is, in the order of the columns."""
    from radiome.features.catalogue import catalogue_rows

    known = [tag for tag in tags if _is_known(tag)]
    write_records(path, catalogue_rows(known), CATALOGUE_HEADINGS)


def software_versions() -> dict[str, Any]:
    """Versions of everything that can change a number."""
    packages = {}
    for name in _PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            packages[name] = "absent"
    return {
        "python": platform.python_version(),
        "platform": f"{sys.platform} {platform.machine()}",
        "packages": packages,
    }


def _case_record(outcome: Outcome) -> dict[str, Any]:
    told = {
        name: outcome.answer.get(name)
        for name in ("key", "image_sha256", "mask_sha256", "settings", "seconds", "resumed")
    }
    return {
        "case": outcome.case,
        "status": outcome.status,
        "reason": outcome.reason,
        **told,
        "warnings": list(outcome.answer.get("warnings", [])),
    }


def _in_catalogue_order(tags: Iterable[str]) -> list[str]:
    """Unfiltered image first, then response maps as they appear; unknown columns last."""
    from radiome.features.catalogue import AGGREGATIONS, FAMILIES, features, split_column

    families, aggregations = list(FAMILIES), ["", *AGGREGATIONS]
    bases = {tag: position for position, tag in enumerate(features())}
    images = {"": 0}

    def position(tag: str) -> tuple[int, int, int, int]:
        if not _is_known(tag):
            return (10**6, 0, 0, 0)
        image, base, aggregation = split_column(tag)
        family = families.index(features()[base].family)
        order = aggregations.index(aggregation)
        return images.setdefault(image, len(images)), family, order, bases[base]

    return sorted(tags, key=position)


def _is_known(tag: str) -> bool:
    from radiome.features.catalogue import split_column

    try:
        split_column(tag)
    except KeyError:
        return False
    return True
