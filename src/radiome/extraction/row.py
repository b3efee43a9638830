"""The result of one extraction: named values, reasons for the nulls, and a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from radiome.base.values import FeatureValue, NotApplicable

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Row(Mapping[str, float | None]):
    """One feature row.

    A mapping from feature tag to value; None where the feature is not applicable.

    Attributes
    ----------
    values_by_tag : dict
        Values in catalogue order.
    reasons : dict
        For each null, why it is one ("not applicable: …").
    record : dict
        What was done: settings, grid, voxel counts, timings, warnings. Plain values.
    """

    values_by_tag: dict[str, float | None]
    reasons: dict[str, str] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def build(cls, features: Mapping[str, FeatureValue], record: dict[str, Any]) -> Row:
        """Split computed features into values and reasons."""
        reasons = {
            tag: f"not applicable: {value.reason}"
            for tag, value in features.items()
            if isinstance(value, NotApplicable)
        }
        values = {
            tag: None if isinstance(value, NotApplicable) else float(value)
            for tag, value in features.items()
        }
        return cls(values, reasons, record)

    def __getitem__(self, tag: str) -> float | None:
        return self.values_by_tag[tag]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_tag)

    def __len__(self) -> int:
        return len(self.values_by_tag)

    def __repr__(self) -> str:
        return f"Row({len(self)} features, {len(self.reasons)} not applicable)"

    def to_series(self) -> pd.Series[float]:
        """The row as a pandas Series, NaN for the nulls."""
        import pandas as pd

        return pd.Series(self.values_by_tag, dtype="float64")
