"""Plain facts of a study that checklists and the methods text rest on.

Everything has a value that says "not known": ``None`` or empty. Nothing is assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Range of a spacing over the cases, in mm.
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class MeasuredWith:
    """Settings, and what was measured with them.

    Parameters
    ----------
    values : mapping
        Settings of the extraction in full, as plain values.
    modalities : tuple of str
        DICOM modalities of the cases, sorted; empty if not known.
    cases : int
        How many cases.
    """

    values: Mapping[str, Any]
    modalities: tuple[str, ...] = ()
    cases: int = 0


@dataclass(frozen=True, slots=True)
class OutcomeFacts:
    """What is on record about one outcome.

    Parameters
    ----------
    name : str
        The outcome.
    kind : str
        ``binary``, ``survival`` and so on; empty if not known.
    reference_standard : str
        What says which patients have it; ``not_stated`` or empty where nobody said.
    modelled : bool
        Whether there was enough to model.
    reason : str
        Why not.
    patients, missing, events : int or None
        Patients with a value, without one, and with the event.
    classes : mapping of str to int
        Patients of each class.
    gates : mapping of int to str
        Status of each gate of the verdict.
    compared : frozenset of str
        Steps of the ladder of baselines that have a concordance with interval;
        ``features`` is the model itself.
    gains : frozenset of str
        Steps over which the gain has an interval.
    defined : frozenset of str
        Figures of performance that have a value.
    explained : frozenset of str
        ``importance``, ``shap``, as far as computed.
    needed : int or None
        Patients that the criteria of sample size ask for.
    left_out_sites : int or None
        Sites that were predicted by models of the others.
    permutations : int or None
        Of the null of the whole pipeline.
    """

    name: str
    kind: str = ""
    reference_standard: str = ""
    modelled: bool = False
    reason: str = ""
    patients: int | None = None
    missing: int | None = None
    events: int | None = None
    classes: Mapping[str, int] = field(default_factory=dict)
    gates: Mapping[int, str] = field(default_factory=dict)
    compared: frozenset[str] = frozenset()
    gains: frozenset[str] = frozenset()
    defined: frozenset[str] = frozenset()
    explained: frozenset[str] = frozenset()
    needed: int | None = None
    left_out_sites: int | None = None
    permutations: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What the run folder of a study tells; of the primary analysis where they differ.

    Parameters
    ----------
    title : str
        Of the study.
    version : str
        Of radiome.
    software : mapping
        ``python``, ``platform``, ``packages``.
    steps : mapping of str to str
        How each step of the study ended.
    locked : str
        When plan, cohort and outcome file were locked; empty if they were not.
    deviations : int or None
        Changes after the lock.
    analysis : str
        Name of the primary analysis, or of the first.
    where : mapping
        Columns and values that the analysis takes its cases by; empty for all.
    cases, measured, patients, sites : int or None
        Cases of the cohort table, those measured, patients and sites of the analysis.
    reasons : mapping of str to int
        Cases that left, by step.
    modalities : mapping of str to int
        Measured cases of the analysis by DICOM modality.
    units : tuple of str
        Units of their intensities, sorted; ``""`` for an arbitrary one.
    known : mapping of str to mapping of str to float
        For each modality and column of the cohort table the share of cases that have a value.
    values : mapping of str to mapping of str to str
        For each modality and header fact what its values are, in short.
    spacing_mm : three of (float, float) or None
        Least and greatest voxel spacing along z, y, x.
    mask_formats : tuple of str
        Endings of the mask files, sorted.
    settings : tuple of MeasuredWith
        How the cases of the analysis were measured.
    features : int or None
        Columns of features.
    families, maps : tuple of str
        Feature families, and names of response maps.
    clusters : int or None
        Clusters of correlated features.
    repeatable : int or None
        Features with an intraclass correlation of repeated measurements; 0 where no
        repeats were given.
    trust : mapping
        The section of that name in the protocol.
    plan : mapping
        The plan of the analysis in full.
    extraction : mapping
        The section of that name in the protocol.
    controls : tuple of str or None
        Negative control images that were measured.
    outcomes : tuple of OutcomeFacts
        As in the plan.
    models : int or None
        Locked models that were written.
    predictions : bool
        Whether the prediction of every patient is on file.
    segmentation : {"", "manual", "semi-automatic", "automatic"}
        How the regions were drawn, if the section ``stated`` of the protocol tells.
    external_sites : int or None
        Sites that had no part in the study and on which a locked model was evaluated, if
        that section tells.
    """

    title: str = ""
    version: str = ""
    software: Mapping[str, Any] = field(default_factory=dict)
    steps: Mapping[str, str] = field(default_factory=dict)
    locked: str = ""
    deviations: int | None = None
    analysis: str = ""
    where: Mapping[str, Any] = field(default_factory=dict)
    cases: int | None = None
    measured: int | None = None
    patients: int | None = None
    sites: int | None = None
    reasons: Mapping[str, int] = field(default_factory=dict)
    modalities: Mapping[str, int] = field(default_factory=dict)
    units: tuple[str, ...] = ()
    known: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    spacing_mm: tuple[Span, Span, Span] | None = None
    mask_formats: tuple[str, ...] = ()
    settings: tuple[MeasuredWith, ...] = ()
    features: int | None = None
    families: tuple[str, ...] = ()
    maps: tuple[str, ...] = ()
    clusters: int | None = None
    repeatable: int | None = None
    trust: Mapping[str, Any] = field(default_factory=dict)
    plan: Mapping[str, Any] = field(default_factory=dict)
    extraction: Mapping[str, Any] = field(default_factory=dict)
    controls: tuple[str, ...] | None = None
    outcomes: tuple[OutcomeFacts, ...] = ()
    models: int | None = None
    predictions: bool = False
    segmentation: str = ""
    external_sites: int | None = None

    @property
    def modelled(self) -> tuple[OutcomeFacts, ...]:
        """Outcomes that were modelled."""
        return tuple(outcome for outcome in self.outcomes if outcome.modelled)

    @property
    def results(self) -> str:
        """Path of the results of the analysis in the run folder."""
        return f"analyses/{self.analysis}/model/results.json"

    @property
    def selectors(self) -> tuple[str, ...]:
        """Names of the selectors of the plan."""
        return tuple(str(step["name"]) for step in self.plan.get("select", ()))

    def columns(self, role: str) -> tuple[str, ...]:
        """Columns that the plan gives a role, such as ``clinical``."""
        given = self.plan.get("columns", {}).get(role) or ()
        return (given,) if isinstance(given, str) else tuple(given)
