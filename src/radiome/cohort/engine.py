"""Run a cohort: every case once, whatever happens to some of them."""

from __future__ import annotations

import os
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from radiome.base.errors import UserError
from radiome.cohort.cluster import ClusterOptions
from radiome.cohort.dask_engine import DaskEngine
from radiome.cohort.manifest import Manifest, read_manifest
from radiome.cohort.plan import SettingsPlan, make_tasks
from radiome.cohort.store import Outcome, RunFolder
from radiome.cohort.supervisor import Supervisor
from radiome.cohort.worker import DEFAULT_FUNCTION, Answer, Task

if TYPE_CHECKING:
    from radiome.extraction.settings import SettingsSource

_INTERRUPTED = "the run was interrupted before this case was measured"
_FAILED_FAST = "the run was stopped at the first case that failed"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; given to the progress callback at the start and after each case.

    With a `note` there is no new case: it says what the run waits for.
    """

    total: int
    done: int = 0
    failed: int = 0
    resumed: int = 0
    latest: Outcome | None = None
    note: str = ""


ProgressCallback = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run left behind.

    Parameters
    ----------
    folder : Path
        The run folder.
    outcomes : tuple of Outcome
        One per case, in cohort order.
    interrupted : bool
        Whether Ctrl-C ended the run early; the tables hold what was finished.
    """

    folder: Path
    outcomes: tuple[Outcome, ...]
    interrupted: bool = False

    def count(self, status: str) -> int:
        """Number of cases with this status."""
        return sum(outcome.status == status for outcome in self.outcomes)

    @property
    def resumed(self) -> int:
        """Number of cases taken from an earlier run."""
        return sum(bool(outcome.answer.get("resumed")) for outcome in self.outcomes)


def run_cohort(
    cohort: str | Path | Manifest,
    out: str | Path,
    *,
    settings: SettingsSource = None,
    jobs: int | None = None,
    csv: bool = False,
    resume: bool = True,
    progress: ProgressCallback | None = None,
    fail_fast: bool = False,
    resample_mask: bool = False,
    fill_gaps: bool = False,
    crash_retries: int = 1,
    case_function: str = DEFAULT_FUNCTION,
    cluster: ClusterOptions | None = None,
) -> RunResult:
    """Extract the features of every case of a cohort.

    Parameters
    ----------
    cohort : path or Manifest
        The cohort table; see `read_manifest`.
    out : path
        Run folder. Finished cases in it are not measured again if the content of
        their files, their settings and the version of radiome are the same.
    settings : Settings, mapping, preset name or YAML path, optional
        For all cases without settings of their own; by default the preset of each
        image's modality.
    jobs : int, optional
        Worker processes; by default one per core. The result does not depend on it.
    csv : bool
        Write ``features.csv`` too.
    resume : bool
        Use finished cases of earlier runs.
    progress : callable, optional
        Called with `Progress` at the start and after each case.
    fail_fast : bool
        Stop at the first case that is not ``ok``.
    resample_mask : bool
        Put masks from another grid on the image's grid.
    fill_gaps : bool
        Interpolate slices that RTSTRUCT regions skip.
    crash_retries : int
        How often a case whose worker died is tried again.
    case_function : str
        ``module:name`` of the function that measures a case, called like
        `radiome.extract`.
    cluster : ClusterOptions, optional
        Where to measure, if not on this machine; `jobs` has no effect then.

    Returns
    -------
    RunResult
        One outcome per case. A failed case has status ``failed`` and a reason, also
        if it is its row that is at fault: a file that is not there, a region or
        modality that does not exist, settings of its own that cannot be used. A case
        that took its worker down has status ``crashed``.

    Raises
    ------
    UserError
        If the cohort table as a whole, `settings` or the run folder cannot be used.
    """
    started = datetime.now(UTC)
    manifest = cohort if isinstance(cohort, Manifest) else read_manifest(cohort)
    workers = _count_workers(jobs, len(manifest.cases))
    plan = SettingsPlan(settings)
    folder = RunFolder(Path(out))
    threads = 1 if workers > 1 or cluster else available_cores()
    tasks, faults = make_tasks(
        manifest,
        plan,
        folder=folder.cases.resolve(),
        known=folder.known_fingerprints(),
        resample_mask=resample_mask,
        fill_gaps=fill_gaps,
        threads=threads,
        function=case_function,
        run=uuid.uuid4().hex,
        resume=resume,
    )
    run = _Run(manifest, progress, fail_fast=fail_fast)
    engine: Supervisor | DaskEngine
    if cluster is None:
        engine = Supervisor(workers, threads=threads, crash_retries=crash_retries)
    else:
        place = folder.path.resolve()
        engine = DaskEngine(cluster, place, crash_retries=crash_retries, tell=run.note)
    run.measure(engine, tasks, faults)
    folder.write_tables(manifest, run.outcomes, settings=plan.run_fingerprint(), as_csv=csv)
    folder.write_record(
        run.outcomes,
        started,
        command=[Path(sys.argv[0]).name, *sys.argv[1:]],
        cohort=manifest.source,
        options={
            "resample_mask": resample_mask,
            "fill_gaps": fill_gaps,
            "case_function": case_function,
        },
        engine=cluster.name if cluster else "local",
        jobs=None if cluster else workers,
        threads_per_worker=threads,
        interrupted=run.interrupted,
        counts=dict(Counter(outcome.status for outcome in run.outcomes)),
        settings_fingerprint=plan.run_fingerprint(),
        settings=plan.in_full(str(o.answer.get("settings")) for o in run.outcomes),
    )
    return RunResult(folder.path, tuple(run.outcomes), run.interrupted)


