"""Made-up rows with the scores that a model gives them, to prove that it is still the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import UserError
from radiome.model.learners.catalogue import scores as learner_scores
from radiome.model.locked.scope import Scope
from radiome.model.locked.transforms import Transforms

Floats = NDArray[np.float64]

#: Rows, and how closely their scores must be met.
ROWS = 5
TOLERANCE = 1e-8


def make_references(
    transforms: Transforms, scope: Scope, learner: Any, kind: str, n_classes: int | None
) -> dict[str, Any]:
    """Rows within the training range of every feature, and their scores.

    Row i takes a fifth of each range, another one in each column (a Latin square), and the
    batches in turn. No patient is among them.
    """
    fifths = (np.arange(ROWS)[:, None] + np.arange(len(scope.low))) % ROWS
    values = scope.low + (fifths + 0.5) / ROWS * (scope.high - scope.low)
    combat = transforms.batches
    batch = covariates = None
    if combat is not None:
        batch = [combat.batches[row % len(combat.batches)] for row in range(ROWS)]
        covariates = np.tile(combat.centre, (ROWS, 1)).tolist()
    told = {"inputs": values.tolist(), "batch": batch, "covariates": covariates}
    outputs = _scores(transforms, learner, kind, n_classes, told)
    return {**told, "outputs": outputs.tolist(), "tolerance": TOLERANCE}


def check_references(
    transforms: Transforms,
    learner: Any,
    kind: str,
    n_classes: int | None,
    told: Mapping[str, Any],
    *,
    where: str,
) -> None:
    """Refuse a model that does not give its reference rows the scores that it was locked with.

    Raises
    ------
    UserError
        With the largest deviation.
    """
    found = _scores(transforms, learner, kind, n_classes, told)
    wanted = np.asarray(told["outputs"], np.float64)
    deviation = np.inf
    if found.shape == wanted.shape:
        deviation = float(np.max(np.abs(found - wanted) / np.maximum(1.0, np.abs(wanted))))
    if not deviation <= TOLERANCE:
        raise UserError(
            "the model does not give the predictions that it was locked with",
            where=where,
            expected=f"its reference rows to {TOLERANCE:g}",
            got=f"a deviation of {deviation:.3g}",
            do="install the versions of the packages that 'radiome predict' names for this file",
        )


def _scores(
    transforms: Transforms,
    learner: Any,
    kind: str,
    n_classes: int | None,
    told: Mapping[str, Any],
) -> Floats:
    batch = None if told["batch"] is None else np.array(told["batch"], np.str_)
    covariates = None
    if told["covariates"] is not None:
        covariates = np.asarray(told["covariates"], np.float64).reshape(ROWS, -1)
    values = np.asarray(told["inputs"], np.float64)
    inputs = transforms.scaled(transforms.harmonised(values, batch, covariates))
    return learner_scores(learner, inputs, kind, n_classes=n_classes)
