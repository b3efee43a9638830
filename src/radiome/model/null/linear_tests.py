"""Tests of features that are linear in the scores of the outcome.

The rank-sum test, Spearman's correlation and the score test of Cox's model are all
``z = sum(x_i a_i) / sd``: `x` are values or ranks of the feature, `a` scores of the
outcome, and `sd` is the standard deviation over permutations, which no permutation
changes. All features and permutations are then one product of two matrices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from radiome.base.counting import counted
from radiome.base.errors import SettingsError, UserError
from radiome.model.null.scheme import PermutationScheme, Places, permutation_scheme
from radiome.model.null.scores import (
    binary_outcome,
    finite_vector,
    log_rank_scores,
    survival_outcome,
)

Floats = NDArray[np.float64]
Kind = Literal["binary", "continuous", "survival"]
Outcome = ArrayLike | tuple[ArrayLike, ArrayLike]


@dataclass(frozen=True, slots=True, eq=False)
class LinearTests:
    """Features and outcome, ready for ``z = scores[order] @ loadings``.

    Attributes
    ----------
    names : tuple of str
        All features.
    tested : array of bool, shape (features,)
        Which are in `loadings`.
    not_tested : dict of str to str
        Why the others are not.
    loadings : array of float, shape (units, tested features)
        Centred within strata and divided by the standard deviation over permutations.
    scores : array of float, shape (units,)
        Of the outcome, centred within strata.
    effect : array of float, shape (tested features,)
        AUC, Spearman's correlation or log hazard ratio.
    scheme : PermutationScheme
        Allowed permutations of the units.
    """

    names: tuple[str, ...]
    tested: NDArray[np.bool_]
    not_tested: dict[str, str]
    loadings: Floats
    scores: Floats
    effect: Floats
    scheme: PermutationScheme

    def spread(self, values: Floats) -> Floats:
        """Return values of the tested features in the places of all, NaN elsewhere."""
        spread = np.full(self.tested.size, np.nan)
        spread[self.tested] = values
        return spread


def linear_tests(
    features: ArrayLike,
    outcome: Outcome,
    kind: Kind,
    *,
    names: tuple[str, ...] | None = None,
    strata: ArrayLike | None = None,
    groups: ArrayLike | None = None,
) -> LinearTests:
    """Prepare the tests; parameters as in `radiome.model.null.max_t.max_t`."""
    table, named = _checked_features(features, names)
    columns = _outcome_columns(outcome, kind, table.shape[0])
    scheme = permutation_scheme(table.shape[0], strata=strata, groups=groups)
    for name, column in columns.items():
        scheme.check_constant_within_units(column, name)
    table = _mean_of_units(table, scheme)
    columns = {name: column[scheme.unit_row] for name, column in columns.items()}
    strata_rows = [
        np.flatnonzero(scheme.unit_stratum == label) for label in np.unique(scheme.unit_stratum)
    ]
    scores = _scores(columns, kind, strata_rows)
    informative = [rows for rows in strata_rows if np.ptp(scores[rows]) > 0]
    if not informative:
        raise UserError(
            "the outcome is the same for all patients of every stratum",
            expected="a stratum with different outcomes",
            do="merge strata, or leave them out; outcome and stratum cannot be told apart",
        )
    values = table if kind == "survival" else _ranks_within(table, strata_rows)
    tested = np.any([np.ptp(values[rows], axis=0) > 0 for rows in informative], axis=0)
    if not tested.any():
        raise UserError(
            "no feature can be tested",
            expected="a feature that varies among patients with different outcomes",
            got=f"{counted(tested.size, 'feature')} all the same",
        )
    values = values[:, tested]
    loadings, deviation = _standardised(values, scores, informative)
    reason = "its values are all the same" + (
        " wherever outcomes differ" if strata is not None else ""
    )
    return LinearTests(
        names=named,
        tested=tested,
        not_tested={named[place]: reason for place in np.flatnonzero(~tested)},
        loadings=loadings,
        scores=scores,
        effect=_effect(kind, values, scores, loadings, deviation, informative),
        scheme=scheme,
    )


def _checked_features(
    features: ArrayLike, names: tuple[str, ...] | None
) -> tuple[Floats, tuple[str, ...]]:
    table = np.asarray(features, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] == 0:
        raise UserError(
            "the features are not a table",
            expected="an array of rows and features",
            got=f"an array of shape {table.shape}",
        )
    named = tuple(str(place) for place in range(table.shape[1])) if names is None else names
    if len(named) != table.shape[1] or len(set(named)) != len(named):
        raise UserError(
            "the names do not fit the features",
            expected=f"{table.shape[1]} different names",
            got=f"{len(set(named))} different of {len(named)}",
        )
    faulty = np.flatnonzero(~np.isfinite(table).all(axis=0))
    if faulty.size:
        raise UserError(
            f"{counted(faulty.size, 'feature has', 'features have')} missing or infinite values",
            where=", ".join(named[place] for place in faulty[:5]),
            expected="a finite value in every row",
            do="leave those features or rows out, or impute them",
        )
    return table, named


def _outcome_columns(outcome: Outcome, kind: Kind, rows: int) -> dict[str, Floats]:
    if kind == "survival":
        if not isinstance(outcome, tuple) or len(outcome) != 2:
            raise UserError("survival needs two columns", expected="outcome=(time, event)")
        time, event = survival_outcome(*outcome)
        columns = {"time": time, "event": event}
    elif kind == "binary":
        columns = {"outcome": binary_outcome(cast(ArrayLike, outcome))}
    elif kind == "continuous":
        columns = {"outcome": finite_vector(cast(ArrayLike, outcome), "outcome")}
    else:
        raise SettingsError(
            "unknown kind of outcome",
            expected="binary, continuous or survival",
            got=str(kind),
        )
    for name, column in columns.items():
        if column.size != rows:
            raise UserError(
                f"'{name}' does not fit the table", expected=f"{rows} rows", got=str(column.size)
            )
    return columns


def _mean_of_units(table: Floats, scheme: PermutationScheme) -> Floats:
    """Average the rows of each patient: the patient is the unit of analysis."""
    if scheme.units == scheme.rows:
        return table[scheme.unit_row]
    sums = np.zeros((scheme.units, table.shape[1]))
    np.add.at(sums, scheme.row_unit, table)
    return sums / np.bincount(scheme.row_unit)[:, np.newaxis]


def _scores(columns: dict[str, Floats], kind: Kind, strata_rows: list[Places]) -> Floats:
    """Scores of the outcome within strata, centred there."""
    scores = np.zeros(next(iter(columns.values())).size)
    for rows in strata_rows:
        if kind == "survival":
            time, event = columns["time"][rows], columns["event"][rows]
            # A stratum without events has no one to compare.
            found = log_rank_scores(time, event) if event.any() else np.zeros(rows.size)
        elif kind == "continuous":
            found = rankdata(columns["outcome"][rows]) / (rows.size + 1)
        else:
            found = columns["outcome"][rows]
        scores[rows] = found - found.mean()
    return scores


def _ranks_within(table: Floats, strata_rows: list[Places]) -> Floats:
    """Ranks within strata divided by size plus one: van Elteren's weights."""
    ranks = np.empty_like(table)
    for rows in strata_rows:
        ranks[rows] = rankdata(table[rows], axis=0) / (rows.size + 1)
    return ranks