class _Run:
    """Outcomes as they come in, put in cohort order."""

    def __init__(
        self, manifest: Manifest, progress: ProgressCallback | None, *, fail_fast: bool
    ) -> None:
        self.outcomes = [Outcome(case.name, "pending", _INTERRUPTED) for case in manifest.cases]
        self.interrupted = False
        self._tell = progress or (lambda _: None)
        self._fail_fast = fail_fast
        self._state = Progress(total=len(manifest.cases))

    def measure(
        self, engine: Supervisor | DaskEngine, tasks: Sequence[Task], faults: Mapping[int, str]
    ) -> None:
        """Fill in the outcomes; Ctrl-C ends early and leaves the rest pending.

        Parameters
        ----------
        engine : Supervisor or DaskEngine
            What measures.
        tasks : sequence of Task
            The cases that can be measured.
        faults : mapping
            Position and reason of those that cannot: they fail before any is measured.
        """
        refused = ((index, _refusal(reason)) for index, reason in faults.items())
        try:
            self._tell(self._state)
            if self._take(refused) and tasks:
                with closing(engine.run(tasks)) as answers:
                    self._take(answers)
        except KeyboardInterrupt:
            self.interrupted = True

    def note(self, text: str) -> None:
        """Tell what the run waits for."""
        self._tell(replace(self._state, latest=None, note=text))

    def _take(self, answers: Iterable[tuple[int, Answer]]) -> bool:
        """Put answers in their places; False if the run shall not go on."""
        for index, answer in answers:
            case = self.outcomes[index].case
            outcome = Outcome(case, answer["status"], answer["reason"], answer)
            self.outcomes[index] = outcome
            self._state = _advance(self._state, outcome)
            self._tell(self._state)
            if self._fail_fast and outcome.status != "ok":
                self._leave_rest(_FAILED_FAST)
                return False
        return True

    def _leave_rest(self, reason: str) -> None:
        self.outcomes = [
            Outcome(outcome.case, "pending", reason) if outcome.status == "pending" else outcome
            for outcome in self.outcomes
        ]


def _refusal(reason: str) -> Answer:
    return {"status": "failed", "reason": reason, "resumed": False, "warnings": []}


def _advance(state: Progress, latest: Outcome) -> Progress:
    return Progress(
        total=state.total,
        done=state.done + 1,
        failed=state.failed + (latest.status != "ok"),
        resumed=state.resumed + bool(latest.answer.get("resumed")),
        latest=latest,
    )


def available_cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _count_workers(jobs: int | None, cases: int) -> int:
    if jobs is not None and jobs < 1:
        raise UserError(
            "the number of jobs must be at least 1", got=str(jobs), do="leave --jobs out, or give 1"
        )
    return max(1, min(jobs or available_cores(), cases))
