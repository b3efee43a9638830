"""How image and mask are resampled, and which intensities stay in the region."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from radiome.base.options import Options

Method = Literal["nearest", "linear", "cubic"]


def _positive_length(value: float) -> float:
    if not (math.isfinite(value) and value > 0):
        raise ValueError("a voxel spacing must be a positive length in mm")
    return value


Millimetres = Annotated[float, AfterValidator(_positive_length)]


class Interpolation(Options):
    """Resampling of image and mask onto a regular grid."""

    spacing: Millimetres | tuple[Millimetres, Millimetres, Millimetres] | None = Field(
        None,
        description="Voxel spacing in mm, one number or [z, y, x]; null leaves the grid as it is.",
    )
    dimension: Literal["2D", "3D"] = Field(
        "3D", description="2D resamples within the slices only: the slice distance stays."
    )
    image_method: Method = Field("cubic", description="nearest, linear or cubic (B-spline).")
    mask_method: Method = Field("linear", description="nearest, linear or cubic (B-spline).")
    mask_threshold: float = Field(
        0.5,
        gt=0,
        le=1,
        description="A resampled voxel is inside where its share of the mask is at least this.",
    )
    rounding: Literal["none", "nearest_integer"] = Field(
        "none", description="Rounding of resampled intensities: nearest_integer for CT."
    )

    def target_spacing(
        self, spacing: tuple[float, float, float]
    ) -> tuple[float, float, float] | None:
        """Return the wanted spacing (z, y, x) in mm for an image of `spacing`, or None."""
        if self.spacing is None:
            return None
        wanted = self.spacing if isinstance(self.spacing, tuple) else (self.spacing,) * 3
        return wanted if self.dimension == "3D" else (spacing[0], wanted[1], wanted[2])


class Resegmentation(Options):
    """Intensities that stay in the intensity mask; the morphological mask is kept whole.

    With both options the intersection of the two intervals stays. The mean and the
    (population) standard deviation of the outlier filter are those of the region before
    any re-segmentation.
    """

    range: tuple[float | None, float | None] | None = Field(
        None, description="[lowest, highest] intensity that stays, both included; null is open."
    )
    outlier_sigma: float | None = Field(
        None,
        gt=0,
        description="Voxels further from the mean than this many standard deviations leave.",
    )

    @model_validator(mode="after")
    def _ordered(self) -> Resegmentation:
        low, high = self.limits
        if math.isnan(low) or math.isnan(high) or low > high:
            raise ValueError("the lower bound of the range must not exceed the upper bound")
        return self

    @property
    def limits(self) -> tuple[float, float]:
        """The range with open ends as infinities."""
        low, high = self.range or (None, None)
        return (-math.inf if low is None else low, math.inf if high is None else high)
