"""How intensities become grey levels."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from radiome.base.options import Options

#: Grey levels are stored as uint16.
MAXIMUM_LEVELS = 65535


class Bins(Options):
    """A method with the one number it needs; a number without effect is refused."""

    default_bin_count: ClassVar[int]

    method: Literal["fixed_bin_size", "fixed_bin_number", "none"] = Field(
        "fixed_bin_number",
        description="fixed_bin_size, fixed_bin_number, or none where intensities are levels.",
    )
    bin_width: float | None = Field(
        None,
        gt=0,
        allow_inf_nan=False,
        description="Bin width in units of the image; for fixed_bin_size only.",
    )
    bin_count: int | None = Field(
        None,
        ge=2,
        le=MAXIMUM_LEVELS,
        description="Number of bins over the range of the region; for fixed_bin_number only.",
    )

    @model_validator(mode="before")
    @classmethod
    def _fill_bin_count(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        by_number = values.get("method", "fixed_bin_number") == "fixed_bin_number"
        if by_number and values.get("bin_count") is None:
            return {**values, "bin_count": cls.default_bin_count}
        return values

    @model_validator(mode="after")
    def _consistent(self) -> Bins:
        if self.method == "fixed_bin_size" and self.bin_width is None:
            raise ValueError("fixed_bin_size needs bin_width, in units of the image")
        if self.method != "fixed_bin_size" and self.bin_width is not None:
            raise ValueError(f"bin_width has no effect with {self.method}: remove it")
        if self.method != "fixed_bin_number" and self.bin_count is not None:
            raise ValueError(f"bin_count has no effect with {self.method}: remove it")
        return self

    @property
    def width(self) -> float:
        """The bin width of `fixed_bin_size`."""
        if self.bin_width is None:
            raise ValueError(f"{self.method} has no bin width")
        return self.bin_width

    @property
    def count(self) -> int:
        """The number of bins of `fixed_bin_number`."""
        if self.bin_count is None:
            raise ValueError(f"{self.method} has no bin count")
        return self.bin_count


class Discretisation(Bins):
    """Grey levels for the intensity histogram and the texture families."""

    default_bin_count = 32

    anchor: float | None = Field(
        None,
        allow_inf_nan=False,
        description="Lower edge of bin 1, for fixed_bin_size only; null takes the lower bound of "
        "the re-segmentation range, or without one the minimum of the region.",
    )

    @model_validator(mode="after")
    def _anchored(self) -> Discretisation:
        if self.method != "fixed_bin_size" and self.anchor is not None:
            raise ValueError(f"anchor has no effect with {self.method}: remove it")
        return self
