"""How many patients an external validation needs, and how many events a model has to spend."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from radiome.base.errors import UserError
from radiome.model.discovery.explained_variation import check_positive, check_share
from radiome.model.discovery.patients_needed import Criterion, SampleSize

_DEVIATE = 1.96
#: Events, and patients without the event, below which a validation says little
#: (Vergouwe 2005; Collins 2016).
_RULE_OF_THUMB = 100


@dataclass(frozen=True, slots=True)
class ValidationSize:
    """Patients needed to validate a model of a binary outcome.

    Attributes
    ----------
    criteria : tuple of Criterion
        For observed over expected events, calibration slope, AUC, and the rule of thumb of
        100 patients with and 100 without the event.
    patients : int
        The greatest of them.
    events : int
        Expected events among so many patients.
    """

    criteria: tuple[Criterion, ...]
    patients: int
    events: int


def validation_sample_size(
    *,
    prevalence: float,
    auc: float,
    predictor: tuple[float, float] | None = None,
    ratio_width: float = 0.2,
    slope_width: float = 0.2,
    auc_width: float = 0.1,
) -> ValidationSize:
    """Return the patients that give 95 % intervals of the widths asked for (Riley et al. 2021).

    Parameters
    ----------
    prevalence : float
        Share of patients with the event.
    auc : float
        Expected AUC, above 0.5.
    predictor : tuple of float, optional
        Mean and standard deviation of a normal linear predictor (logit of the risk). By
        default it is normal with the same spread in patients with and without the event,
        as `auc` and `prevalence` imply.
    ratio_width, slope_width, auc_width : float
        Widths of the intervals of observed over expected events, calibration slope, AUC.

    Examples
    --------
    >>> size = validation_sample_size(prevalence=0.3, auc=0.75)
    >>> for item in size.criteria:
    ...     print(item.name, item.patients)
    observed over expected 900
    calibration slope 2853
    AUC 433
    100 of each 334
    """
    share = check_share(prevalence, "prevalence")
    if not 0.5 < auc < 1:
        raise UserError("an AUC makes no sense", expected="above 0.5 and below 1", got=str(auc))
    ratio_error = math.asinh(check_positive(ratio_width, "ratio_width") / 2) / _DEVIATE
    slope_error = check_positive(slope_width, "slope_width") / (2 * _DEVIATE)
    auc_error = check_positive(auc_width, "auc_width") / (2 * _DEVIATE)

    criteria = (
        Criterion("observed over expected", math.ceil((1 - share) / (share * ratio_error**2))),
        Criterion(
            "calibration slope",
            math.ceil(_slope_variance(share, auc, predictor) / slope_error**2),
        ),
        Criterion("AUC", _for_auc(share, auc, auc_error)),
        Criterion("100 of each", math.ceil(_RULE_OF_THUMB / min(share, 1 - share) - 1e-9)),
    )
    patients = max(item.patients for item in criteria)
    return ValidationSize(criteria, patients, math.ceil(share * patients - 1e-9))


def _for_auc(prevalence: float, auc: float, error: float) -> int:
    """Least n whose AUC has the standard error; Newcombe (2006), method 4, as Riley uses it.

    ``SE^2 = A (1-A) [1 + (n/2 - 1) ((1-A)/(2-A) + A/(1+A))] / (n^2 q (1-q))``
    """
    slope = (1 - auc) / (2 - auc) + auc / (1 + auc)
    scale = auc * (1 - auc) / (prevalence * (1 - prevalence))
    # error^2 n^2 - scale (slope / 2) n - scale (1 - slope) = 0
    linear, constant = scale * slope / 2, scale * (1 - slope)
    root = math.sqrt(linear**2 + 4 * error**2 * constant)
    return math.ceil((linear + root) / (2 * error**2))


def most_parameters(patients: int, needed: Callable[[int], SampleSize]) -> int:
    """Return the most candidate parameters for which `patients` are enough; 0 if none.

    Parameters
    ----------
    patients : int
        Patients at hand.
    needed : callable
        ``needed(parameters) -> SampleSize``.

    Examples
    --------
    >>> from radiome.model.discovery.explained_variation import r2_of_auc
    >>> from radiome.model.discovery.sample_size import binary_sample_size
    >>> r2 = r2_of_auc(0.75, 0.4)
    >>> most_parameters(100, lambda p: binary_sample_size(p, prevalence=0.4, r2=r2))
    0
    >>> most_parameters(400, lambda p: binary_sample_size(p, prevalence=0.4, r2=r2))
    8
    """
    if patients < 1:
        raise UserError("too few patients", expected="1 or more", got=str(patients))
    enough = 0
    while needed(enough + 1).patients <= patients:
        enough += 1
    return enough


def events_per_variable(events: int, variables: int) -> tuple[float, str]:
    """Return events per candidate variable and what that allows.

    Below 5 with more than one variable an unpenalised model is refused; below 10 its
    coefficients are unreliable. Penalised models need events too.

    Examples
    --------
    >>> events_per_variable(30, 1200)
    (0.025, 'too few for an unpenalised model')
    >>> events_per_variable(116, 10)
    (11.6, 'enough by the rule of ten')
    """
    if events < 1 or variables < 1:
        raise UserError(
            "events and variables are counts",
            expected="1 or more of each",
            got=f"{events} and {variables}",
        )
    ratio = events / variables
    if ratio >= 10:
        return ratio, "enough by the rule of ten"
    if ratio >= 5 or variables == 1:
        return ratio, "few: coefficients are unreliable"
    return ratio, "too few for an unpenalised model"


def _slope_variance(prevalence: float, auc: float, predictor: tuple[float, float] | None) -> float:
    """Variance of the calibration slope times the patients, from the expected information."""
    if predictor is None:
        apart = math.sqrt(2) * float(stats.norm.ppf(auc))
        start = math.log(prevalence / (1 - prevalence)) - apart**2 / 2
        parts = [(1 - prevalence, start, apart), (prevalence, start + apart**2, apart)]
    else:
        parts = [(1.0, predictor[0], check_positive(predictor[1], "predictor"))]
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    information = np.zeros(3)
    for share, mean, spread in parts:
        linear = mean + spread * nodes
        risk = 1 / (1 + np.exp(-linear))
        weight = share * weights / math.sqrt(2 * math.pi) * risk * (1 - risk)
        information += [weight.sum(), weight @ linear, weight @ linear**2]
    level, mixed, slope = information
    return float(level / (level * slope - mixed**2))
