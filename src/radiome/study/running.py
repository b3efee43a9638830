"""Run a study: every step once, in order, kept in the run folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from radiome.base.errors import UserError, nearest_name
from radiome.base.version import __version__
from radiome.base.yaml_text import dump_options
from radiome.cohort.engine import ProgressCallback, available_cores
from radiome.cohort.manifest import read_manifest
from radiome.cohort.store import software_versions
from radiome.study.analysis import AnalysisSteps
from radiome.study.case_steps import CaseSteps, InterruptedStudyError
from radiome.study.checking import check_study
from radiome.study.lock import write_deviations
from radiome.study.occupied import occupied
from radiome.study.protocol import Analysis, Protocol, read_protocol
from radiome.study.stamps import Done, Stamps, Step
from radiome.tables.atomic import replacing, write_json

__all__ = [
    "InterruptedStudyError",
    "NoAnalysisError",
    "StudyRun",
    "Telling",
    "record_of",
    "run_study",
    "step_names",
]


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
        How each step ended; of a single step, that and those that were finished before.
    failed : dict of str to str
        Analyses that could not be made, with the reason.
    unfinished : list of str
        Steps that a run of a single one left to be done.
    """

    folder: Path
    protocol: Protocol
    steps: dict[str, Done] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    unfinished: list[str] = field(default_factory=list)


def step_names(protocol: Protocol) -> list[str]:
    """Names of all steps of a study, in order."""
    controls = ["controls"] if protocol.controls.images else []
    kinds = ["rows", "atlas", "model", "trust", "maps"]
    if protocol.trust.repeat is not None:
        kinds.insert(2, "repeats")
    analyses = [f"{kind} {analysis.name}" for analysis in protocol.analyses for kind in kinds]
    return ["inspect", "extract", *controls, "cohort", *analyses]


def run_study(
    path: str | Path,
    out: str | Path,
    *,
    jobs: int | None = None,
    only: str | None = None,
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
    only : str, optional
        One of `step_names`, to do that step alone.
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
        work in the folder; with `only`, if a step before it is not finished.
    NoAnalysisError
        If no analysis could be made, after all that could.
    InterruptedStudyError
        After Ctrl-C within the cases of a step.
    """
    path, folder = Path(path), Path(out)
    protocol = read_protocol(path)
    _require_step(only, protocol)
    study = _Study(path, protocol, folder, jobs or available_cores(), only, telling or Telling())
    check_study(path, protocol, study.cases.manifest, study.cases.outcomes, study.cases.settings)
    with occupied(folder):
        with replacing(folder / "study.yaml") as part:
            part.write_text(dump_options(protocol), encoding="utf-8")
        write_deviations(path, protocol, folder)
        for step in study.cases.steps():
            study.ensure(step)
        for analysis in protocol.analyses:
            study.analyse(analysis)
        if not study.run.unfinished:
            write_json(folder / "study.json", record_of(study.run, path), indent=1)
    if len(study.run.failed) == len(protocol.analyses):
        name, reason = next(iter(study.run.failed.items()))
        raise NoAnalysisError("no analysis could be made", where=f"analysis '{name}'", got=reason)
    return study.run


def _require_step(only: str | None, protocol: Protocol) -> None:
    names = step_names(protocol)
    if only is None or only in names:
        return
    near = nearest_name(only, names)
    raise UserError(
        f"there is no step '{only}'",
        expected="one of " + ", ".join(names),
        got=only,
        do=f"did you mean '{near}'?" if near else None,
    )


class _Study:
    """A study at work: its steps are given to it in their order."""

    def __init__(
        self,
        path: Path,
        protocol: Protocol,
        folder: Path,
        jobs: int,
        only: str | None,
        telling: Telling,
    ) -> None:
        self.only, self.telling, self.jobs = only, telling, jobs
        self.run = StudyRun(folder, protocol)
        self.stamps = Stamps(folder)
        table = path.parent / protocol.cohort
        settings = protocol.extraction.settings
        beside = path.parent / settings if isinstance(settings, str) else None
        self.cases = CaseSteps(
            protocol,
            read_manifest(table),
            table,
            path.parent / protocol.outcomes,
            # A settings file is relative to the protocol like the tables; a preset is a bare name.
            beside if beside is not None and beside.is_file() else settings,
            folder,
            jobs,
            telling.cases,
        )

    def ensure(self, step: Step) -> None:
        """Do a step if it is wanted; otherwise see whether it is finished."""
        if self.only not in (None, step.name):
            self._pass_over(step)
            return
        self.telling.step(step.name, None)
        self.run.steps[step.name] = done = self.stamps.ensure(step)
        self.telling.step(step.name, done)

    def _pass_over(self, step: Step) -> None:
        if self.stamps.finished(step):
            self.run.steps[step.name] = done = self.stamps.done(step)
            if step.name == "inspect":  # What was seen lies in its folder: nothing is read again.
                self.telling.step(step.name, None)
                step.make()
                self.telling.step(step.name, done)
        elif self.only in self.run.steps or not self._stands_on(step):
            self.run.unfinished.append(step.name)
        else:
            raise UserError(
                f"the step '{self.only}' stands on one that is not finished",
                where=str(self.run.folder),
                expected=f"'{step.name}' done with the same settings and tables",
                do=f"do '{step.name}' first, or the whole study, which does what is missing",
            )

    def _stands_on(self, step: Step) -> bool:
        """Whether the wanted step reads what this one before it makes."""
        analysis = step.name.partition(" ")[2]
        return not analysis or analysis == str(self.only).partition(" ")[2]

    def analyse(self, analysis: Analysis) -> None:
        """The steps of one analysis; what it lacks ends it, and no other."""
        steps = AnalysisSteps(
            self.run.protocol, analysis, self.cases.manifest, self.run.folder,
            self.cases.outcomes, self.cases.facts(), self.jobs, self.telling.model,
        )  # fmt: skip
        try:
            for step in steps.steps():
                self.ensure(step)
        except UserError as error:
            if self.only is not None:
                raise
            self.run.failed[analysis.name] = error.line


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
