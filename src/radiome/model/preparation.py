"""Steps that every model starts with, fitted on training patients: gaps, batches, scale."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.preprocessing import PowerTransformer, RobustScaler

from radiome.base.errors import UserError
from radiome.harmonise.combat import ComBat
from radiome.model.plan import Harmonisation, Preparation

Floats = NDArray[np.float64]

#: Heading of the batch in the table that ComBat sees.
_BATCH = "batch of the plan"


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """What models see of n rows.

    Parameters
    ----------
    features : float64 array (n, p)
        NaN where a value is missing.
    names : tuple of str
        Names of the p features.
    batch : str array (n,) or None
        What is harmonised over.
    covariates : DataFrame (n, c) or None
        What harmonisation keeps: numbers, or text for categories.
    beside : float64 array (n, q) or None
        Columns that the learner sees whatever is selected, such as the clinical ones.
    """

    features: Floats
    names: tuple[str, ...]
    batch: NDArray[np.str_] | None = None
    covariates: pd.DataFrame | None = None
    beside: Floats | None = None

    def taken(self, rows: NDArray[Any]) -> Design:
        """The design of some rows."""
        return Design(
            self.features[rows],
            self.names,
            None if self.batch is None else self.batch[rows],
            None if self.covariates is None else self.covariates.iloc[rows],
            None if self.beside is None else self.beside[rows],
        )


class FeaturePreparation:
    """Fill gaps with medians, harmonise, drop what is constant, scale.

    Parameters
    ----------
    options : Preparation
        How.
    harmonise : Harmonisation, optional
        ComBat, if any.

    Attributes
    ----------
    medians_ : float64 array (p,)
        What gaps become; features without any value are left out.
    kept_ : int64 array (q,)
        Features that vary in the training rows.
    combat_ : ComBat or None
    center_, scale_ : float64 arrays (q,)
        Subtracted, then divided by.
    low_, high_ : float64 arrays (q,)
        Training range of each kept feature, before scaling.
    """

    def __init__(self, options: Preparation, harmonise: Harmonisation | None = None) -> None:
        self.options = options
        self.harmonise = harmonise
        self.beside_: FeaturePreparation | None = None

    def fit_transform(self, design: Design) -> Floats:
        """Learn from the rows of `design`; return them prepared (n, q)."""
        features = design.features
        if design.beside is not None:
            self.beside_ = FeaturePreparation(Preparation())
            self.beside_.fit_transform(_plain(design.beside))
        self._refuse_gaps(features, design.names)
        given = np.isfinite(features)
        present = given.any(axis=0)
        self.medians_ = np.zeros(features.shape[1])
        if present.any():
            self.medians_[present] = (
                np.nanmedian(features[:, present], axis=0)
                if not given.all()
                else np.median(features, axis=0)
            )
        filled = self._filled(features)
        self.combat_ = self._fitted_combat(filled, design)
        whole = self._harmonised(filled, design)
        spread = np.ptp(whole, axis=0)
        # A feature that varies by rounding alone is constant.
        varies = spread > 1e-12 * np.maximum(np.abs(whole).max(axis=0), 1e-300)
        self.kept_ = np.flatnonzero(present & varies)
        if not self.kept_.size:
            raise UserError("no feature varies among the training patients")
        kept = whole[:, self.kept_]
        self.low_, self.high_ = kept.min(axis=0), kept.max(axis=0)
        self._fit_scale(kept)
        return self._scaled(kept)

    def transform(self, design: Design) -> Floats:
        """Prepare other rows (m, q) by what was learned."""
        self._refuse_gaps(design.features, design.names)
        whole = self._harmonised(self._filled(design.features), design)
        return self._scaled(whole[:, self.kept_])

    def transform_beside(self, design: Design) -> Floats:
        """Prepare the columns beside the features (m, q'); no columns where there are none."""
        if self.beside_ is None or design.beside is None:
            return np.empty((len(design.features), 0))
        return self.beside_.transform(_plain(design.beside))

    def _refuse_gaps(self, features: Floats, names: tuple[str, ...]) -> None:
        if self.options.missing != "refuse":
            return
        gaps = np.isnan(features).any(axis=0)
        if gaps.any():
            raise UserError(
                "features have missing values, and the plan refuses them",
                got=", ".join(np.array(names)[gaps][:5]),
                do="exclude them, or set preparation.missing: median",
            )

    def _filled(self, features: Floats) -> Floats:
        return np.where(np.isnan(features), self.medians_, features)

    def _fitted_combat(self, filled: Floats, design: Design) -> ComBat | None:
        if self.harmonise is None or design.batch is None:
            return None
        combat = ComBat(
            _BATCH,
            covariates=[] if design.covariates is None else list(design.covariates.columns),
            mean_only=self.harmonise.mean_only,
            parametric=self.harmonise.parametric,
            unseen=self.harmonise.unseen,
        )
        return combat.fit(_with_batch(filled, design))

    def _harmonised(self, filled: Floats, design: Design) -> Floats:
        if self.combat_ is None:
            return filled
        with warnings.catch_warnings():
            # A batch that is left as it is: the plan has asked for that by `unseen: identity`.
            warnings.filterwarnings("ignore", message="batch .* was not fitted")
            return np.asarray(self.combat_.transform(_with_batch(filled, design)), np.float64)

    def _fit_scale(self, kept: Floats) -> None:
        self.power_: PowerTransformer | None = None
        if self.options.scale == "none":
            self.center_, self.scale_ = np.zeros(kept.shape[1]), np.ones(kept.shape[1])
            return
        if self.options.scale == "power":
            self.power_ = PowerTransformer(standardize=False).fit(kept)
            kept = self.power_.transform(kept)
        if self.options.scale == "robust":
            robust = RobustScaler().fit(kept)
            self.center_, self.scale_ = robust.center_, robust.scale_
            return
        self.center_, deviation = kept.mean(axis=0), kept.std(axis=0)
        self.scale_ = np.where(deviation > 0, deviation, 1.0)

    def _scaled(self, kept: Floats) -> Floats:
        if self.power_ is not None:
            kept = self.power_.transform(kept)
        return (kept - self.center_) / self.scale_


def _plain(columns: Floats) -> Design:
    return Design(columns, tuple(f"column {n}" for n in range(1, columns.shape[1] + 1)))


def _with_batch(filled: Floats, design: Design) -> pd.DataFrame:
    """Features and, behind them, what harmonisation needs to know of each row."""
    frame = pd.DataFrame(filled)
    frame.columns = [f"feature {number}" for number in range(filled.shape[1])]
    parts = [frame, pd.DataFrame({_BATCH: design.batch})]
    if design.covariates is not None:
        # Under their own names, which are those in the messages of ComBat.
        parts.append(design.covariates.reset_index(drop=True))
    return pd.concat(parts, axis=1)
