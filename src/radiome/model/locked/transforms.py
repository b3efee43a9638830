"""What happens to features before a learner sees them, as numbers that a file can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import yeojohnson

from radiome.base.errors import UserError
from radiome.model.preparation import FeaturePreparation
from radiome.model.tuning import FittedModel

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Texts = NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False)
class BatchTransform:
    """ComBat of k features, fitted.

    Parameters
    ----------
    batches : tuple of str
        The b batches of the training rows.
    shift, variance : float64 arrays (b, k)
        γ* and δ*² of each batch.
    adjusted : bool array (b, k)
        False where a batch keeps a feature as it is.
    expected, deviation : float64 arrays (k,)
        Grand mean and pooled standard deviation.
    effects : float64 array (c, k)
        Effects of the covariates.
    covariates : tuple of str
        Columns of the c covariates, all numeric.
    centre, scale : float64 arrays (c,)
        Training mean and deviation of the covariates.
    unseen : {"error", "identity"}
        What a batch outside `batches` meets: refusal, or nothing.
    """

    batches: tuple[str, ...]
    shift: Floats
    variance: Floats
    adjusted: Flags
    expected: Floats
    deviation: Floats
    effects: Floats
    covariates: tuple[str, ...]
    centre: Floats
    scale: Floats
    unseen: str

    def harmonised(self, values: Floats, batch: Texts, covariates: Floats | None) -> Floats:
        """σ (Z - γ*) / δ* + α + Cβ of values (n, k); rows of other batches stay as they are."""
        coded = np.empty((len(values), 0)) if covariates is None else covariates
        coded = (coded - self.centre) / self.scale
        found = values.copy()
        for place, name in enumerate(self.batches):
            rows = np.flatnonzero(batch == name)
            expected = np.tile(self.expected, (len(rows), 1))
            for column, effects in zip(coded[rows].T, self.effects, strict=True):
                expected += column[:, None] * effects
            z = (values[rows] - expected) / self.deviation
            z = (z - self.shift[place]) / np.sqrt(self.variance[place])
            adjusted = z * self.deviation + expected
            found[rows] = np.where(self.adjusted[place], adjusted, values[rows])
        return found

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in ((name, getattr(self, name)) for name in self.__slots__)
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> BatchTransform:
        """The transform that `as_dict` told of."""
        arrays = {
            name: np.asarray(values[name], np.float64)
            for name in ("shift", "variance", "expected", "deviation", "centre", "scale")
        }
        k = len(arrays["expected"])
        return cls(
            tuple(values["batches"]),
            adjusted=np.asarray(values["adjusted"], np.bool_),
            effects=np.asarray(values["effects"], np.float64).reshape(-1, k),
            covariates=tuple(values["covariates"]),
            unseen=values["unseen"],
            **arrays,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Transforms:
    """Gaps, batches, power and scale of the k features that a learner sees.

    Parameters
    ----------
    names : tuple of str
        The features, in the order of the learner.
    medians : float64 array (k,)
        What gaps become.
    batches : BatchTransform or None
        ComBat, if any.
    powers : float64 array (k,) or None
        λ of Yeo and Johnson, if any.
    centre, scale : float64 arrays (k,)
        Subtracted, then divided by.
    """

    names: tuple[str, ...]
    medians: Floats
    batches: BatchTransform | None
    powers: Floats | None
    centre: Floats
    scale: Floats

    def harmonised(self, values: Floats, batch: Texts | None, covariates: Floats | None) -> Floats:
        """Values (n, k) without gaps, harmonised: what the training range is a range of."""
        filled = np.where(np.isnan(values), self.medians, values)
        if self.batches is None:
            return filled
        if batch is None:
            raise UserError("the model harmonises over batches, and no batch was given")
        return self.batches.harmonised(filled, batch, covariates)

    def scaled(self, harmonised: Floats) -> Floats:
        """What the learner sees (n, k)."""
        values = harmonised
        if self.powers is not None:
            columns = zip(values.T, self.powers, strict=True)
            values = np.column_stack([yeojohnson(column, power) for column, power in columns])
        return np.asarray((values - self.centre) / self.scale, np.float64)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "medians": self.medians.tolist(),
            "combat": None if self.batches is None else self.batches.as_dict(),
            "yeo_johnson": None if self.powers is None else self.powers.tolist(),
            "centre": self.centre.tolist(),
            "scale": self.scale.tolist(),
        }

    @classmethod
    def from_dict(cls, names: tuple[str, ...], values: Mapping[str, Any]) -> Transforms:
        """The transforms that `as_dict` told of."""
        powers, combat = values["yeo_johnson"], values["combat"]
        return cls(
            names,
            np.asarray(values["medians"], np.float64),
            None if combat is None else BatchTransform.from_dict(combat),
            None if powers is None else np.asarray(powers, np.float64),
            np.asarray(values["centre"], np.float64),
            np.asarray(values["scale"], np.float64),
        )


def used_columns(model: FittedModel) -> NDArray[np.int64]:
    """Positions among the kept features of those that the learner sees (k,)."""
    places = np.arange(len(model.preparation.kept_))
    for selector in model.selectors:
        places = places[np.asarray(selector.get_support())]
    return places


def transforms_of(model: FittedModel, covariates: tuple[str, ...]) -> Transforms:
    """The part of the preparation of a fitted model that its learner needs.

    Every step of it treats features one by one, so the others can be left out.

    Parameters
    ----------
    model : FittedModel
        Fitted, with nothing beside the features.
    covariates : tuple of str
        Columns whose effect ComBat keeps.

    Raises
    ------
    UserError
        If the covariates are not one number each.
    """
    preparation, used = model.preparation, used_columns(model)
    power = preparation.power_
    return Transforms(
        model.selected,
        preparation.medians_[preparation.kept_[used]],
        _batches(preparation, preparation.kept_[used], covariates),
        None if power is None else np.asarray(power.lambdas_, np.float64)[used],
        preparation.center_[used],
        preparation.scale_[used],
    )


def _batches(
    preparation: FeaturePreparation, columns: NDArray[np.int64], covariates: tuple[str, ...]
) -> BatchTransform | None:
    combat = preparation.combat_
    if combat is None:
        return None
    coded = combat.covariates_
    if len(coded) != len(covariates) or any(one.levels is not None for one in coded):
        raise UserError(
            "the model cannot be locked: a covariate of ComBat is not one column of numbers",
            where="harmonise.covariates",
            expected="numeric covariates without gaps",
            got=", ".join(covariates),
            do="leave the covariate out",
        )
    model = combat.model_
    place = {int(feature): number for number, feature in enumerate(model.features)}
    fitted = np.array([int(column) in place for column in columns])
    inside = np.array([place.get(int(column), 0) for column in columns])
    standard = model.standardisation

    def pick(array: NDArray[Any], other: float) -> NDArray[Any]:
        return np.where(fitted, array[..., inside], other)

    adjustments = model.adjustments
    return BatchTransform(
        tuple(str(batch) for batch in model.batches),
        np.array([pick(one.shift, 0.0) for one in adjustments]),
        np.array([pick(one.variance, 1.0) for one in adjustments]),
        np.array([pick(one.adjusted, 0.0) for one in adjustments], np.bool_),
        pick(standard.grand_mean, 0.0),
        pick(standard.standard_deviation, 1.0),
        pick(standard.covariate_effects, 0.0),
        covariates,
        np.array([one.centre for one in coded]),
        np.array([one.scale for one in coded]),
        combat.unseen,
    )
