"""Westfall and Young's max-T: p-values of many features, corrected for all of them at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radiome.base.errors import SettingsError
from radiome.model.null.linear_tests import Kind, LinearTests, linear_tests
from radiome.model.null.scheme import permutation_rng

Floats = NDArray[np.float64]

#: Statistics held at once, features times permutations: 64 MB.
_BLOCK = 8_000_000


@dataclass(frozen=True, slots=True, eq=False)
class MaxT:
    """P-values of features, raw and corrected for the whole family.

    All arrays of features have shape (features,) and NaN where a feature was not tested;
    `not_tested` says why.

    Attributes
    ----------
    names : tuple of str
        Names of the features.
    statistic : array of float
        Standardised statistic z; positive if the feature grows with the outcome (with the
        hazard, for survival).
    effect : array of float
        AUC, Spearman's correlation, or log hazard ratio per unit in one step from zero.
    p : array of float
        Two-sided permutation p of each feature alone.
    p_single_step, p_step_down : array of float
        Corrected so that the chance of one or more false positives is below the level.
    null_maximum : array of float, shape (permutations,)
        Greatest absolute z of all features in each permutation.
    not_tested : dict of str to str
        Features left out, and why.
    """

    names: tuple[str, ...]
    statistic: Floats
    effect: Floats
    p: Floats
    p_single_step: Floats
    p_step_down: Floats
    null_maximum: Floats
    not_tested: dict[str, str]

    def as_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary per feature, None where it was not tested."""
        columns = ("statistic", "effect", "p", "p_single_step", "p_step_down")
        rows = []
        for place, name in enumerate(self.names):
            tested = name not in self.not_tested
            values = {
                column: float(getattr(self, column)[place]) if tested else None
                for column in columns
            }
            rows.append({"feature": name, **values, "not_tested": self.not_tested.get(name)})
        return rows


def max_t(
    features: ArrayLike,
    outcome: ArrayLike | tuple[ArrayLike, ArrayLike],
    kind: Kind,
    *,
    names: tuple[str, ...] | None = None,
    strata: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    permutations: int = 999,
    seed: int = 0,
) -> MaxT:
    """Test every feature against the outcome, with all features permuted together.

    Permuting the outcome keeps the correlation of the features, which Bonferroni ignores.
    With M_b the greatest |z| of all features in permutation b, the single-step p of
    feature j is ``(1 + #{M_b >= |z_j|}) / (1 + B)``. The step-down p compares feature j
    only with the features whose size of z is not greater, and gains power at no cost
    (Westfall and Young 1993, algorithm 4.1; Ge, Dudoit and Speed 2003, box 2).

    Parameters
    ----------
    features : array of float, shape (rows, features)
        Feature values without gaps.
    outcome : array, shape (rows,), or pair of arrays
        0/1 for "binary", numbers for "continuous", ``(time, event)`` for "survival".
    kind : {"binary", "continuous", "survival"}
        Rank-sum test, Spearman's correlation, or score test of Cox's model.
    names : tuple of str, optional
        Names of the features; by default their positions.
    strata : array, shape (rows,), optional
        Such as the site: ranks and permutations stay within a stratum.
    groups : array, shape (rows,), optional
        Patient of each row. A patient counts once, with the mean of its rows.
    permutations, seed : int
        How many, and from which seed; permutation b is drawn from child b.

    Returns
    -------
    MaxT

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> outcome = np.repeat([0, 1], 20)
    >>> features = rng.normal(size=(40, 50))
    >>> features[:, 3] += 2 * outcome
    >>> result = max_t(features, outcome, "binary", permutations=199)
    >>> int(result.p_step_down.argmin()), float(result.p_step_down.min())
    (3, 0.005)
    """
    if permutations < 1:
        raise SettingsError("too few permutations", expected="1 or more", got=str(permutations))
    tests = linear_tests(features, outcome, kind, names=names, strata=strata, groups=groups)
    observed = tests.scores @ tests.loadings
    null = _Null(np.abs(observed))
    for block in _permuted_scores(tests, permutations, seed):
        null.add(block @ tests.loadings)
    raw, single, down = ((1 + count) / (1 + permutations) for count in null.counts())
    return MaxT(
        names=tests.names,
        statistic=tests.spread(observed),
        effect=tests.spread(tests.effect),
        p=tests.spread(raw),
        p_single_step=tests.spread(single),
        p_step_down=tests.spread(down),
        null_maximum=np.concatenate(null.maxima),
        not_tested=tests.not_tested,
    )


class _Null:
    """Counts of exceedances over blocks of permutations."""

    def __init__(self, observed: Floats) -> None:
        # Equal statistics summed in another order differ in the last bits: still ties.
        self._level = observed - 1e-9
        self._order = np.argsort(observed, kind="stable")
        self._alone = np.zeros(observed.size)
        self._single = np.zeros(observed.size)
        self._down = np.zeros(observed.size)
        self.maxima: list[Floats] = []

    def add(self, statistics: Floats) -> None:
        """Count a block of null statistics, shape (permutations, features)."""
        size = np.abs(statistics)
        self._alone += (size >= self._level).sum(axis=0)
        # From the least feature up, the maximum over it and all lesser ones.
        running = np.maximum.accumulate(size[:, self._order], axis=1)
        largest = running[:, -1]
        self._down[self._order] += (running >= self._level[self._order]).sum(axis=0)
        ranked = np.sort(largest)
        self._single += ranked.size - np.searchsorted(ranked, self._level, side="left")
        self.maxima.append(largest)

    def counts(self) -> tuple[Floats, Floats, Floats]:
        """Return exceedances: of each feature alone, single-step, step-down."""
        # A lesser feature may not end with a smaller p than a greater one.
        descending = self._order[::-1]
        down = np.empty_like(self._down)
        down[descending] = np.maximum.accumulate(self._down[descending])
        return self._alone, self._single, down


def _permuted_scores(tests: LinearTests, permutations: int, seed: int) -> Iterator[Floats]:
    per_block = max(1, _BLOCK // tests.loadings.shape[1])
    for start in range(1, permutations + 1, per_block):
        indices = range(start, min(start + per_block, permutations + 1))
        orders = [tests.scheme.draw_units(permutation_rng(seed, index)) for index in indices]
        yield tests.scores[np.array(orders)]
