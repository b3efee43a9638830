"""What a plan can ask for beyond its verdict."""

from __future__ import annotations

from pydantic import Field, field_validator

from radiome.base.options import Options


class Report(Options):
    """What is told beyond the verdict, which none of it changes; all off by default."""

    importance: bool = Field(
        default=False,
        description="Permutation importance of each cluster of correlated features, out of fold.",
    )
    shap: bool = Field(
        default=False, description="Shapley values of the clusters; needs the extra 'explain'."
    )
    conformal: float | None = Field(
        default=None,
        gt=0.5,
        lt=1,
        description="Level of conformal intervals or sets of labels, such as 0.9; or null.",
    )
    bootstrap_632: int = Field(
        default=0,
        ge=0,
        description="Samples of the .632+ and optimism bootstrap, 200 or so; 0 is none.",
    )
    reclassification: tuple[float, ...] = Field(
        default=(),
        description="Limits of categories of risk, fixed beforehand, for net reclassification.",
    )

    @field_validator("bootstrap_632")
    @classmethod
    def _enough(cls, samples: int) -> int:
        if 0 < samples < 100:
            raise ValueError("with fewer than 100 samples some pairs are never left out; 0 is none")
        return samples

    @field_validator("reclassification")
    @classmethod
    def _ascending(cls, limits: tuple[float, ...]) -> tuple[float, ...]:
        inside = all(0 < limit < 1 for limit in limits)
        if not inside or list(limits) != sorted(set(limits)):
            raise ValueError("limits of risk must ascend between 0 and 1")
        return limits
