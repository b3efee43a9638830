"""A correction of predictions, fitted out of fold, kept beside the model and off by default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from radiome.base.values import NotApplicable
from radiome.model.out_of_fold import OutOfFold
from radiome.model.performance.calibration import recalibration
from radiome.model.performance.regression import linear_calibration
from radiome.model.performance.results import attempt

Floats = NDArray[np.float64]

#: Risks are kept this far from 0 and 1, where a logit ends.
EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Correction:
    """A line through predictions: of the logit of a risk, or of a value.

    Parameters
    ----------
    name : str
        What it is called; the model without it is another model.
    scale : {"logit", "plain"}
        What the line is drawn in.
    slope, intercept : float or None
        The line; None where there is none.
    reason : str
        Why there is none, else empty.
    """

    name: str
    scale: str
    slope: float | None = None
    intercept: float | None = None
    reason: str = ""

    def apply(self, score: Floats) -> Floats:
        """Corrected scores (n,); only where there is a line."""
        if self.slope is None or self.intercept is None:
            raise ValueError(self.reason)
        if self.scale == "plain":
            return np.asarray(self.intercept + self.slope * score, np.float64)
        linear = self.intercept + self.slope * logit(np.clip(score, EDGE, 1 - EDGE))
        return np.asarray(expit(linear), np.float64)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "name": self.name,
            "scale": self.scale,
            "slope": self.slope,
            "intercept": self.intercept,
            "reason": self.reason or None,
            "fitted_on": "predictions out of fold, averaged over the repeats",
            "applied": False,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Correction:
        """The correction that `as_dict` told of."""
        return cls(
            values["name"],
            values["scale"],
            values["slope"],
            values["intercept"],
            values["reason"] or "",
        )


def fit_correction(found: OutOfFold) -> Correction:
    """Intercept and slope of the outcome on the out-of-fold predictions of a model.

    Logistic for a binary outcome (Cox 1958), least squares for a continuous one; other kinds
    have none.
    """
    kind, name = found.outcome.kind, f"{found.outcome.options.name}-out-of-fold"
    if kind not in ("binary", "continuous"):
        return Correction(name, "plain", reason=f"no correction is fitted for a {kind} outcome")
    score, values = found.mean_scores(), found.outcome.values
    scale = "logit" if kind == "binary" else "plain"
    if kind == "binary":
        line: Any = attempt(recalibration, values, np.clip(score, EDGE, 1 - EDGE))
    else:
        line = attempt(linear_calibration, values, score)
    parts = [line] if isinstance(line, NotApplicable) else [line.slope, line.intercept]
    for part in parts:
        if isinstance(part, NotApplicable):
            return Correction(name, scale, reason=part.reason)
    return Correction(name, scale, line.slope.value, line.intercept.value)
