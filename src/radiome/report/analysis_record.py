"""What one analysis of a run found, gathered as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from radiome.base.errors import UserError
from radiome.model.plots.catalogue import PLOTS
from radiome.model.plots.writing import file_stems
from radiome.report.reading import Row, read_json, read_rows
from radiome.report.words import listed

if TYPE_CHECKING:
    from radiome.tables.feature_table import FeatureTable


_PREDICTED = ("outcome", "model", "patient", "score")
#: What the results tell of every outcome that was modelled.
_TOLD = ("verdict", "sentence", "gates", "alternatives", "outcome", "figures", "null")


@dataclass(frozen=True, slots=True, eq=False)
class OutcomeFound:
    """One outcome of an analysis.

    Parameters
    ----------
    name, stem : str
        The outcome, and its part of the names of files.
    told : mapping
        Its entry of ``results.json``.
    options : mapping
        Its entry of the plan.
    plots : mapping of str to Path
        SVG files by the name of the plot, in the order of the catalogue of plots.
    """

    name: str
    stem: str
    told: Mapping[str, Any]
    options: Mapping[str, Any]
    plots: Mapping[str, Path]

    @property
    def modelled(self) -> bool:
        """Whether there was enough to model."""
        return self.told.get("status") == "modelled"

    @property
    def figures(self) -> Mapping[str, Any]:
        """Figures of performance; empty where nothing was modelled."""
        return self.told.get("figures") or {}


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """One question that was put to some of the cases.

    Parameters
    ----------
    name, role : str
        What it is called, and ``primary`` or ``exploratory``.
    where : mapping
        Which cases, by columns of the cohort table; empty for all.
    folder : Path
        Its files.
    status, reason : str
        ``modelled``, or ``failed`` and why.
    trust, clusters : list of dict
        Rows of ``trust.csv`` and ``clusters.csv``.
    maps : mapping
        ``maps.json``: pictures of features in two cases each; empty if there is none.
    results : mapping
        ``results.json`` of the model; empty if there is none.
    predictions, selection : list of dict
        Rows of the model's files.
    outcomes : tuple of OutcomeFound
        In the order of the plan.
    """

    name: str
    role: str
    where: Mapping[str, Any]
    folder: Path
    status: str
    reason: str
    trust: list[Row]
    clusters: list[Row]
    maps: Mapping[str, Any]
    results: Mapping[str, Any]
    predictions: list[Row]
    selection: list[Row]
    outcomes: tuple[OutcomeFound, ...]

    @property
    def plan(self) -> Mapping[str, Any]:
        """The plan as run, every option written out."""
        return self.results.get("plan") or {}

    def patient_column(self, columns: list[str]) -> str:
        """Which column of a table names the patient."""
        named = (self.plan.get("columns") or {}).get("patient")
        return named or ("patient" if "patient" in columns else "case")

    def features(self) -> FeatureTable | None:
        """Read the feature table of this analysis; None if there is none."""
        from radiome.tables.feature_table import FeatureTable

        path = self.folder / "features.parquet"
        return FeatureTable.read(path).measured() if path.is_file() else None


def read_analysis(run: Path, told: Mapping[str, Any]) -> Analysis:
    """Gather one analysis of the run.

    Parameters
    ----------
    run : Path
        The run folder.
    told : mapping
        Its entry of ``study.json``.
    """
    folder = run / (told.get("folder") or f"analyses/{told['name']}")
    model = folder / "model"
    results = read_json(model / "results.json", {})
    _complete(results, model / "results.json")
    return Analysis(
        name=str(told["name"]),
        role=str(told.get("role") or "primary"),
        where=told.get("where") or {},
        folder=folder,
        status=str(told.get("status") or ""),
        reason=str(told.get("reason") or ""),
        trust=read_rows(folder / "trust.csv", ("feature",)),
        clusters=read_rows(folder / "clusters.csv", ("feature",)),
        maps=read_json(folder / "maps.json", {}),
        results=results,
        predictions=read_rows(model / "predictions.csv", _PREDICTED),
        selection=read_rows(model / "selection.csv"),
        outcomes=_outcomes(results, model / "plots"),
    )


def _complete(results: Mapping[str, Any], path: Path) -> None:
    """Refuse results from which the report cannot be made.

    Raises
    ------
    UserError
        If they lack what the model of a study always writes.
    """
    missing = [name for name in ("rows", "patients") if results and name not in results]
    for each in results.get("outcomes", []):
        if each.get("status") == "modelled":
            missing += [f"{name} of an outcome" for name in _TOLD if name not in each]
    if missing:
        raise UserError(
            "the results of a model are not complete",
            where=str(path),
            got=f"no {listed(list(dict.fromkeys(missing)))}",
            do="run the study again; only what is missing is computed",
        )


def _outcomes(results: Mapping[str, Any], plots: Path) -> tuple[OutcomeFound, ...]:
    told = results.get("outcomes", [])
    planned = {each["name"]: each for each in (results.get("plan") or {}).get("outcomes", [])}
    stems = file_stems([str(each["name"]) for each in told])
    return tuple(
        OutcomeFound(
            name=str(each["name"]),
            stem=stem,
            told=each,
            options=planned.get(each["name"], {}),
            plots={
                name: plots / f"{stem}-{name}.svg"
                for name in PLOTS
                if (plots / f"{stem}-{name}.svg").is_file()
            },
        )
        for each, stem in zip(told, stems, strict=True)
    )
