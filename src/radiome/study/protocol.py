"""The protocol of a study: every choice from images to the statement, in one file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, field_validator, model_validator

from radiome.base.errors import SettingsError
from radiome.base.options import Options, parse_options
from radiome.base.yaml_text import load_yaml
from radiome.model.plan import Plan
from radiome.preprocess.negative_controls import parse_control

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


class Extraction(Options):
    """How cases are measured."""

    settings: str | dict[str, Any] | None = Field(
        default=None,
        description="Preset, settings file, or settings; null for the preset of each modality.",
    )
    resample_mask: bool = Field(
        default=False, description="Put masks from another grid on the image's grid."
    )
    fill_gaps: bool = Field(
        default=False, description="Interpolate slices that RTSTRUCT regions skip."
    )


class Controls(Options):
    """Negative controls: images in which what a model should read is destroyed."""

    images: tuple[str, ...] = Field(
        default=("shuffled_roi",),
        description="shuffled, sampled or randomised, _roi, _non_roi or _full; [] for none.",
    )
    seed: int = Field(default=1, ge=0, description="Of what is drawn.")

    @field_validator("images")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            try:
                parse_control(name)
            except SettingsError as error:
                raise ValueError(error.message.replace("\n", ";")) from None
        return value


class Trust(Options):
    """What is asked of features before any outcome is looked at."""

    cluster_threshold: float = Field(
        default=0.8, gt=0, le=1, description="Correlation at which features count as one."
    )
    linkage: Literal["average", "complete"] = Field(
        default="average", description="Mean correlation between groups, or the least."
    )
    resamples: int = Field(
        default=100, ge=1, description="Subsamples of patients that clusters are tried on."
    )
    repeat: str | None = Field(
        default=None,
        description="Column that numbers repeated measurements of a lesion: the first is "
        "analysed, the others tell how repeatable each feature is. Null for none.",
    )
    lesion: str | None = Field(
        default=None, description="Column that tells lesions of a patient apart, with repeats."
    )
    repeated: Literal["scan", "reader", "perturbation"] | None = Field(
        default=None,
        description="What was done again: the lesion scanned, its region drawn by another reader, "
        "or the image perturbed. Readers must agree in value, ICC(2,1); otherwise ICC(1,1).",
    )
    seed: int = Field(default=1, ge=0, description="Of the subsamples.")


class Analysis(Options):
    """One question put to some of the cases."""

    name: str = Field(default="main", description="Names its folder: letters, digits, _ and -.")
    role: Literal["primary", "exploratory"] = Field(
        default="primary", description="What the report makes of it."
    )
    where: dict[str, str | int | float | list[str | int | float]] = Field(
        default_factory=dict,
        description="Cases to take, by columns of the cohort table, such as {modality: PT}.",
    )
    plan: Plan = Field(description="Outcomes, columns, steps, validation, null.")

    @field_validator("name")
    @classmethod
    def _plain(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError("letters, digits, _ and -, beginning with a letter or digit")
        return value


class Stated(Options):
    """What no file tells and only the authors know, for methods text and checklists."""

    segmentation: Literal["manual", "semi-automatic", "automatic"] | None = Field(
        default=None, description="How the regions were drawn."
    )
    external_sites: int | None = Field(
        default=None,
        ge=0,
        description="Sites with no part in this study at which a locked model was evaluated.",
    )


class Report(Options):
    """What the report shows."""

    pictures: int = Field(default=60, ge=0, description="At most so many pictures of lesions.")
    cards: int = Field(
        default=12,
        ge=0,
        description="At most so many features, those selected most often, get a map on their card.",
    )


class Protocol(Options):
    """A whole study."""

    advice = "'radiome study new FOLDER' writes every option with its meaning"

    title: str = Field(default="Untitled study", description="Heads the report.")
    authors: tuple[str, ...] = Field(default=(), description="Who answers for it.")
    cohort: str = Field(
        description="Cohort table; paths in it, and this one, count from the file's folder."
    )
    outcomes: str = Field(description="CSV file with one row per patient.")
    extraction: Extraction = Field(default_factory=Extraction, description="Measuring.")
    controls: Controls = Field(default_factory=Controls, description="Negative control images.")
    trust: Trust = Field(default_factory=Trust, description="Redundancy, volume, repeatability.")
    analyses: tuple[Analysis, ...] = Field(min_length=1, description="Questions, one by one.")
    stated: Stated = Field(default_factory=Stated, description="What no file tells.")
    report: Report = Field(default_factory=Report, description="The report.")

    @model_validator(mode="after")
    def _one_primary(self) -> Protocol:
        names = [analysis.name.casefold() for analysis in self.analyses]
        if len(set(names)) < len(names):
            raise ValueError("two analyses have the same name")
        if sum(analysis.role == "primary" for analysis in self.analyses) > 1:
            raise ValueError(
                "one analysis is primary, and the verdict is about it: "
                "give the others the role exploratory"
            )
        return self


def read_protocol(path: str | Path) -> Protocol:
    """Read a protocol from YAML.

    Raises
    ------
    SettingsError
        If the file cannot be read, or an option is unknown or not valid.
    """
    path = Path(path)
    try:
        values = load_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(
            "the protocol cannot be read",
            where=str(path),
            expected="a YAML file",
            got=" ".join(str(error).split()),
            do="'radiome study new FOLDER' writes one to start from",
        ) from None
    if not isinstance(values, Mapping):
        raise SettingsError(
            "the protocol holds no options",
            where=str(path),
            expected="at least cohort, outcomes and analyses",
            got="nothing" if values is None else f"a {type(values).__name__}",
            do="'radiome study new FOLDER' writes one to start from",
        )
    return parse_options(Protocol, values, where=str(path))
