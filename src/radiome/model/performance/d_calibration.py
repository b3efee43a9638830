"""Calibration of predicted survival over all times: D-calibration.

Source: Haider, Hoehn, Davis, Greiner, J Mach Learn Res 2020; 21:85.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from radiome.base.errors import UserError
from radiome.model.performance.inputs import probabilities, same_length, survival_outcome
from radiome.model.performance.results import UndefinedStatisticError


@dataclass(frozen=True, slots=True)
class DCalibration:
    """How evenly the predicted survival at the patients' own times fills 0 to 1.

    Parameters
    ----------
    statistic, p_value : float
        χ² with bins − 1 degrees of freedom. Censoring makes the test careful: it finds less.
    shares : tuple of float
        Of the patients in bins of equal width, the lowest survival first; all alike if ideal.
    n : int
        Patients.
    """

    statistic: float
    p_value: float
    shares: tuple[float, ...]
    n: int


def d_calibration(
    time: ArrayLike, event: ArrayLike, survival: ArrayLike, *, bins: int = 10
) -> DCalibration:
    """Test whether the survival predicted for the patients' own times is spread evenly.

    Parameters
    ----------
    time, event : arrays of shape (n,)
        Follow-up, and 1 where the event ended it.
    survival : array of shape (n,)
        Predicted probability of being event-free at the own time of each patient. One censored
        at a survival of s is spread evenly over 0 to s.
    bins : int
        Bins of equal width, with five patients or more on average.

    Examples
    --------
    >>> even = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    >>> d_calibration(range(10), [1] * 10, even, bins=2).shares
    (0.5, 0.5)
    """
    times, events = survival_outcome(time, event)
    staying = probabilities(survival, "predicted survival")
    n = same_length(time=times, survival=staying)
    if bins < 2:
        raise UserError("D-calibration needs bins", expected="at least 2", got=str(bins))
    if n < 5 * bins:
        raise UndefinedStatisticError(
            "there are too few patients for the bins", expected=f"at least {5 * bins}", got=str(n)
        )
    cuts = np.arange(bins + 1) / bins
    # A survival on a cut belongs to the bin below it, as the survival falls with time.
    place = np.clip(np.ceil(staying * bins).astype(np.intp) - 1, 0, bins - 1)
    counts = np.bincount(place[events], minlength=bins).astype(np.float64)
    left = staying[~events][:, None]
    covered = np.clip(np.minimum(left, cuts[1:]) - cuts[:-1], 0, None)
    # Who is certain to have had the event is in the lowest bin.
    covered[left[:, 0] <= 0, 0] = 1
    counts += (covered / covered.sum(axis=1, keepdims=True)).sum(axis=0)
    statistic = float(np.sum((counts - n / bins) ** 2) / (n / bins))
    shares = tuple(float(count) / n for count in counts)
    return DCalibration(statistic, float(chdtrc(bins - 1, statistic)), shares, n)
