"""The steps that look at every case: inspected, measured, measured on control images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from radiome.cohort.control_cases import run_controls
from radiome.cohort.engine import ProgressCallback, RunResult, run_cohort
from radiome.cohort.inspection import Inspected, inspect_cohort
from radiome.cohort.manifest import Manifest
from radiome.model.outcome_reading import read_table
from radiome.model.table_joining import patient_columns
from radiome.study.cases import Left, fact_columns, modality_column, write_cases, write_pictures
from radiome.study.protocol import Protocol
from radiome.study.stamps import Step
from radiome.tables.columns import Column
from radiome.tables.feature_table import FeatureTable


class InterruptedStudyError(Exception):
    """Ctrl-C ended a step; the same call goes on from there."""


@dataclass(slots=True)
class CaseSteps:
    """The steps of the cases, before any outcome is looked at.

    Parameters
    ----------
    protocol : Protocol
        Of the study.
    manifest : Manifest
        The cohort.
    table, outcomes : Path
        Cohort table and outcome table.
    settings : preset, file, mapping or None
        Of the extraction.
    folder : Path
        The run folder.
    workers : int
        Processes. The result does not depend on it.
    progress : callable
        Of the cases.
    seen : list of Inspected
        What the inspection saw; empty before it.
    """

    protocol: Protocol
    manifest: Manifest
    table: Path
    outcomes: Path
    settings: Any
    folder: Path
    workers: int
    progress: ProgressCallback
    seen: list[Inspected] = field(default_factory=list)

    def steps(self) -> Iterator[Step]:
        """Inspect, extract, extract from control images, and the table of who left where."""
        made = self.protocol.extraction.model_dump(mode="json")
        measured = self.folder / "extraction" / "features.parquet"
        pictures = self.folder / "pictures.json"
        yield Step("inspect", made, (self.table,), (pictures,), self.inspect, resumes=True)
        yield Step("extract", made, (self.table,), (measured,), self._extract, resumes=True)
        names = self.protocol.controls.images
        if names:
            tables = tuple(self.folder / "controls" / n / "features.parquet" for n in names)
            asked = [made, self.protocol.controls.model_dump(mode="json")]
            yield Step("controls", asked, (self.table,), tables, self._controls, resumes=True)
        cohort = self.folder / "cohort.csv"
        inputs = (self.table, self.outcomes, measured)
        yield Step("cohort", None, inputs, (cohort,), self._write_cases, resumes=True)

    def facts(self) -> tuple[Column, ...]:
        """What was seen of each case, as columns."""
        return (modality_column(self.manifest, self.seen), *fact_columns(self.seen))

    def inspect(self) -> None:
        """Look at every case; those that did not change are found again."""
        result, self.seen = inspect_cohort(
            self.manifest, self.folder / "inspection", **self._options()
        )
        _go_on(result)
        write_pictures(self.folder / "pictures.json", self.seen)

    def _options(self) -> dict[str, Any]:
        extraction = self.protocol.extraction
        return {
            "jobs": self.workers,
            "progress": self.progress,
            "resample_mask": extraction.resample_mask,
            "fill_gaps": extraction.fill_gaps,
        }

    def _extract(self) -> None:
        out = self.folder / "extraction"
        _go_on(run_cohort(self.manifest, out, settings=self.settings, **self._options()))

    def _controls(self) -> None:
        controls = self.protocol.controls
        found = run_controls(
            self.manifest,
            self.folder / "controls",
            controls.images,
            seed=controls.seed,
            settings=self.settings,
            **self._options(),
        )
        for result in found.values():
            _go_on(result)

    def _write_cases(self) -> None:
        write_cases(self.folder / "cohort.csv", self.manifest, self.seen, self._left())

    def _left(self) -> dict[str, Left]:
        """Cases that left, and where: not readable, not measured, or without an outcome."""
        left = {
            item.case: Left("inspect", item.reason) for item in self.seen if item.status != "ok"
        }
        table = FeatureTable.read(self.folder / "extraction")
        for case, status, reason in zip(*(table.frame[n] for n in ("case", "status", "reason")),
                                        strict=True):  # fmt: skip
            if status != "ok":
                left.setdefault(str(case), Left("extract", str(reason)))
        known = self._with_outcome(table)
        for case in table.frame["case"].astype(str):
            if known is not None and case not in known:
                left.setdefault(case, Left("join", "the outcome table has no row of the patient"))
        return left

    def _with_outcome(self, table: FeatureTable) -> set[str] | None:
        """Cases whose patient the outcome table knows; None if the tables do not fit."""
        primary = min(self.protocol.analyses, key=lambda analysis: analysis.role != "primary")
        outcomes = read_table(self.outcomes)
        where = (str(self.table), str(self.outcomes))
        patient, other = patient_columns(table.frame, outcomes, primary.plan.columns, where)
        there = table.frame[patient].astype(str).isin(set(outcomes[other]))
        return set(table.frame["case"][there].astype(str))


def _go_on(result: RunResult) -> None:
    if result.interrupted:
        raise InterruptedStudyError
