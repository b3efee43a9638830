"""Crops of a cohort: every case once, whatever happens to some of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from radiome.base.errors import UserError
from radiome.base.processes import process_pool
from radiome.base.version import __version__
from radiome.cohort.engine import Progress, ProgressCallback
from radiome.cohort.manifest import Case, Manifest, read_manifest
from radiome.cohort.store import Outcome
from radiome.cohort.worker import reason_of
from radiome.extraction.crops import Crop, CropOptions, crop_case
from radiome.io.readers import check_pair, read_mask, read_volume
from radiome.tables.crops import Crops

_CRASHED = "the process that read this case died: a bug of a reader, or too little memory"


@dataclass(frozen=True, slots=True, eq=False)
class CropOutcome:
    """How one case ended.

    Parameters
    ----------
    case : str
        Its name.
    crop : Crop or None
        The cube.
    reason : str
        Why there is none, else empty.
    """

    case: str
    crop: Crop | None
    reason: str = ""

    @property
    def status(self) -> str:
        """``ok`` or ``failed``."""
        return "failed" if self.crop is None else "ok"


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read, as for `radiome.extract`."""

    resample_mask: bool = False
    fill_gaps: bool = False


def crop_cohort(
    cohort: str | Path | Manifest,
    options: CropOptions,
    *,
    reading: Reading | None = None,
    workers: int = 1,
    progress: ProgressCallback | None = None,
) -> list[CropOutcome]:
    """Cut the cube of every case of a cohort.

    Parameters
    ----------
    cohort : path or Manifest
        The cohort table, see `read_manifest`; its column ``settings`` plays no part.
    options : CropOptions
        What a crop is.
    reading : Reading, optional
        How files are read.
    workers : int
        Processes. The result does not depend on it.
    progress : callable, optional
        Called with `Progress` at the start and after each case.

    Returns
    -------
    list of CropOutcome
        One for each case, in cohort order; a case without a crop has its reason.
    """
    manifest = cohort if isinstance(cohort, Manifest) else read_manifest(cohort)
    jobs = [(case, options, reading or Reading()) for case in manifest.cases]
    tell = progress or (lambda _: None)
    tell(Progress(len(jobs)))
    found: list[CropOutcome] = []
    failed = 0
    for outcome in _in_turn(jobs) if workers == 1 else _in_processes(jobs, workers):
        found.append(outcome)
        failed += outcome.crop is None
        latest = Outcome(outcome.case, outcome.status, outcome.reason)
        tell(Progress(len(jobs), len(found), failed, latest=latest))
    return found


Job = tuple[Case, CropOptions, Reading]


def _in_turn(jobs: Sequence[Job]) -> Iterator[CropOutcome]:
    return (crop_one(*job) for job in jobs)


def _in_processes(jobs: Sequence[Job], workers: int) -> Iterator[CropOutcome]:
    """As in one process; where a process dies, the cases from there on get one each."""
    done = 0
    try:
        with process_pool(workers) as pool:
            for outcome in pool.map(crop_one, *zip(*jobs, strict=True)):
                yield outcome
                done += 1
    except BrokenProcessPool:
        for job in jobs[done:]:
            yield _alone(job)


def _alone(job: Job) -> CropOutcome:
    try:
        with process_pool(1) as pool:
            return pool.submit(crop_one, *job).result()
    except BrokenProcessPool:
        return CropOutcome(job[0].name, None, _CRASHED)


def crop_one(case: Case, options: CropOptions, reading: Reading) -> CropOutcome:
    """Read a case and cut its cube; never raise for its sake."""
    if case.fault:
        return CropOutcome(case.name, None, case.fault)
    try:
        volume = read_volume(case.image, modality=case.modality or None)
        mask = read_mask(
            case.mask,
            volume,
            roi=case.roi or None,
            resample=reading.resample_mask,
            fill_gaps=reading.fill_gaps,
        )
        check_pair(volume, mask)
        return CropOutcome(case.name, crop_case(volume, mask, options))
    except Exception as error:
        return CropOutcome(case.name, None, reason_of(error))


def gather(outcomes: Sequence[CropOutcome], options: CropOptions, reading: Reading) -> Crops:
    """The crops of the cases that have one.

    Raises
    ------
    UserError
        If none has, with the first reason.
    """
    cut = [(outcome.case, outcome.crop) for outcome in outcomes if outcome.crop is not None]
    if not cut:
        raise UserError(
            "no case of the cohort has a crop",
            got=f"{outcomes[0].case}: {outcomes[0].reason}",
            do="mend what the reasons name",
        )
    settings = {
        **options.model_dump(mode="json"),
        "resample_mask": reading.resample_mask,
        "fill_gaps": reading.fill_gaps,
        "radiome": __version__,
    }
    return Crops(
        tuple(name for name, _ in cut),
        np.stack([crop.values for _, crop in cut]),
        options.channels,
        options.spacing,
        np.array([crop.inside for _, crop in cut]),
        settings,
    )