def _standardised(
    values: Floats, scores: Floats, strata_rows: list[Places]
) -> tuple[Floats, Floats]:
    """Values centred within strata over the standard deviation of ``sum(x a)``, and the latter."""
    centred = np.zeros_like(values)
    variance = np.zeros(values.shape[1])
    for rows in strata_rows:
        centred[rows] = values[rows] - values[rows].mean(axis=0)
        spread = (centred[rows] ** 2).sum(axis=0)
        variance += spread * (scores[rows] ** 2).sum() / (rows.size - 1)
    deviation = np.sqrt(variance)
    return centred / deviation, deviation


def _effect(
    kind: Kind,
    values: Floats,
    scores: Floats,
    loadings: Floats,
    deviation: Floats,
    strata_rows: list[Places],
) -> Floats:
    statistic = scores @ loadings
    if kind == "survival":
        effect: Floats = statistic / deviation
        return effect
    if kind == "continuous":
        centred = loadings * deviation
        size = np.sqrt((scores**2).sum() * (centred**2).sum(axis=0))
        correlation: Floats = statistic * deviation / size
        return correlation
    return _area_under_curve(values, scores, strata_rows)


def _area_under_curve(ranks: Floats, scores: Floats, strata_rows: list[Places]) -> Floats:
    """Share of pairs of a case and a control of one stratum in which the case has more."""
    wins, pairs = np.zeros(ranks.shape[1]), 0
    for rows in strata_rows:
        cases = rows[scores[rows] > 0]
        number = cases.size
        wins += ranks[cases].sum(axis=0) * (rows.size + 1) - number * (number + 1) / 2
        pairs += number * (rows.size - number)
    area: Floats = wins / pairs
    return area
