"""How much of the batch the features still carry, before and after harmonisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2, false_discovery_control, rankdata
from sklearn.base import clone
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from radiome.base.errors import UserError
from radiome.harmonise.batch_model import batch_codes, ordered_labels
from radiome.harmonise.column_roles import as_frame, batch_labels, feature_values, find_roles
from radiome.harmonise.combat import ComBat
from radiome.harmonise.discrimination import AreaUnderCurve, area_under_curve
from radiome.harmonise.verdicts import Check, judged

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

_SIGNIFICANCE = 0.05
_MOST_COMPONENTS = 10


@dataclass(frozen=True, slots=True)
class BatchEffect:
    """Traces of the batch in a table of features.

    Parameters
    ----------
    area : AreaUnderCurve or None
        Cross-validated prediction of the batch by a linear classifier, one batch against the
        rest; 0.5 is chance. None when a batch has a single case.
    area_with_squares : AreaUnderCurve or None
        The same from the standardised features and their squares: batches of equal mean and
        unequal spread are told apart too.
    share_of_features : float or None
        Share of the features that differ between batches: Kruskal-Wallis test, false discovery
        rate 5 % (Benjamini-Hochberg). None when no feature could be tested.
    component_share : float or None
        Share of the variance of the first principal components (10 at most) that lies between
        batches. None when no feature is complete and varies.
    chance_share : float
        What the latter would be by chance: (batches - 1) / (cases - 1).
    """

    area: AreaUnderCurve | None
    area_with_squares: AreaUnderCurve | None
    share_of_features: float | None
    component_share: float | None
    chance_share: float


@dataclass(frozen=True, slots=True)
class BatchEffectReport:
    """The batch effect before and after harmonisation.

    Parameters
    ----------
    before, after : BatchEffect
        The areas of `after` come from a harmonisation fitted in each training fold; its shares
        come from one fitted on all rows, which makes them optimistic.
    """

    before: BatchEffect
    after: BatchEffect

    @property
    def checks(self) -> tuple[Check, Check]:
        """Whether location, and then spread, still give the batch away.

        PASS when the lower limit of the area is at most 0.5. Left-over spread only warns: the
        shrinkage of ComBat leaves some on purpose.
        """
        return (
            _removed("batch_effect_removed", self.after.area, blocking=True),
            _removed("batch_spread_removed", self.after.area_with_squares, blocking=False),
        )


def measure_batch_effect(
    X: Any, combat: ComBat, *, folds: int = 5, repeats: int = 3, seed: int = 0
) -> BatchEffectReport:
    """Compare features before and after the harmonisation that `combat` describes.

    Parameters
    ----------
    X : DataFrame or array
        Table with features, batch and covariates, as `combat.fit` takes it.
    combat : ComBat
        Unfitted or fitted; copies of it are fitted here.
    folds, repeats, seed : int
        Repeated cross-validation of ridge logistic regression, stratified by batch.
    """
    frame = as_frame(X)
    roles = find_roles(
        frame,
        batch=combat.batch,
        covariates=combat.covariates,
        categorical=combat.categorical,
        outcomes=combat.outcomes,
    )
    labels = batch_labels(frame, roles)
    batches = ordered_labels(labels)
    if len(batches) < 2:
        raise UserError("a single batch has no batch effect", expected="two batches or more")
    codes = batch_codes(labels, batches)
    raw = feature_values(frame, roles)
    splits = _splits(codes, folds, repeats, seed)
    before, after = np.full((2, 2, repeats, len(codes), len(batches)), np.nan)
    fold_of = np.zeros((repeats, len(codes)), dtype=np.intp)
    for place, (repeat, train, test) in enumerate(splits):
        fold_of[repeat, test] = place
        fitted = clone(combat).fit(frame.iloc[train])
        tables = fitted.transform(frame.iloc[train]), fitted.transform(frame.iloc[test])
        before[:, repeat, test] = _scores(raw[train], raw[test], codes[train])
        after[:, repeat, test] = _scores(*tables, codes[train])
    harmonised = clone(combat).fit(frame).transform(frame)
    areas: list[list[AreaUnderCurve | None]] = [[None, None], [None, None]]
    if splits:
        areas = [
            [area_under_curve(codes, part, fold_of) for part in scores]
            for scores in (before, after)
        ]
    return BatchEffectReport(_effect(raw, codes, areas[0]), _effect(harmonised, codes, areas[1]))


def differing_share(values: Floats, codes: Codes) -> float | None:
    """Share of features that differ between batches at a false discovery rate of 5 %."""
    probabilities = kruskal_wallis(values, codes)
    tested = probabilities[~np.isnan(probabilities)]
    if tested.size == 0:
        return None
    return float((false_discovery_control(tested) <= _SIGNIFICANCE).mean())


def kruskal_wallis(values: Floats, codes: Codes) -> Floats:
    """Probability of the Kruskal-Wallis test per feature, all features at once.

    H = 12/(n(n+1)) Σ R_b²/n_b - 3(n+1), divided by 1 - Σ(t³-t)/(n³-n) for ties t.

    Parameters
    ----------
    values : array, shape (cases, features)
        NaN is left out.
    codes : array of int, shape (cases,)
        Batch of each case.

    Returns
    -------
    array, shape (features,)
        NaN where fewer than two batches have values or all values are equal.
    """
    observed = ~np.isnan(values)
    n = observed.sum(axis=0).astype(np.float64)
    # Missing values rank last, so that the observed ones rank among themselves.
    ranks = rankdata(np.where(observed, values, np.inf), axis=0)
    squares, batches = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    for batch in range(int(codes.max()) + 1):
        rows = codes == batch
        size = observed[rows].sum(axis=0)
        total = np.where(observed[rows], ranks[rows], 0.0).sum(axis=0)
        squares += np.divide(total**2, size, out=np.zeros_like(squares), where=size > 0)
        batches += size > 0
    # n² - 1 times n/12 is the sum of squared deviations of untied ranks: ties lower it.
    spread = (np.where(observed, ranks - (n + 1) / 2, 0.0) ** 2).sum(axis=0)
    usable = (spread > 0) & (batches > 1)
    between = squares - n * (n + 1) ** 2 / 4
    statistic = np.divide((n - 1) * between, spread, out=np.full_like(n, np.nan), where=usable)
    return np.asarray(chi2.sf(statistic, np.maximum(batches - 1, 1)), dtype=np.float64)


def between_batch_share(values: Floats, codes: Codes) -> float | None:
    """Share of the variance of the first principal components that lies between batches."""
    complete = ~np.isnan(values).any(axis=0)
    part = values[:, complete]
    part = part[:, np.ptp(part, axis=0) > 0]
    if part.shape[1] == 0:
        return None
    z = (part - part.mean(axis=0)) / part.std(axis=0)
    left, singular, _ = np.linalg.svd(z, full_matrices=False)
    components = (left * singular)[:, :_MOST_COMPONENTS]
    total = (components**2).sum()
    between = sum(
        (codes == batch).sum() * (components[codes == batch].mean(axis=0) ** 2).sum()
        for batch in range(int(codes.max()) + 1)
    )
    return float(between / total)


def _removed(name: str, area: AreaUnderCurve | None, *, blocking: bool) -> Check:
    if area is None:
        return Check(name, "UNKNOWN", blocking, "a batch has a single case")
    evidence = f"area under the curve of the batch {area}, lower limit at most 0.5"
    return judged(name, area.lower <= 0.5, blocking, evidence, area.value)


def _effect(values: Floats, codes: Codes, areas: Sequence[AreaUnderCurve | None]) -> BatchEffect:
    linear, squared = areas
    chance = int(codes.max()) / (len(codes) - 1)
    share, component_share = differing_share(values, codes), between_batch_share(values, codes)
    return BatchEffect(linear, squared, share, component_share, chance)


def _splits(codes: Codes, folds: int, repeats: int, seed: int) -> list[tuple[int, Codes, Codes]]:
    folds = min(folds, int(np.bincount(codes).min()))
    if folds < 2:
        return []
    return [
        (repeat, train, test)
        for repeat in range(repeats)
        for train, test in StratifiedKFold(folds, shuffle=True, random_state=seed + repeat).split(
            codes, codes
        )
    ]


def _scores(train: Floats, test: Floats, codes: Codes) -> Floats:
    """Probabilities of the batches for the test rows, linear and with squares."""
    scaler = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler()).fit(train)
    one, other = scaler.transform(train), scaler.transform(test)
    scores = []
    for learn, apply in ((one, other), (_with_squares(one), _with_squares(other))):
        classifier = LogisticRegression(C=0.1, max_iter=5000).fit(learn, codes)
        scores.append(classifier.predict_proba(apply))
    return np.stack(scores)


def _with_squares(values: Floats) -> Floats:
    return np.hstack([values, values**2])
