"""What a feature can be: a number, or a stated reason for having none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """A feature that is not defined here, and why.

    The reason completes the sentence "not applicable: ...", for example
    "the region has a single voxel".
    """

    reason: str


FeatureValue = float | NotApplicable
FeatureValues = Mapping[str, FeatureValue]
