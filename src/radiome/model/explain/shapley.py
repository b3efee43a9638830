"""Shapley values of clusters, by the package SHAP, for patients that the model never saw.

The players are clusters: all members are shown or hidden together. What is hidden is filled
from training rows as they are, whatever the shown ones say (interventional, or marginal,
values), not from rows that would go with them (conditional). So the values say what the model
computes from its inputs; among features that go together, they say nothing about causes.

For a score that is linear in the features the value of a group is Σ coefficient · (x − mean of
the training rows) over its members.

Source: Lundberg and Lee, NeurIPS 2017; Janzing, Minorics and Blöbaum, AISTATS 2020.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import UserError
from radiome.model.explain.fold_models import FoldModel
from radiome.model.explain.groups import Group, columns_of

Floats = NDArray[np.float64]

#: Training rows that hidden features are filled from.
BACKGROUND = 50

#: Up to so many players every coalition is looked at; with more, permutations are drawn.
EXACT_PLAYERS = 8

#: Permutations drawn for each row, each forwards and backwards.
ROUNDS = 10


def require_shap() -> Any:
    """The package SHAP.

    Raises
    ------
    UserError
        If it is not installed, with the extra that brings it.
    """
    try:
        with warnings.catch_warnings():
            # What it says of other packages while it is imported is no concern of the user.
            warnings.simplefilter("ignore")
            return import_module("shap")
    except ImportError as error:
        raise UserError(
            "SHAP values need a package that is not installed",
            where="report.shap",
            expected="the extra 'explain'",
            got=str(error),
            do="pip install radiome[explain], or set report.shap: false",
        ) from None


def shapley_values(
    score: Callable[[Floats], Floats],
    background: Floats,
    rows: Floats,
    players: Sequence[Sequence[int]],
    *,
    seed: int,
) -> Floats:
    """Interventional Shapley values of groups of columns.

    Parameters
    ----------
    score : callable
        Takes rows (a, q), gives scores (a,) or (a, k).
    background : float64 array (b, q)
        Rows that hidden columns are filled from.
    rows : float64 array (n, q)
        Rows to explain.
    players : sequence of g sequences of int
        Columns of each player, none empty; together all columns, each once.
    seed : int
        Of the permutations, where there are more than `EXACT_PLAYERS` players.

    Returns
    -------
    float64 array (n, g) or (n, g, k)
        They add up to the score of the row less the mean score of the background.
    """
    shap = require_shap()
    masker = _Hiding(background, rows, players)
    # Each row is given as its number, which the masker looks up.
    numbers = np.repeat(np.arange(len(rows), dtype=np.float64)[:, None], len(players), axis=1)
    with _own_random_state():
        if len(players) <= EXACT_PLAYERS:
            found = shap.explainers.Exact(score, masker)(numbers, silent=True)
        else:
            explainer = shap.explainers.Permutation(score, masker, seed=seed % 2**32)
            calls = ROUNDS * (2 * len(players) + 1)
            found = explainer(numbers, max_evals=calls, silent=True)
    return np.asarray(found.values, np.float64)


class _Hiding:
    """Rows with some players shown and the others filled from the background.

    Parameters are those of `shapley_values`.
    """

    def __init__(self, background: Floats, rows: Floats, players: Sequence[Sequence[int]]) -> None:
        self.shape = (len(background), len(players))
        self.background, self.rows = background, rows
        self.member = np.zeros((len(players), rows.shape[1]), np.bool_)
        for player, columns in enumerate(players):
            self.member[player, list(columns)] = True

    def __call__(self, shown: NDArray[np.bool_], number: Floats) -> tuple[Floats]:
        """The background (b, q), with the columns of the shown players (g,) of a row in it."""
        columns = self.member[shown].any(axis=0)
        return (np.where(columns, self.rows[int(number[0])], self.background),)


def fold_shapley(fold: FoldModel, groups: Sequence[Group]) -> Floats:
    """Mean absolute Shapley value (g,) of each group over the held-out patients of a fold.

    Lesions of a patient, and then the classes of several, are averaged first. A group of
    which nothing was selected has exactly 0.
    """
    columns = columns_of(groups, fold.model.selected)
    used = [place for place, own in enumerate(columns) if own]
    rng = np.random.default_rng(np.random.SeedSequence(fold.seed, spawn_key=(3,)))
    training = fold.model.inputs(fold.training)
    drawn = np.sort(rng.permutation(len(training))[:BACKGROUND])
    values = shapley_values(
        fold.score,
        training[drawn],
        fold.model.inputs(fold.held_out),
        [columns[place] for place in used],
        seed=fold.seed,
    )
    size = np.abs(values)
    if size.ndim == 3:
        size = size.mean(axis=2)
    mean = np.zeros(len(groups))
    mean[used] = fold.by_patient(size).mean(axis=0)
    return mean


@contextmanager
def _own_random_state() -> Iterator[None]:
    """Give NumPy's global state back as it was: the package seeds it."""
    state = np.random.get_state()
    try:
        yield
    finally:
        np.random.set_state(state)
