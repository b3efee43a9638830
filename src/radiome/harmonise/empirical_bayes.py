"""Empirical Bayes estimates of the shift and spread of one batch.

Johnson, Li, Rabinovic, Biostatistics 2007;8:118-127, sections 3.2 (parametric) and the
supplement (non-parametric), with the stopping rule of the R package sva.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from radiome.base.errors import UserError

Floats = npt.NDArray[np.float64]

#: Largest relative change at which the iteration of the posterior means stops, as in sva.
_CONVERGENCE = 1e-4
_MOST_ITERATIONS = 10_000
#: Largest number of likelihoods held at once by the non-parametric estimate.
_BLOCK = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class BatchMoments:
    """Observed moments of the standardised values of one batch.

    Parameters
    ----------
    count : array, shape (features,)
        Values observed per feature.
    mean : array, shape (features,)
        Their mean, γ̂.
    variance : array, shape (features,)
        Their variance (divisor count - 1), δ̂²; 0 where a single value was observed.
    """

    count: Floats
    mean: Floats
    variance: Floats


def moments(standardised: Floats) -> BatchMoments:
    """Moments per feature of values of shape (cases, features); NaN is not observed.

    Every feature needs one observed value at least.
    """
    observed = ~np.isnan(standardised)
    count = observed.sum(axis=0).astype(np.float64)
    mean = np.where(observed, standardised, 0.0).sum(axis=0) / count
    deviation = np.where(observed, standardised - mean, 0.0)
    variance = (deviation**2).sum(axis=0) / np.maximum(count - 1, 1)
    return BatchMoments(count, mean, variance)


def posterior(
    standardised: Floats, *, mean_only: bool = False, parametric: bool = True
) -> tuple[Floats, Floats]:
    """Shrunken shift γ* and variance δ*² of one batch.

    Parameters
    ----------
    standardised : array, shape (cases, features)
        Standardised values of the batch; two features at least, as the prior is the
        distribution of a batch's moments over its features.
    mean_only : bool
        Leave the spread alone: δ*² = 1.
    parametric : bool
        Normal and inverse gamma priors; otherwise the empirical distribution over the features.

    Returns
    -------
    shift, variance : arrays, shape (features,)
    """
    observed = moments(standardised)
    if not parametric:
        return _kernel_posterior(observed, mean_only)
    if mean_only:
        return _shifts(observed.mean, np.ones(1), np.ones(1), observed), np.ones_like(observed.mean)
    return _iterated_posterior(observed)


def _shifts(mean: Floats, count: Floats, variance: Floats, observed: BatchMoments) -> Floats:
    """γ* = (n τ² γ̂ + δ² γ̄) / (n τ² + δ²), with γ̄ and τ² over the features of the batch."""
    centre = observed.mean.mean()
    spread = observed.mean.var(ddof=1)
    shifts: Floats = (spread * count * mean + variance * centre) / (spread * count + variance)
    return shifts


def _iterated_posterior(observed: BatchMoments) -> tuple[Floats, Floats]:
    """Alternate γ* and δ*² = (½Σ(z-γ*)² + b) / (n/2 + a - 1) until both rest.

    With m and s² the mean and variance of δ̂² over features, a = (2s² + m²)/s² and
    b = (ms² + m³)/s². Both sides are multiplied by s², so that features of one and the same
    spread (s² = 0) give the limit δ*² = m.
    """
    level = observed.variance.mean()
    spread = observed.variance.var(ddof=1)
    shift, variance = observed.mean, observed.variance
    for _ in range(_MOST_ITERATIONS):
        new_shift = _shifts(observed.mean, observed.count, variance, observed)
        # Σ(z-γ*)² from the moments: no pass over the cases in the loop.
        squares = (observed.count - 1) * observed.variance
        squares = squares + observed.count * (observed.mean - new_shift) ** 2
        new_variance = (0.5 * squares * spread + level * (spread + level**2)) / (
            (observed.count / 2 - 1) * spread + 2 * spread + level**2
        )
        change = max(_change(new_shift, shift), _change(new_variance, variance))
        shift, variance = new_shift, new_variance
        if change <= _CONVERGENCE:
            return shift, variance
    raise UserError(
        "the empirical Bayes estimate of a batch does not settle",
        expected=f"a relative change below {_CONVERGENCE} within {_MOST_ITERATIONS} iterations",
        got=f"a change of {change:.3g}",
        do="look for features that are nearly constant within the batch, or use mean_only",
    )


def _change(new: Floats, old: Floats) -> float:
    """Largest |new - old| / old; the sign of `old` stays, as in sva."""
    with np.errstate(divide="ignore"):
        ratio = np.divide(np.abs(new - old), old, out=np.zeros_like(new), where=new != old)
    return float(ratio.max())


def _kernel_posterior(observed: BatchMoments, mean_only: bool) -> tuple[Floats, Floats]:
    """Means of (γ̂, δ̂²) of the other features, weighted by the likelihood of this one.

    L_ij = (2πδ̂²_j)^(-n/2) exp(-Σ(z_i - γ̂_j)² / 2δ̂²_j), j ≠ i. Weights are taken relative to
    the largest, so a batch of hundreds of cases does not underflow.
    """
    prior_shift = observed.mean
    prior_variance = np.ones_like(prior_shift) if mean_only else observed.variance
    count_all, squares_all = observed.count, (observed.count - 1) * observed.variance
    features = prior_shift.size
    shift, variance = np.empty(features), np.empty(features)
    step = max(1, _BLOCK // features)
    for start in range(0, features, step):
        rows = np.arange(start, min(start + step, features))
        count, squares = count_all[rows, None], squares_all[rows, None]
        distance = squares + count * (observed.mean[rows, None] - prior_shift) ** 2
        log_likelihood = -0.5 * (count * np.log(prior_variance) + distance / prior_variance)
        log_likelihood[np.arange(rows.size), rows] = -np.inf
        weight = np.exp(log_likelihood - log_likelihood.max(axis=1, keepdims=True))
        weight /= weight.sum(axis=1, keepdims=True)
        shift[rows], variance[rows] = weight @ prior_shift, weight @ prior_variance
    return shift, variance
