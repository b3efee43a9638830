"""ComBat: location and scale of features made equal between batches."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted, validate_data

from radiome.base.errors import SettingsError
from radiome.harmonise.batch_model import fit_batch_model, ordered_labels
from radiome.harmonise.batch_refusals import (
    Calibration,
    answer_unseen,
    check_calibration,
    refuse_inseparable,
)
from radiome.harmonise.column_roles import (
    ColumnRoles,
    as_frame,
    batch_labels,
    feature_values,
    find_roles,
)
from radiome.harmonise.design import encode, learn_covariate
from radiome.harmonise.outcome_guard import refuse_declared_outcomes, refuse_outcome_copies

Floats = npt.NDArray[np.float64]


class ComBat(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Harmonise features between batches by empirical Bayes (Johnson 2007).

    With Y = α + Cβ + σ(γ_b + δ_b ε), the output is σ (Z - γ*_b) / δ*_b + α + Cβ, where
    Z = (Y - α - Cβ) / σ. Everything is estimated on the rows given to `fit`; `transform` only
    applies it, case by case. Results are those of the R package sva.

    The batch and the covariates are columns of X, so that a pipeline refits the step in each
    fold. They are dropped from the output: the batch must not become a predictor by accident.

    Parameters
    ----------
    batch : column name or position, optional
        Column of the batch: a name for a DataFrame, a position for an array. None treats all
        cases as one batch and returns the features unchanged.
    covariates : sequence of column names or positions
        Columns whose effects are preserved. Text is categorical, numbers are continuous.
    categorical : sequence of column names or positions
        Those of the covariates whose numbers are categories.
    outcomes : sequence of column names or positions
        Columns that hold an outcome. They are refused among the features, and among the
        covariates unless `purpose` is "descriptive".
    purpose : {"predictive", "descriptive"}
        In predictive use a preserved outcome would be needed to transform test cases, and it
        manufactures performance from noise. A covariate that repeats y is refused as well.
    reference : batch label, optional
        Batch that stays untouched and that the others are brought to.
    mean_only : bool
        Adjust the location alone. A batch of a single case forces it, as in sva.
    parametric : bool
        Normal and inverse gamma priors; otherwise the empirical distribution over features.
    unseen : {"error", "identity"}
        A batch at transform that `fit` did not see: an error, or a warning and values
        standardised with the grand mean and pooled variance alone, which leaves them as they
        came. `calibrate` is the third answer.

    Attributes
    ----------
    model_ : BatchModel
        Batches, standardisation and adjustments, as arrays.
    batches_ : tuple
        Batch labels, calibrated ones last.
    unadjusted_ : dict
        Feature name to the reason why it passes through unchanged.
    mean_only_ : bool
        Whether the location alone is adjusted.
    calibrations_ : tuple of Calibration
        Batches added by `calibrate`.

    Notes
    -----
    A feature that is constant within a batch, as in sva, or that batch and covariates explain
    wholly passes through unchanged and is left out of the priors. A missing value (NaN) stays
    missing; each feature is fitted on the cases that have it (sva's rule for NA).

    References
    ----------
    Johnson, Li, Rabinovic, Biostatistics 2007;8:118-127. Reference batch: Stein et al.,
    BMC Bioinformatics 2015;16:63.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> table = pd.DataFrame(rng.normal(size=(40, 5)), columns=list("abcde"))
    >>> table["scanner"] = ["one", "two"] * 20
    >>> table.loc[table["scanner"] == "two", list("abcde")] += 3
    >>> harmonised = ComBat(batch="scanner").fit_transform(table)
    >>> bool(abs(harmonised[::2].mean() - harmonised[1::2].mean()) < 0.05)
    True
    """

    def __init__(
        self,
        batch: Hashable | None = None,
        *,
        covariates: Sequence[Hashable] = (),
        categorical: Sequence[Hashable] = (),
        outcomes: Sequence[Hashable] = (),
        purpose: Literal["predictive", "descriptive"] = "predictive",
        reference: Hashable | None = None,
        mean_only: bool = False,
        parametric: bool = True,
        unseen: Literal["error", "identity"] = "error",
    ) -> None:
        self.batch = batch
        self.covariates = covariates
        self.categorical = categorical
        self.outcomes = outcomes
        self.purpose = purpose
        self.reference = reference
        self.mean_only = mean_only
        self.parametric = parametric
        self.unseen = unseen

    def fit(self, X: Any, y: Any = None) -> Self:
        """Estimate everything on these rows.

        Parameters
        ----------
        X : DataFrame or array, shape (cases, columns)
            Features with the batch and covariate columns.
        y : array, optional
            Outcome, for one use: to refuse a covariate that repeats it.
        """
        self._check_options()
        frame = as_frame(X)
        validate_data(self, X, reset=True, skip_check_array=True)
        roles = find_roles(
            frame,
            batch=self.batch,
            covariates=self.covariates,
            categorical=self.categorical,
            outcomes=self.outcomes,
        )
        refuse_outcome_copies(frame, roles.covariates, y, self.purpose)
        self.roles_ = roles
        self.covariates_ = tuple(
            learn_covariate(frame.iloc[:, place], str(frame.columns[place]), categorical=listed)
            for place, listed in zip(roles.covariates, roles.categorical, strict=True)
        )
        values, labels, covariates = self._read(frame)
        refuse_inseparable(labels, covariates, [c for v in self.covariates_ for c in v.columns])
        self.model_ = fit_batch_model(
            values,
            labels,
            covariates,
            reference=self.reference,
            mean_only=bool(self.mean_only),
            parametric=bool(self.parametric),
        )
        names = self.get_feature_names_out()
        self.unadjusted_ = {str(names[place]): why for place, why in self.model_.passed.items()}
        self.batches_, self.mean_only_ = self.model_.batches, self.model_.mean_only
        self.calibrations_: tuple[Calibration, ...] = ()
        return self

    def transform(self, X: Any) -> Floats:
        """Harmonise rows with what `fit` and `calibrate` learnt.

        Returns
        -------
        array, shape (cases, features)
            The features in the order of the table, without batch and covariate columns.
        """
        check_is_fitted(self)
        frame = as_frame(X)
        validate_data(self, X, reset=False, skip_check_array=True)
        values, labels, covariates = self._read(frame)
        answer_unseen(labels, self.batches_, raising=self.unseen == "error")
        return self.model_.harmonise(values, labels, covariates)

    def calibrate(self, X: Any, *, minimum: int = 20) -> Self:
        """Learn the shift and spread of new batches from unlabelled cases of them.

        Grand mean, covariate effects, pooled variance and the batches of the fit stay. The
        model then needs local data wherever it goes; `calibrations_` records that.

        Parameters
        ----------
        X : DataFrame or array
            Cases of batches that were not in the fit, with the columns of the fit.
        minimum : int
            Fewest cases per new batch, 2 or more.
        """
        check_is_fitted(self)
        frame = as_frame(X)
        validate_data(self, X, reset=False, skip_check_array=True)
        values, labels, covariates = self._read(frame)
        model, calibrations = self.model_, self.calibrations_
        for batch in ordered_labels(labels):
            rows = [row for row, label in enumerate(labels) if label == batch]
            check_calibration(batch, len(rows), known=self.batches_, minimum=minimum)
            model = model.with_batch(batch, values[rows], covariates[rows])
            calibrations = (*calibrations, Calibration(batch, len(rows)))
        self.model_, self.batches_, self.calibrations_ = model, model.batches, calibrations
        return self

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """Names of the features, without batch and covariates."""
        check_is_fitted(self)
        names = np.asarray(_check_feature_names_in(self, input_features), dtype=object)
        return names[list(self.roles_.features)]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _read(self, frame: pd.DataFrame) -> tuple[Floats, list[Hashable], Floats]:
        """Feature values, batch labels and coded covariates of a table."""
        roles: ColumnRoles = self.roles_
        columns = [frame.iloc[:, place] for place in roles.covariates]
        return (
            feature_values(frame, roles),
            batch_labels(frame, roles),
            encode(self.covariates_, columns, len(frame)),
        )

    def _check_options(self) -> None:
        for name, allowed in (
            ("purpose", ("predictive", "descriptive")),
            ("unseen", ("error", "identity")),
        ):
            if getattr(self, name) not in allowed:
                raise SettingsError(
                    f"{name} is not known",
                    expected=" or ".join(allowed),
                    got=repr(getattr(self, name)),
                )
        if self.batch is None and self.reference is not None:
            raise SettingsError("a reference batch needs a batch column", expected="batch=...")
        refuse_declared_outcomes(self.covariates, self.outcomes, self.purpose)
