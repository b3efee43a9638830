"""A feature table with its columns told apart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from radiome.tables.files import read_features

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class FeatureTable:
    """One row per case: columns that identify it, and feature columns.

    Parameters
    ----------
    frame : DataFrame
        The whole table.
    features : tuple of str
        Names of the feature columns, in catalogue order; all must be in `frame`.
    """

    frame: pd.DataFrame
    features: tuple[str, ...]

    def __post_init__(self) -> None:
        absent = [name for name in self.features if name not in self.frame.columns]
        if absent:
            raise ValueError(f"feature columns {absent} are not in the table")

    @classmethod
    def read(cls, path: str | Path) -> FeatureTable:
        """Read a table file or a run folder; see `read_features`."""
        frame = read_features(path)
        return cls(frame, tuple(frame.attrs["radiome"]["features"]))

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def identifiers(self) -> tuple[str, ...]:
        """Names of the columns that are not features: case, status, carried columns."""
        known = set(self.features)
        return tuple(str(name) for name in self.frame.columns if name not in known)

    def values(self) -> pd.DataFrame:
        """The feature columns alone, float64, indexed by case; NaN where not applicable."""
        index = self.frame.get("case", self.frame.index)
        return self.frame[list(self.features)].astype("float64").set_axis(index, axis="index")

    def measured(self) -> FeatureTable:
        """The rows that were measured (status ``ok``)."""
        if "status" not in self.frame:
            return self
        kept = self.frame[self.frame["status"] == "ok"].reset_index(drop=True)
        return FeatureTable(kept, self.features)
