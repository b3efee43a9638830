"""Checks of a batch against the outcome."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.model_selection import StratifiedKFold

from radiome.base.errors import UserError
from radiome.harmonise.association import contingency, corrected_cramers_v
from radiome.harmonise.discrimination import AreaUnderCurve, area_under_curve
from radiome.harmonise.verdicts import Check, judged

Codes = npt.NDArray[np.intp]

#: Bias-corrected Cramér's V of batch and outcome above which they are confounded.
LARGEST_ASSOCIATION = 0.3
_MOST_CLASSES = 20


@dataclass(frozen=True, slots=True)
class Resampling:
    """Repeated stratified cross-validation.

    Parameters
    ----------
    folds, repeats, seed : int
        Folds per repeat, repeats, and the seed of the first.
    """

    folds: int = 5
    repeats: int = 10
    seed: int = 0


def outcome_from_batch(batch_codes: Codes, classes: Codes, how: Resampling) -> AreaUnderCurve:
    """Area under the curve of the outcome predicted by the training share of each batch.

    Shares are pulled towards the overall share by the weight of one case, so that a batch that
    a fold lacks predicts the overall share.
    """
    n_batches, n_classes = int(batch_codes.max()) + 1, int(classes.max()) + 1
    scores = np.empty((how.repeats, len(classes), n_classes))
    fold_of = np.empty((how.repeats, len(classes)), dtype=np.intp)
    folds = min(how.folds, int(np.bincount(classes).min()))
    for repeat in range(how.repeats):
        splitter = StratifiedKFold(folds, shuffle=True, random_state=how.seed + repeat)
        for fold, (train, test) in enumerate(splitter.split(classes, classes)):
            counts = np.zeros((n_batches, n_classes))
            np.add.at(counts, (batch_codes[train], classes[train]), 1)
            overall_share = counts.sum(axis=0) / len(train)
            shares = (counts + overall_share) / (counts.sum(axis=1, keepdims=True) + 1)
            scores[repeat, test], fold_of[repeat, test] = shares[batch_codes[test]], fold
    return area_under_curve(classes, scores, fold_of)


def outcome_checks(
    codes: Codes,
    batches: Sequence[Hashable],
    outcome: pd.Series[Any] | None,
    *,
    preserved: bool,
    how: Resampling,
) -> list[Check]:
    """Empty cells and association of batch and outcome; cases without outcome are left out."""
    names = ("outcome_from_batch_cramers_v", "outcome_from_batch_auc")
    if outcome is None:
        return [Check(name, "UNKNOWN", True, "no outcome was given") for name in names]
    known = outcome.notna().to_numpy()
    missing = int((~known).sum())
    evidence = f"outcome missing for {missing} of {len(known)} cases"
    checks = [Check("outcome_known", "UNKNOWN" if missing else "PASS", False, evidence, missing)]
    classes, levels = pd.factorize(outcome[known])
    if len(levels) < 2:
        reason = f"{len(levels)} class of outcome"
        return checks + [Check(name, "UNKNOWN", True, reason) for name in names]
    _refuse_many_classes(len(levels))
    inside = codes[known]
    counts = contingency(inside, classes)
    checks.append(
        _empty_cells(np.pad(counts, ((0, len(batches) - len(counts)), (0, 0))), preserved)
    )
    checks.append(_association(names[0], counts))
    checks.append(_area(names[1], inside, classes, how))
    return checks


def cell_counts(
    codes: Codes, batches: Sequence[Hashable], outcome: pd.Series[Any] | None
) -> tuple[tuple[Hashable, Hashable, int], ...]:
    """Cases per batch and class of outcome, empty cells included."""
    if outcome is None:
        sizes = np.bincount(codes)
        return tuple((batch, None, int(size)) for batch, size in zip(batches, sizes, strict=True))
    levels = outcome.dropna().unique().tolist()
    return tuple(
        (batch, level, int(((codes == place) & (outcome == level).to_numpy()).sum()))
        for place, batch in enumerate(batches)
        for level in levels
    )


def _refuse_many_classes(count: int) -> None:
    if count > _MOST_CLASSES:
        raise UserError(
            "the outcome has too many classes to compare with batches",
            expected=f"at most {_MOST_CLASSES}",
            got=str(count),
            do="give classes; for survival the event, for a continuous outcome a grouping "
            "that was fixed beforehand",
        )


def _empty_cells(counts: npt.NDArray[np.int64], preserved: bool) -> Check:
    empty = int((counts == 0).sum())
    evidence = f"{empty} of {counts.size} cells of batch by outcome class are empty"
    return judged("empty_cells", empty == 0, preserved, evidence, empty)


def _association(name: str, counts: npt.NDArray[np.int64]) -> Check:
    v = corrected_cramers_v(counts)
    if v is None:
        return Check(name, "UNKNOWN", True, "one batch alone has cases with a known outcome")
    evidence = f"bias-corrected Cramér's V {v:.2f}, at most {LARGEST_ASSOCIATION}"
    return judged(name, v <= LARGEST_ASSOCIATION, True, evidence, v)


def _area(name: str, codes: Codes, classes: Codes, how: Resampling) -> Check:
    fewest = int(np.bincount(classes).min())
    if fewest < 2:
        return Check(name, "UNKNOWN", True, "a class of outcome has a single case")
    area = outcome_from_batch(codes, classes, how)
    evidence = f"area under the curve {area}, lower limit at most 0.5"
    return judged(name, area.lower <= 0.5, True, evidence, area.value)
