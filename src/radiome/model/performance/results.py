"""What a statistic gives back: an estimate with its interval, or the reason for none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from radiome.base.errors import UserError
from radiome.base.values import NotApplicable

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


class UndefinedStatisticError(UserError):
    """A statistic that is not defined for sound input, such as an AUC with one class."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A statistic with its confidence interval.

    Parameters
    ----------
    value : float
        The estimate.
    lower, upper : float or None
        Limits of the interval; None where the method gives none, and `note` says why.
    method : str
        How the interval was made.
    n : int
        Number of rows used.
    level : float
        Confidence level of the interval.
    standard_error : float or None
        Standard error on the scale of `value`, where the method has one.
    note : str or None
        A reservation that belongs beside the figure.
    """

    value: float
    lower: float | None
    upper: float | None
    method: str
    n: int
    level: float = 0.95
    standard_error: float | None = None
    note: str | None = None


def attempt(
    function: Callable[Arguments, Answer],
    /,
    *arguments: Arguments.args,
    **options: Arguments.kwargs,
) -> Answer | NotApplicable:
    """Call a statistic; where it is undefined, give the reason instead of raising.

    Input that cannot be used still raises.

    Examples
    --------
    >>> from radiome.model.performance.discrimination import auc
    >>> attempt(auc, [1, 1], [0.2, 0.7])
    NotApplicable(reason='the outcome has a single class')
    """
    try:
        return function(*arguments, **options)
    except UndefinedStatisticError as undefined:
        return NotApplicable(undefined.what)
