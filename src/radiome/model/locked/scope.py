"""What a locked model was trained on, and whether a new row is like it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from radiome.model.locked.source import FeatureSource

Floats = NDArray[np.float64]

Status = Literal["in_scope", "out_of_scope", "refused"]

#: Distance beyond the training range, as a share of it, from which a row is out of scope.
TOLERANCE = 0.1


@dataclass(frozen=True, slots=True)
class AcquisitionRange:
    """What the training rows had in one column of scanner and protocol.

    Parameters
    ----------
    levels : tuple of str
        Texts, for a column of text.
    low, high : float or None
        Range, for a column of numbers.
    """

    levels: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    def fault(self, column: str, cell: str, tolerance: float) -> str | None:
        """How a cell differs from the training rows; None if it does not, or is empty."""
        if self.low is None or self.high is None:
            if cell in self.levels:
                return None
            return f"{column} '{cell}' is none of the training rows ({', '.join(self.levels)})"
        try:
            value = float(cell)
        except ValueError:
            return f"{column} '{cell}' is not a number"
        margin = tolerance * (self.high - self.low)
        if self.low - margin <= value <= self.high + margin:
            return None
        return f"{column} {value:g} is outside the training range {self.low:g} to {self.high:g}"

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"levels": list(self.levels)} if self.low is None else self._range()

    def _range(self) -> dict[str, Any]:
        return {"low": self.low, "high": self.high}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> AcquisitionRange:
        """The range that `as_dict` told of."""
        return cls(tuple(values.get("levels", ())), values.get("low"), values.get("high"))


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """The training rows, as far as a new row is compared with them.

    Parameters
    ----------
    low, high : float64 arrays (k,)
        Range of each feature that the model needs, harmonised if it harmonises.
    missing : {"median", "refuse"}
        What a missing value meets.
    most_missing : float
        Largest share of the needed features that any training row lacked.
    source : FeatureSource
        Settings and modalities.
    acquisition : mapping of str to AcquisitionRange
        By column.
    sites : tuple of str
        Centres, if any were named.
    """

    low: Floats
    high: Floats
    missing: Literal["median", "refuse"]
    most_missing: float
    source: FeatureSource
    acquisition: Mapping[str, AcquisitionRange]
    sites: tuple[str, ...]

    def excess(self, harmonised: Floats) -> Floats:
        """Distance beyond the range as a share of it (n, k); 0 inside."""
        beyond = np.maximum(self.low - harmonised, harmonised - self.high)
        return np.asarray(np.maximum(beyond, 0.0) / (self.high - self.low), np.float64)

    def as_dict(self, names: tuple[str, ...]) -> dict[str, Any]:
        """Plain values, for JSON."""
        ranges = zip(names, self.low.tolist(), self.high.tolist(), strict=True)
        return {
            "ranges": {name: [low, high] for name, low, high in ranges},
            "missing": self.missing,
            "most_missing": self.most_missing,
            "source": self.source.as_dict(),
            "acquisition": {name: part.as_dict() for name, part in self.acquisition.items()},
            "sites": list(self.sites),
        }

    @classmethod
    def from_dict(cls, names: tuple[str, ...], values: Mapping[str, Any]) -> Scope:
        """The scope that `as_dict` told of."""
        ranges = np.array([values["ranges"][name] for name in names], np.float64)
        acquisition = values["acquisition"].items()
        return cls(
            ranges[:, 0],
            ranges[:, 1],
            values["missing"],
            values["most_missing"],
            FeatureSource.from_dict(values["source"]),
            {name: AcquisitionRange.from_dict(part) for name, part in acquisition},
            tuple(values["sites"]),
        )
