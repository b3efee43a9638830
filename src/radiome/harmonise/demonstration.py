"""What ComBat does to a model when the batch goes with the outcome: a simulation.

Under confounding, raw features predict the outcome through the scanner, ComBat without
covariates removes true signal and turns the prediction round, and ComBat that preserves the
outcome makes performance from noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from radiome.harmonise.combat import ComBat

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

CASES, FEATURES, INFORMATIVE = 100, 50, 5
#: Standard deviations of the batch shift and of the logarithm of the batch scale.
BATCH_SHIFT, BATCH_SPREAD = 2.0, 0.3


@dataclass(frozen=True, slots=True)
class Demonstration:
    """Mean areas under the ROC curve over simulated cohorts.

    Parameters
    ----------
    signal : float
        Shift of the informative features between outcome classes, in standard deviations.
    prevalence : tuple of float
        Share of positive outcomes in each of the two batches.
    raw, without_covariate, preserving_outcome : float
        Features as they are; after ComBat without covariates; after ComBat that preserves the
        outcome. Both were fitted on all rows, as is often done.
    """

    signal: float
    prevalence: tuple[float, float]
    raw: float
    without_covariate: float
    preserving_outcome: float


def simulate_cohort(
    signal: float, prevalence: tuple[float, float], rng: np.random.Generator
) -> tuple[Floats, Labels, Labels]:
    """Features (100, 50), outcome and batch of two batches of 50 cases.

    Where the prevalence gives half a case, the count moves away from one half: 85 % of 50 is
    43 and 15 % is 7, so that half of all cases stay positive.
    """
    half = CASES // 2
    batch = np.repeat([0, 1], half)
    counts = [np.ceil(half * p) if p > 0.5 else np.floor(half * p) for p in prevalence]
    outcome = np.concatenate([rng.permutation(np.arange(half) < count) for count in counts]).astype(
        np.int64
    )
    features = rng.normal(size=(CASES, FEATURES))
    features[:, :INFORMATIVE] += signal * outcome[:, None]
    shift = rng.normal(0, BATCH_SHIFT, FEATURES)
    scale = np.exp(rng.normal(0, BATCH_SPREAD, FEATURES))
    features[batch == 1] = features[batch == 1] * scale + shift
    return features, outcome, batch


def demonstrate(
    signal: float, prevalence: tuple[float, float], *, repeats: int = 30, seed: int = 0
) -> Demonstration:
    """Mean area of five-fold ridge logistic regression over simulated cohorts.

    Parameters
    ----------
    signal : float
        0 for an outcome that has nothing to do with the features.
    prevalence : tuple of float
        Of the two batches; (0.5, 0.5) is balanced, (0.85, 0.15) confounded.
    repeats, seed : int
        Number of cohorts, and the seed that theirs are spawned from.
    """
    areas = []
    for sequence in np.random.SeedSequence(seed).spawn(repeats):
        rng = np.random.default_rng(sequence)
        features, outcome, batch = simulate_cohort(signal, prevalence, rng)
        table = np.column_stack([features, batch, outcome])
        plain = ComBat(batch=FEATURES).fit_transform(table[:, :-1])
        preserving = ComBat(
            batch=FEATURES,
            covariates=(FEATURES + 1,),
            outcomes=(FEATURES + 1,),
            purpose="descriptive",
        ).fit_transform(table)
        folds = StratifiedKFold(5, shuffle=True, random_state=int(rng.integers(2**31)))
        areas.append([_area(part, outcome, folds) for part in (features, plain, preserving)])
    means = np.mean(areas, axis=0)
    return Demonstration(signal, prevalence, *(float(mean) for mean in means))


def _area(features: Floats, outcome: Labels, folds: StratifiedKFold) -> float:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
    scores = cross_val_predict(model, features, outcome, cv=folds, method="decision_function")
    return float(roc_auc_score(outcome, scores))
