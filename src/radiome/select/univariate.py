"""Select features one by one: by their test against the outcome."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pydantic import Field

from radiome.base.errors import SettingsError
from radiome.select.contract import Choice, FeatureSelector, SelectorOptions, best_first
from radiome.select.multiplicity import Method, adjust
from radiome.select.outcome_values import OutcomeValues
from radiome.select.univariate_tests import univariate_tests

Floats = npt.NDArray[np.float64]


class UnivariateSelector(FeatureSelector):
    """Keep the strongest features, or those that pass a correction for many tests.

    Parameters
    ----------
    top : int, optional
        Keep at most so many, the strongest.
    correction : {"bonferroni", "holm", "bh", "by", "storey"}, optional
        Keep only features whose adjusted p-value is at most `alpha`. With neither `top` nor
        `correction` it is "bh".
    alpha : float
        Level of the correction.
    outcome : str
        Type of the outcome; "auto" reads it from y.

    Attributes
    ----------
    test_ : str
        The test; see `radiome.select.univariate_tests`.
    effects_, pvalues_, adjusted_ : arrays of float, shape (features,)
        Effect size, p-value and adjusted p-value (p itself without a correction).
    support_, scores_, ranking_, excluded_
        As of every selector; scores are the statistics of the tests.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> values = rng.normal(size=(60, 100))
    >>> outcome = (values[:, 7] + rng.normal(size=60) > 0).astype(int)
    >>> UnivariateSelector(correction="bh").fit(values, outcome).get_support(indices=True)
    array([7])
    """

    def __init__(
        self,
        top: int | None = None,
        *,
        correction: Method | None = None,
        alpha: float = 0.05,
        outcome: str = "auto",
    ) -> None:
        self.top = top
        self.correction = correction
        self.alpha = alpha
        self.outcome = outcome

    def _choose(self, values: Floats, outcome: OutcomeValues) -> Choice:
        if self.top is not None and self.top < 1:
            raise SettingsError(
                "nothing would be kept", expected="top of 1 or more", got=str(self.top)
            )
        tests = univariate_tests(values, outcome)
        correction = self.correction or (None if self.top is not None else "bh")
        adjusted = adjust(tests.pvalue, correction) if correction else tests.pvalue
        order = best_first(tests.statistic)
        passed = np.isfinite(tests.statistic)
        if correction:
            passed &= np.nan_to_num(adjusted, nan=np.inf) <= self.alpha
        selected = np.zeros(order.size, dtype=np.bool_)
        selected[order[passed[order]][: self.top]] = True
        self.test_ = tests.name
        self.effects_ = self._spread(tests.effect, fill=np.nan)
        self.pvalues_ = self._spread(tests.pvalue, fill=np.nan)
        self.adjusted_ = self._spread(adjusted, fill=np.nan)
        undefined = np.flatnonzero(np.isnan(tests.statistic)).tolist()
        reasons = dict.fromkeys(undefined, "constant among the patients at risk at every event")
        return Choice(selected, tests.statistic, order, reasons)


class UnivariateOptions(SelectorOptions):
    """Options of `UnivariateSelector`."""

    top: int | None = Field(default=None, ge=1, description="Keep at most so many.")
    correction: Method | None = Field(
        default=None, description="Correction for many tests; bh if there is no top."
    )
    alpha: float = Field(default=0.05, gt=0, lt=1, description="Level of the correction.")

    def build(self, *, outcome: str, seed: int) -> UnivariateSelector:
        """The selector; nothing is drawn."""
        return UnivariateSelector(**self.model_dump(), outcome=outcome)
