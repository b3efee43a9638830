"""Run a study: every step once, in order, kept in the run folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from radiome.base.errors import UserError
from radiome.base.version import __version__
from radiome.base.yaml_text import dump_options
from radiome.cohort.control_cases import run_controls
from radiome.cohort.engine import ProgressCallback, RunResult, available_cores, run_cohort
from radiome.cohort.inspection import Inspected, inspect_cohort
from radiome.cohort.manifest import Manifest, read_manifest
from radiome.cohort.store import software_versions
from radiome.model.outcome_reading import read_table
from radiome.model.table_joining import patient_columns
from radiome.study.analysis import AnalysisSteps
from radiome.study.cases import Left, fact_columns, modality_column, write_cases, write_pictures
from radiome.study.checking import check_study
from radiome.study.lock import write_deviations
from radiome.study.occupied import occupied
from radiome.study.protocol import Analysis, Protocol, read_protocol
from radiome.study.stamps import Done, Stamps, Step
from radiome.tables.atomic import replacing, write_json
from radiome.tables.feature_table import FeatureTable


class InterruptedStudyError(Exception):
    """Ctrl-C ended a step; the same call goes on from there."""


class NoAnalysisError(UserError):
    """No analysis could be made; the run folder holds the cases and the reasons."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told what while a study runs.

    Parameters
    ----------
    step : callable
        ``step(name)`` before each step, ``step(name, done)`` after it.
    cases : callable
        As for `run_cohort`.
    model : callable
        As for `run_plan`.
    """

    step: Callable[[str, Done | None], None] = lambda _name, _done: None
    cases: ProgressCallback = lambda _: None
    model: Callable[[str, str, int, int], None] = lambda *_: None


@dataclass(slots=True)
class StudyRun:
    """What a study left behind.

    Parameters
    ----------
    folder : Path
        The run folder.
    protocol : Protocol
        What was run.
    steps : dict of str to Done
        How each step ended.
    failed : dict of str to str
        Analyses that could not be made, with the reason.
    """

    folder: Path
    protocol: Protocol
    steps: dict[str, Done] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def run_study(
    path: str | Path,
    out: str | Path,
    *,
    jobs: int | None = None,
    telling: Telling | None = None,
) -> StudyRun:
    """Run all steps of a protocol; those that are finished are found again.

    Parameters
    ----------
    path : path
        The protocol, YAML; see `radiome.study.protocol`.
    out : path
        Run folder.
    jobs : int, optional
        Processes; by default one per core. No result depends on it.
    telling : Telling, optional
        Who is told what.

    Returns
    -------
    StudyRun
        An analysis that cannot be made has a reason, and the others are made.

    Raises
    ------
    UserError
        If the protocol, the cohort or the outcome table cannot be used, or another run is at
        work in the folder.
    NoAnalysisError
        If no analysis could be made, after all that could.
    InterruptedStudyError
        After Ctrl-C within the cases of a step.
    """
    path, folder = Path(path), Path(out)
    protocol = read_protocol(path)
    study = _Study(path, protocol, folder, jobs or available_cores(), telling or Telling())
    check_study(path, protocol, study.manifest, study.outcomes, study.settings)
    with occupied(folder):
        with replacing(folder / "study.yaml") as part:
            part.write_text(dump_options(protocol), encoding="utf-8")
        write_deviations(path, protocol, folder)
        study.cases()
        for analysis in protocol.analyses:
            study.analyse(analysis)
        write_json(folder / "study.json", record_of(study.run, path), indent=1)
    if len(study.run.failed) == len(protocol.analyses):
        name, reason = next(iter(study.run.failed.items()))
        raise NoAnalysisError("no analysis could be made", where=f"analysis '{name}'", got=reason)
    return study.run


class _Study:
    """The steps of one study, in the order in which they are called."""

    def __init__(
        self, path: Path, protocol: Protocol, folder: Path, jobs: int, telling: Telling
    ) -> None:
        self.protocol, self.folder, self.jobs, self.telling = protocol, folder, jobs, telling
        self.run = StudyRun(folder, protocol)
        self.stamps = Stamps(folder)
        self.table = path.parent / protocol.cohort
        self.outcomes = path.parent / protocol.outcomes
        self.manifest: Manifest = read_manifest(self.table)
        self.seen: list[Inspected] = []
        settings = protocol.extraction.settings
        beside = path.parent / settings if isinstance(settings, str) else None
        # A settings file is relative to the protocol like the tables; a preset is a bare name.
        self.settings = beside if beside is not None and beside.is_file() else settings

    def _ensure(self, step: Step) -> None:
        self.telling.step(step.name, None)
        self.run.steps[step.name] = done = self.stamps.ensure(step)
        self.telling.step(step.name, done)

    def cases(self) -> None:
        """Inspect, extract, and extract from control images."""
        made = self.protocol.extraction.model_dump(mode="json")
        measured = self.folder / "extraction" / "features.parquet"
        pictures = self.folder / "pictures.json"
        self._ensure(Step("inspect", made, (self.table,), (pictures,), self._inspect, resumes=True))
        self._ensure(Step("extract", made, (self.table,), (measured,), self._extract, resumes=True))
        names = self.protocol.controls.images
        if names:
            tables = tuple(self.folder / "controls" / n / "features.parquet" for n in names)
            asked = [made, self.protocol.controls.model_dump(mode="json")]
            self._ensure(
                Step("controls", asked, (self.table,), tables, self._controls, resumes=True)
            )
        cohort = self.folder / "cohort.csv"
        inputs = (self.table, self.outcomes, measured)
        self._ensure(Step("cohort", None, inputs, (cohort,), self._write_cases, resumes=True))

    def _options(self) -> dict[str, Any]:
        extraction = self.protocol.extraction
        return {
            "jobs": self.jobs,
            "progress": self.telling.cases,
            "resample_mask": extraction.resample_mask,
            "fill_gaps": extraction.fill_gaps,
        }

    def _inspect(self) -> None:
        result, self.seen = inspect_cohort(
            self.manifest, self.folder / "inspection", **self._options()
        )
        _go_on(result)
        write_pictures(self.folder / "pictures.json", self.seen)

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

    def analyse(self, analysis: Analysis) -> None:
        """The steps of one analysis; what it lacks ends it, and no other."""
        facts = [modality_column(self.manifest, self.seen), *fact_columns(self.seen)]
        steps = AnalysisSteps(
            self.protocol, analysis, self.manifest, self.folder, self.outcomes, tuple(facts),
            self.jobs, self.telling.model,
        )  # fmt: skip
        try:
            for step in steps.steps():
                self._ensure(step)
        except UserError as error:
            self.run.failed[analysis.name] = error.line

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
        columns = self.protocol.analyses[0].plan.columns
        outcomes = read_table(self.outcomes)
        where = (str(self.table), str(self.outcomes))
        patient, other = patient_columns(table.frame, outcomes, columns, where)
        there = table.frame[patient].astype(str).isin(set(outcomes[other]))
        return set(table.frame["case"][there].astype(str))


def record_of(run: StudyRun, path: Path) -> dict[str, Any]:
    """What was run, and how it ended: the content of ``study.json``."""
    # Resolved: '..' of a link leads out of the folder that it points to.
    source = Path(os.path.relpath(path.resolve(), run.folder.resolve())).as_posix()
    return {
        "protocol": source,
        "title": run.protocol.title,
        "authors": list(run.protocol.authors),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "radiome": __version__,
        "software": software_versions(),
        "steps": {name: asdict(done) for name, done in run.steps.items()},
        "analyses": [
            {
                "name": analysis.name,
                "role": analysis.role,
                "where": analysis.where,
                "folder": f"analyses/{analysis.name}",
                "status": "failed" if analysis.name in run.failed else "modelled",
                "reason": run.failed.get(analysis.name, ""),
            }
            for analysis in run.protocol.analyses
        ],
    }


def _go_on(result: RunResult) -> None:
    if result.interrupted:
        raise InterruptedStudyError
