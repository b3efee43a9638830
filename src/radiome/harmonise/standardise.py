"""Location and scale of each feature, with batch and covariates in one linear model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Residuals below this share of a feature's size are rounding, not variation.
_ROUNDING = 64 * np.finfo(np.float64).eps


@dataclass(frozen=True, slots=True, eq=False)
class Standardisation:
    """What the features of a training table look like once batches are set aside.

    Parameters
    ----------
    grand_mean : array, shape (features,)
        Mean over batches weighted by their size, or the mean of the reference batch.
    covariate_effects : array, shape (columns, features)
        Effects of the coded covariates, common to all batches.
    standard_deviation : array, shape (features,)
        Root mean square of the residuals; NaN where the feature could not be fitted.
    """

    grand_mean: Floats
    covariate_effects: Floats
    standard_deviation: Floats

    def expected(self, covariates: Floats) -> Floats:
        """Values expected without any batch effect, shape (cases, features)."""
        expected = np.tile(self.grand_mean, (len(covariates), 1))
        # A sum of outer products, not a matrix product: a case's result must not depend, even
        # in its last bit, on how many cases come with it.
        for column, effects in zip(covariates.T, self.covariate_effects, strict=True):
            expected += column[:, None] * effects
        return expected

    def standardised(self, values: Floats, covariates: Floats) -> Floats:
        """(values - expected) / standard deviation."""
        z: Floats = (values - self.expected(covariates)) / self.standard_deviation
        return z

    def subset(self, features: Flags) -> Standardisation:
        """The same for some of the features."""
        return Standardisation(
            self.grand_mean[features],
            self.covariate_effects[:, features],
            self.standard_deviation[features],
        )


def fit_standardisation(
    values: Floats,
    batch_codes: npt.NDArray[np.intp],
    covariates: Floats,
    *,
    reference: int | None = None,
) -> Standardisation:
    """Least squares of every feature on [batch, covariates].

    The pooled variance is the mean squared residual of all cases, or of the reference batch.
    As in sva, one missing value anywhere makes the divisor n - 1 per feature in place of n.

    Parameters
    ----------
    values : array, shape (cases, features)
        NaN where not measured; such a feature is fitted on the cases that have it.
    batch_codes : array of int, shape (cases,)
        Batch of each case, 0 to batches - 1.
    covariates : array, shape (cases, columns)
        Coded covariates.
    reference : int, optional
        Code of the reference batch.
    """
    batches = int(batch_codes.max()) + 1
    one_hot = (batch_codes[:, None] == np.arange(batches)).astype(np.float64)
    design = np.column_stack([one_hot, covariates])
    missing = np.isnan(values)
    # Features far from 0 would lose digits in the equations.
    offset = np.where(missing, 0.0, values).sum(axis=0) / np.maximum((~missing).sum(axis=0), 1)
    effects = _least_squares(design, values - offset, missing)
    if reference is None:
        weights = one_hot.mean(axis=0)
        counted = np.ones(len(values), dtype=bool)
    else:
        weights = (np.arange(batches) == reference).astype(np.float64)
        counted = batch_codes == reference
    residual = (values - offset - design @ effects)[counted]
    deviation = _root_mean_square(residual, any_missing=bool(missing.any()))
    size = np.sqrt(np.where(missing, 0.0, values**2).mean(axis=0))
    deviation = np.where(deviation <= _ROUNDING * size, 0.0, deviation)
    return Standardisation(offset + weights @ effects[:batches], effects[batches:], deviation)


def _least_squares(design: Floats, values: Floats, missing: Flags) -> Floats:
    """Coefficients (columns, features), solved once per pattern of missing values."""
    effects = np.full((design.shape[1], values.shape[1]), np.nan)
    for rows, features in _patterns(missing):
        part = design[rows]
        if np.linalg.matrix_rank(part) == design.shape[1]:
            q, r = np.linalg.qr(part)
            effects[:, features] = np.linalg.solve(r, q.T @ values[np.ix_(rows, features)])
    return effects


def _patterns(missing: Flags) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Rows that are observed and the features that miss the same others."""
    members: dict[bytes, list[int]] = {}
    for feature, packed in enumerate(np.packbits(missing, axis=0).T):
        members.setdefault(packed.tobytes(), []).append(feature)
    for features in members.values():
        yield np.flatnonzero(~missing[:, features[0]]), np.array(features, dtype=np.intp)


def _root_mean_square(residual: Floats, *, any_missing: bool) -> Floats:
    """√(Σr²/n), or with missing values anywhere the standard deviation with n - 1."""
    if not any_missing:
        size: Floats = np.sqrt((residual**2).mean(axis=0))
        return size
    observed = ~np.isnan(residual)
    count = observed.sum(axis=0)
    mean = np.where(observed, residual, 0.0).sum(axis=0) / np.maximum(count, 1)
    squares = np.where(observed, (residual - mean) ** 2, 0.0).sum(axis=0)
    variance = np.divide(squares, count - 1, out=np.full(len(count), np.nan), where=count > 1)
    deviation: Floats = np.sqrt(variance)
    return deviation
