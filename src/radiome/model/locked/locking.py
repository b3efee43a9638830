"""From an evaluated study to a locked model: the recipe fitted once more, on all patients."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from radiome.base.values import NotApplicable
from radiome.base.version import __version__
from radiome.model.analysis_table import AnalysisTable
from radiome.model.evaluation import Evaluation, design_of
from radiome.model.ledger import patients_hash
from radiome.model.locked.model_file import FORMAT, SCHEMA, LockedModel, assemble
from radiome.model.locked.recalibration import fit_correction
from radiome.model.locked.references import make_references
from radiome.model.locked.scope import AcquisitionRange, Scope
from radiome.model.locked.source import FeatureSource
from radiome.model.locked.training_rows import remember
from radiome.model.locked.transforms import transforms_of, used_columns
from radiome.model.outcomes import Outcome
from radiome.model.performance.concordance import largest_horizon
from radiome.model.performance.results import attempt
from radiome.model.performance.thresholds import youden_threshold
from radiome.model.plan import Plan
from radiome.model.tuning import FittedModel, fit_recipe
from radiome.model.verdict import Verdict

Floats = NDArray[np.float64]

_PACKAGES = ("numpy", "scipy", "scikit-learn", "skops")

#: Learners that cannot predict without the (scaled) values of training rows.
_KEEPS_ROWS = ("neighbours", "svm")


def refit(evaluation: Evaluation, plan: Plan) -> FittedModel:
    """The recipe tuned and fitted on all rows whose outcome is known."""
    table = evaluation.table
    with threadpool_limits(1):
        return fit_recipe(
            evaluation.recipe,
            design_of(table),
            evaluation.outcome,
            table.patients,
            inner_folds=plan.validation.inner_folds,
            seed=plan.seed,
        )


def lock(
    evaluation: Evaluation,
    plan: Plan,
    *,
    figures: Mapping[str, Any],
    verdict: Verdict,
    source: FeatureSource | None = None,
    created: datetime | None = None,
) -> LockedModel:
    """Fit the recipe on all patients, and keep with it all that a later user must know.

    The threshold of a binary outcome is the one of the largest Youden index on the
    out-of-fold predictions, averaged over the repeats; of equal ones the highest.

    Parameters
    ----------
    evaluation : Evaluation
        Of the outcome.
    plan : Plan
        What it was evaluated by.
    figures : mapping
        Those of `figures_of`.
    verdict : Verdict
        The statement that goes with the model.
    source : FeatureSource, optional
        How the features were measured.
    created : datetime, optional
        Time of locking, by default now. Nothing else depends on the clock.

    Raises
    ------
    UserError
        If the model cannot be kept in a file, or a step cannot be fitted.
    """
    fitted = refit(evaluation, plan)
    table, outcome = evaluation.table, evaluation.outcome
    kept = plan.harmonise.covariates if plan.harmonise else ()
    transforms = transforms_of(fitted, kept)
    values = table.features[:, fitted.preparation.kept_[used_columns(fitted)]]
    scope = _scope(fitted, table, values, plan, source or FeatureSource())
    classes = len(outcome.classes) or None
    references = make_references(transforms, scope, fitted.learner, outcome.kind, classes)
    options = outcome.options
    facts = {
        "format": FORMAT,
        "schema": SCHEMA,
        "created": (created or datetime.now(UTC)).isoformat(timespec="seconds"),
        "radiome": __version__,
        "packages": {name: version(name) for name in _PACKAGES},
        "plan": plan.model_dump(mode="json"),
        "outcome": {
            "declaration": options.model_dump(mode="json"),
            "reference_standard": options.reference_standard,
            "classes": list(outcome.classes),
            "summary": outcome.summary(),
            "training": _of_training(outcome),
        },
        "features": list(transforms.names),
        "transforms": transforms.as_dict(),
        "learner": _learner(fitted),
        "scope": scope.as_dict(transforms.names),
        "threshold": _threshold(evaluation),
        "performance": _finite(_told(figures)),
        "verdict": {"word": verdict.word, "sentence": verdict.sentence},
        "ledger": _ledger(evaluation, fitted),
        "training": _training(table, values),
        "references": references,
    }
    correction = fit_correction(evaluation.ladder.steps["features"])
    return assemble(json.loads(json.dumps(facts)), fitted.learner, correction)


def _scope(
    fitted: FittedModel, table: AnalysisTable, values: Floats, plan: Plan, source: FeatureSource
) -> Scope:
    used = used_columns(fitted)
    sites = () if table.sites is None else tuple(sorted(set(table.sites.tolist())))
    return Scope(
        fitted.preparation.low_[used],
        fitted.preparation.high_[used],
        plan.preparation.missing,
        float(np.isnan(values).mean(axis=1).max()),
        source,
        _acquisition(table, plan),
        sites,
    )


def _acquisition(table: AnalysisTable, plan: Plan) -> dict[str, AcquisitionRange]:
    """Levels or range of every column of the plan, from their encoded form."""
    if "acquisition" not in table.blocks:
        return {}
    values, names = table.blocks["acquisition"], table.block_names["acquisition"]
    found = {}
    for column in plan.columns.acquisition:
        if column in names:
            numbers = values[:, names.index(column)]
            given = numbers[np.isfinite(numbers)]
            if given.size:
                found[column] = AcquisitionRange((), float(given.min()), float(given.max()))
        else:
            start = f"{column}="
            present = [place for place, name in enumerate(names) if name.startswith(start)]
            seen = [place for place in present if values[:, place].any()]
            levels = tuple(names[place].removeprefix(start) for place in seen)
            found[column] = AcquisitionRange(levels)
    return found


def _of_training(outcome: Outcome) -> dict[str, Any]:
    """What figures of performance must take from the training patients."""
    if outcome.kind == "survival":
        time, event = outcome.values["time"], outcome.values["event"]
        return {
            "median_event_time": float(np.median(time[event])),
            "largest_horizon": largest_horizon(time, event),
        }
    return {} if outcome.classes else {"mean": float(outcome.values.mean())}


def _learner(fitted: FittedModel) -> dict[str, Any]:
    name = fitted.recipe.learner.name
    return {
        "name": name,
        "steps": fitted.recipe.named(fitted.choice),
        "converged": bool(getattr(fitted.learner, "converged_", True)),
        "keeps_training_values": name in _KEEPS_ROWS,
    }


def _threshold(evaluation: Evaluation) -> dict[str, Any]:
    features = evaluation.ladder.steps["features"]
    if features.outcome.kind != "binary":
        return {"reason": "only a binary outcome has a threshold"}
    chosen = attempt(youden_threshold, features.outcome.values, features.mean_scores())
    if isinstance(chosen, NotApplicable):
        return {"reason": chosen.reason}
    note = "chosen on these predictions, so that its sensitivity and specificity flatter"
    return {**asdict(chosen), "of": "mean out-of-fold predictions", "note": note}


def _told(figures: Mapping[str, Any]) -> dict[str, Any]:
    curves = ("decision_curve", "calibration_errors")
    performance = {n: v for n, v in figures["performance"].items() if n not in curves}
    return {
        "of": "predictions out of fold",
        "concordance": figures["concordance"]["features"],
        "left_out_sites": figures["left_out_sites"],
        **performance,
    }


def _ledger(evaluation: Evaluation, fitted: FittedModel) -> dict[str, Any]:
    """Hash of what was fitted in the study and here; the latter in full."""
    here = [fit.as_dict() for fit in fitted.fits("locked model, all patients")]
    before = [
        {"outcome": evaluation.outcome.options.name, "model": step, **fit.as_dict()}
        for step, found in evaluation.ladder.steps.items()
        for fit in found.fits
    ]
    text = json.dumps([*before, *here], sort_keys=True)
    return {"sha256": hashlib.sha256(text.encode()).hexdigest(), "fits": here}


def _training(table: AnalysisTable, values: Floats) -> dict[str, Any]:
    digest = patients_hash(table.patients.tolist())
    return {
        "patients": len(np.unique(table.patients)),
        "rows": len(table),
        "patients_sha256": digest,
        "rows_found_by": remember(values, digest[:16]).as_dict(),
    }


def _finite(value: Any) -> Any:
    """The same with None for what JSON has no number for, such as an endless interval."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return value
