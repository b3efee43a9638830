"""The fitted arithmetic of ComBat: batches, their standardisation and their adjustments."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from radiome.base.errors import SettingsError, UserError
from radiome.harmonise.empirical_bayes import posterior
from radiome.harmonise.standardise import Standardisation, fit_standardisation

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Adjustment:
    """What is taken from the standardised values of one batch.

    Parameters
    ----------
    shift, variance : arrays, shape (model features,)
        γ* and δ*².
    adjusted : array of bool, shape (model features,)
        False where the batch keeps a feature as it is.
    """

    shift: Floats
    variance: Floats
    adjusted: Flags


@dataclass(frozen=True, slots=True, eq=False)
class BatchModel:
    """ComBat as it was fitted.

    Parameters
    ----------
    batches : tuple
        Labels of the batches.
    sizes : tuple of int
        Cases per batch.
    features : array of int
        Positions of the features that are adjusted; the others pass through unchanged.
    passed : dict of int to str
        Positions of the others and why.
    standardisation : Standardisation
        Of the adjusted features.
    adjustments : tuple of Adjustment
        One per batch.
    mean_only, parametric : bool
        How the adjustments were estimated.
    """

    batches: tuple[Hashable, ...]
    sizes: tuple[int, ...]
    features: Indices
    passed: dict[int, str]
    standardisation: Standardisation
    adjustments: tuple[Adjustment, ...]
    mean_only: bool
    parametric: bool

    def harmonise(self, values: Floats, labels: Sequence[Hashable], covariates: Floats) -> Floats:
        """Harmonised values; a batch that is not in the model keeps its values.

        Parameters
        ----------
        values : array, shape (cases, features)
            All features.
        labels : sequence, length cases
            Batch of each case.
        covariates : array, shape (cases, columns)
            Coded covariates.
        """
        harmonised = values.copy()
        for batch, adjustment in zip(self.batches, self.adjustments, strict=True):
            rows = rows_of(labels, batch)
            if rows.size and adjustment.adjusted.any():
                cells = np.ix_(rows, self.features)
                harmonised[cells] = self._adjust(values[cells], covariates[rows], adjustment)
        return harmonised

    def _adjust(self, values: Floats, covariates: Floats, adjustment: Adjustment) -> Floats:
        expected = self.standardisation.expected(covariates)
        deviation = self.standardisation.standard_deviation
        z = (values - expected) / deviation
        adjusted = (z - adjustment.shift) / np.sqrt(adjustment.variance) * deviation + expected
        return np.where(adjustment.adjusted, adjusted, values)

    def with_batch(self, batch: Hashable, values: Floats, covariates: Floats) -> BatchModel:
        """A model that knows one batch more, estimated from these cases of it."""
        part = values[:, self.features]
        z = self.standardisation.standardised(part, covariates)
        reasons = _unusable(part, {batch: np.arange(len(part))}, mean_only=self.mean_only)
        usable = np.array([place not in reasons for place in range(part.shape[1])], dtype=bool)
        adjustment = estimate(z, usable, mean_only=self.mean_only, parametric=self.parametric)
        return replace(
            self,
            batches=(*self.batches, batch),
            sizes=(*self.sizes, len(values)),
            adjustments=(*self.adjustments, adjustment),
        )


def fit_batch_model(
    values: Floats,
    labels: Sequence[Hashable],
    covariates: Floats,
    *,
    reference: Hashable | None = None,
    mean_only: bool = False,
    parametric: bool = True,
) -> BatchModel:
    """Fit ComBat to values of shape (cases, features); see `radiome.harmonise.combat.ComBat`.

    A single batch, or the reference batch, has nothing to be adjusted.
    """
    batches = ordered_labels(labels)
    members = {batch: rows_of(labels, batch) for batch in batches}
    sizes = tuple(len(rows) for rows in members.values())
    if reference is not None:
        _check_reference(reference, members)
    mean_only = mean_only or min(sizes) == 1
    passed = _unusable(values, members, mean_only=mean_only)
    features = np.array([place for place in range(values.shape[1]) if place not in passed], np.intp)
    reference_code = None if reference is None else batches.index(reference)
    standardisation = fit_standardisation(
        values[:, features], batch_codes(labels, batches), covariates, reference=reference_code
    )
    fitted = standardisation.standard_deviation > 0
    for place in features[~fitted]:
        passed[int(place)] = "batch and covariates leave no variation to scale by"
    features, standardisation = features[fitted], standardisation.subset(fitted)
    if len(batches) > 1 and features.size < 2:
        raise UserError(
            "too few features to estimate a batch effect from",
            expected="at least 2 features that vary within every batch",
            got=f"{features.size} of {values.shape[1]}",
            do="harmonise more features together, or merge batches",
        )
    z = standardisation.standardised(values[:, features], covariates)
    adjustments = tuple(
        estimate(
            z[rows],
            np.full(features.size, len(batches) > 1 and batch != reference),
            mean_only=mean_only,
            parametric=parametric,
        )
        for batch, rows in members.items()
    )
    return BatchModel(
        batches, sizes, features, passed, standardisation, adjustments, mean_only, parametric
    )


def estimate(z: Floats, usable: Flags, *, mean_only: bool, parametric: bool) -> Adjustment:
    """Adjustment of one batch from its standardised values; unusable features are left out."""
    shift, variance = np.zeros(usable.size), np.ones(usable.size)
    if usable.sum() > 1:
        shift[usable], variance[usable] = posterior(
            z[:, usable], mean_only=mean_only, parametric=parametric
        )
    else:
        usable = np.zeros_like(usable)
    return Adjustment(shift, variance, usable)


def ordered_labels(labels: Sequence[Hashable]) -> tuple[Hashable, ...]:
    """Distinct labels in an order that the order of the cases does not change."""
    return tuple(sorted(set(labels), key=lambda label: (str(type(label)), str(label))))


def rows_of(labels: Sequence[Hashable], batch: Hashable) -> Indices:
    """Positions of the cases of one batch."""
    return np.array([row for row, label in enumerate(labels) if label == batch], dtype=np.intp)


def batch_codes(labels: Sequence[Hashable], batches: Sequence[Hashable]) -> Indices:
    """Position of each case's batch in `batches`."""
    places = {batch: place for place, batch in enumerate(batches)}
    return np.array([places[label] for label in labels], dtype=np.intp)


