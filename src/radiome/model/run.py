"""A plan from two tables to verdicts: every outcome, then the statements about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import false_discovery_control

from radiome.base.errors import UserError
from radiome.base.version import __version__
from radiome.model.analysis_table import AnalysisTable
from radiome.model.card import card_of
from radiome.model.control_rows import beside
from radiome.model.evaluation import Evaluation, evaluate
from radiome.model.figures import figures_of
from radiome.model.plan import Plan
from radiome.model.repeatable import leave_out_unrepeatable
from radiome.model.step_store import StepStore
from radiome.model.study_inputs import read_plan_crops
from radiome.model.verdict import Verdict
from radiome.robustness.repeatability import Repeatability
from radiome.tables.crops import Crops

#: Told ``(outcome, step, done, total)``.
Progress = Callable[[str, str, int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class OutcomeResult:
    """What a study says of one outcome, or why it says nothing.

    Parameters
    ----------
    name : str
        The outcome.
    status : {"modelled", "not_modelled"}
        Whether there was enough to model.
    reason : str
        Why not, else empty.
    evaluation : Evaluation or None
        What was computed.
    figures : mapping
        Figures of performance with their intervals, as plain values.
    verdict : Verdict or None
        The statement.
    """

    name: str
    status: str
    reason: str = ""
    evaluation: Evaluation | None = None
    figures: Mapping[str, Any] | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True, eq=False)
class StudyResult:
    """All outcomes of a plan.

    Parameters
    ----------
    plan : Plan
        What was asked.
    table : AnalysisTable
        All rows.
    outcomes : tuple of OutcomeResult
        In the order of the plan.
    """

    plan: Plan
    table: AnalysisTable
    outcomes: tuple[OutcomeResult, ...]

    @property
    def word(self) -> str:
        """The strongest verdict of any outcome, for a study of one the verdict."""
        words = [result.verdict.word for result in self.outcomes if result.verdict]
        return next((word for word in ("evidence", "weak", "none") if word in words), "none")


def run_plan(
    table: AnalysisTable,
    plan: Plan,
    folder: str | Path,
    *,
    controls: Mapping[str, AnalysisTable] | None = None,
    crops: Crops | None = None,
    repeatability: Mapping[str, Repeatability] | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> StudyResult:
    """Evaluate every outcome of a plan.

    Parameters
    ----------
    table : AnalysisTable
        Features, outcomes and baselines; see `read_inputs`.
    plan : Plan
        How.
    folder : path
        Finished steps are kept in its folder ``steps``; the same call goes on from there.
    controls : mapping of str to AnalysisTable, optional
        The same rows measured on control images; see `beside` for what some may lack.
    crops : Crops, optional
        Cubes of image for the plan's section ``deep``; by default the file named there.
    repeatability : mapping of str to Repeatability, optional
        Of each feature, from lesions that were measured again.
    workers : int
        Processes. The result does not depend on it.
    progress : callable, optional
        Called with outcome, step, done and total.

    Returns
    -------
    StudyResult
        An outcome that too few patients have is there, with the reason.

    Raises
    ------
    UserError
        If no outcome of the plan could be modelled, with the first reason, or a control is of
        other cases.
    """
    if crops is None:
        crops = read_plan_crops(plan, table)
    table, controls = beside(table, controls or {}, plan)
    least = plan.columns.least_repeatability
    table = leave_out_unrepeatable(table, least, repeatability)
    controls = {
        name: leave_out_unrepeatable(other, least, repeatability)
        for name, other in controls.items()
    }
    store = StepStore(Path(folder) / "steps")
    tell = progress or (lambda *_: None)
    evaluations: dict[str, Evaluation] = {}
    reasons: dict[str, UserError] = {}
    for option in plan.outcomes:
        name = option.name
        try:
            evaluations[name] = evaluate(
                table,
                name,
                plan,
                store,
                controls=controls,
                crops=crops,
                workers=workers,
                progress=partial(tell, name),
            )
        except UserError as error:
            reasons[name] = error
    if not evaluations:
        raise next(iter(reasons.values()))
    adjusted = _adjusted({name: found.null.p for name, found in evaluations.items()})
    results = []
    for option in plan.outcomes:
        if option.name in reasons:
            reason = reasons[option.name].line
            results.append(OutcomeResult(option.name, "not_modelled", reason))
            continue
        found = evaluations[option.name]
        figures = figures_of(found, plan)
        verdict = card_of(
            found, plan, figures, p=adjusted[option.name], repeatability=repeatability
        )
        results.append(OutcomeResult(option.name, "modelled", "", found, figures, verdict))
    return StudyResult(plan, table, tuple(results))


def _adjusted(p_values: Mapping[str, float]) -> dict[str, float]:
    """Benjamini-Hochberg over the outcomes of the plan."""
    adjusted = false_discovery_control(np.array(list(p_values.values())))
    return dict(zip(p_values, adjusted.tolist(), strict=True))


def record_of(result: StudyResult, *, provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Everything as plain values: the content of ``results.json``."""
    return {
        "radiome": __version__,
        "verdict": result.word,
        **provenance,
        "plan": result.plan.model_dump(mode="json"),
        "notes": list(result.table.notes),
        "rows": len(result.table),
        "patients": len(np.unique(result.table.patients)),
        "features": len(result.table.names),
        "outcomes": [_outcome_record(outcome) for outcome in result.outcomes],
    }


def _outcome_record(result: OutcomeResult) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": result.name,
        "status": result.status,
        "reason": result.reason or None,
    }
    if result.evaluation and result.verdict:
        told |= result.verdict.as_dict()
        told["outcome"] = result.evaluation.outcome.summary()
        told["figures"] = dict(result.figures or {})
        told["null"] = result.evaluation.null.as_dict()
    return told
