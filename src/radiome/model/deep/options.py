"""The section ``deep`` of a plan: networks on crops of the images."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from radiome.base.options import Options

NetworkName = Literal["cnn", "gru"]


class Training(Options):
    """How one network is trained; the defaults are meant for some hundred patients."""

    width: int = Field(default=8, ge=1, le=64, description="Channels of the first layer.")
    epochs: int = Field(default=100, ge=1, le=1000, description="At most so many passes.")
    patience: int = Field(
        default=20, ge=1, description="Passes without a better held-out loss after which it stops."
    )
    batch: int = Field(default=16, ge=2, description="Rows of a step.")
    learning_rate: float = Field(default=0.003, gt=0, le=1, description="Of Adam.")
    weight_decay: float = Field(default=0.01, ge=0, description="Decoupled, times the rate.")
    held_out: float = Field(
        default=0.2,
        gt=0,
        le=0.5,
        description="Share of the training patients that decides when to stop.",
    )
    flips: bool = Field(default=True, description="Mirror training crops at random.")


class DeepOptions(Training):
    """Networks that the features are compared with."""

    crops: str = Field(description="File of `radiome crops`, from the folder of the plan.")
    networks: tuple[NetworkName, ...] = Field(
        default=("cnn", "gru"), min_length=1, description="Which: cnn, gru."
    )
    seeds: int = Field(
        default=5, ge=5, le=100, description="Networks of each fold, averaged; at least five."
    )
    repeats: int | None = Field(
        default=1,
        ge=1,
        description="Repeats of the cross-validation, the first of them; null for all.",
    )
    random_labels: int = Field(
        default=2, ge=1, le=100, description="Permutations of the outcome to train on."
    )

    @field_validator("networks")
    @classmethod
    def _named_once(cls, value: tuple[NetworkName, ...]) -> tuple[NetworkName, ...]:
        if len(set(value)) < len(value):
            raise ValueError("a network is named twice")
        return value

    def training(self) -> Training:
        """What one network needs to know."""
        return Training(**{name: getattr(self, name) for name in Training.model_fields})