def _check_reference(reference: Hashable, members: dict[Hashable, Indices]) -> None:
    if reference not in members:
        raise SettingsError(
            f"the reference batch {reference!r} is not among the training rows",
            expected="one of " + ", ".join(repr(batch) for batch in members),
            got=repr(reference),
            do="choose a batch that every training fold contains",
        )
    if len(members[reference]) < 2:
        raise UserError(
            f"the reference batch {reference!r} has a single case",
            expected="at least 2 cases, as the pooled variance is that of the reference",
            got="1 case",
            do="choose a larger batch as the reference",
        )


def _unusable(
    values: Floats, members: dict[Hashable, Indices], *, mean_only: bool
) -> dict[int, str]:
    """Features that a batch gives no shift or spread for, with the reason."""
    reasons: dict[int, str] = {}
    needed = 1 if mean_only else 2
    for batch, rows in members.items():
        part = values[rows]
        observed = ~np.isnan(part)
        count = observed.sum(axis=0)
        largest = np.where(observed, part, -np.inf).max(axis=0)
        smallest = np.where(observed, part, np.inf).min(axis=0)
        for place in np.flatnonzero(count < needed):
            reasons.setdefault(int(place), f"fewer than {needed} values in batch {batch!r}")
        for place in np.flatnonzero((count > 1) & (largest == smallest)):
            reasons.setdefault(int(place), f"constant within batch {batch!r}")
    return reasons
