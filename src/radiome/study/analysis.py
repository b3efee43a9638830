"""One analysis of a study, from its rows to its statement, as steps that are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from radiome.cohort.manifest import Manifest
from radiome.model.outcome_reading import require_column
from radiome.model.output import write_study
from radiome.model.provenance import provenance_of
from radiome.model.run import run_plan
from radiome.model.study_folder import set_aside
from radiome.model.study_inputs import read_inputs
from radiome.robustness.repeatability import refuse_equal_numbers, repeatability
from radiome.robustness.repeatability_file import read_repeatability, write_repeatability
from radiome.select.atlas import AtlasOptions, make_atlas
from radiome.select.atlas_files import write_atlas
from radiome.select.clusters import ClusterRule
from radiome.study.analysis_rows import select_rows, with_columns, write_table
from radiome.study.map_views import MAP_OPTIONS, MOST_VOXELS
from radiome.study.maps import write_maps
from radiome.study.protocol import Analysis, Protocol
from radiome.study.records import read_record
from radiome.study.stamps import Step
from radiome.study.trust import write_trust
from radiome.tables.columns import Column
from radiome.tables.feature_table import FeatureTable

#: Told ``(outcome, step, done, total)``.
Progress = Callable[[str, str, int, int], None]


@dataclass(frozen=True, slots=True)
class AnalysisSteps:
    """The steps of one analysis.

    Parameters
    ----------
    protocol : Protocol
        Of the study.
    analysis : Analysis
        The question.
    manifest : Manifest
        The cohort.
    run : Path
        The run folder.
    outcomes : Path
        The outcome table.
    facts : sequence of Column
        What is known of each case of the cohort, beside its columns.
    workers : int
        Processes. The result does not depend on it.
    progress : callable
        Of the model.
    """

    protocol: Protocol
    analysis: Analysis
    manifest: Manifest
    run: Path
    outcomes: Path
    facts: tuple[Column, ...]
    workers: int
    progress: Progress

    @property
    def folder(self) -> Path:
        """``analyses/NAME`` in the run folder."""
        return self.run / "analyses" / self.analysis.name

    def steps(self) -> Iterator[Step]:
        """Rows, atlas, repeats where there are any, model, trust and maps, in this order."""
        name, trust = self.analysis.name, self.protocol.trust.model_dump(mode="json")
        tables, atlas = self._tables(), (self.folder / "clusters.csv", self.folder / "atlas.svg")
        plan = self.analysis.plan
        results = tuple(
            self.folder / "model" / file
            for file in (
                "results.json",
                "predictions.csv",
                "selection.csv",
                "ledger.json",
                "verdict.txt",
            )
        )
        trusted = (self.folder / "trust.csv",)
        lesions = [
            trust["repeat"],
            trust["lesion"],
            plan.columns.patient if trust["repeat"] else "",
        ]
        facts = [(column.name, column.cells) for column in self.facts]
        yield Step(
            f"rows {name}",
            [self.analysis.where, lesions, facts],
            tuple(self._measured().values()),
            tuple(tables.values()),
            self._write_rows,
        )
        yield Step(f"atlas {name}", trust, (tables[""],), atlas, self._write_atlas)
        if trust["repeat"] is not None:
            # The rows hold one measurement of each lesion; the facts may choose them.
            asked = [self.analysis.where, lesions, trust["repeated"], facts]
            source = (self._measured()[""], tables[""])
            yield Step(f"repeats {name}", asked, source, self._again(), self._write_repeats)
        yield Step(
            f"model {name}",
            plan.model_dump(mode="json"),
            (*tables.values(), self.outcomes, *self._again()),
            results,
            self._write_model,
        )
        inputs = (tables[""], atlas[0], *results[:3], *self._again())
        yield Step(f"trust {name}", None, inputs, trusted, self._write_trust)
        yield Step(
            f"maps {name}",
            [self.protocol.report.cards, MAP_OPTIONS.model_dump(), MOST_VOXELS],
            (*trusted, tables[""], self._measured()[""]),
            (self.folder / "maps.json",),
            self._write_maps,
        )

    def _measured(self) -> dict[str, Path]:
        """Feature tables of all cases: of the images (``""``) and of each control."""
        folders = {name: self.run / "controls" / name for name in self.protocol.controls.images}
        folders = {"": self.run / "extraction", **folders}
        return {name: folder / "features.parquet" for name, folder in folders.items()}

    def _tables(self) -> dict[str, Path]:
        """The same of this analysis."""
        controls = {
            name: self.folder / "controls" / f"{name}.parquet"
            for name in self.protocol.controls.images
        }
        return {"": self.folder / "features.parquet", **controls}

    def _again(self) -> tuple[Path, ...]:
        """The table of repeatability, where lesions were measured again."""
        repeated = self.protocol.trust.repeat is not None
        return (self.folder / "repeatability.csv",) if repeated else ()

    def _write_rows(self) -> None:
        for (name, source), target in zip(
            self._measured().items(), self._tables().values(), strict=True
        ):
            chosen = self._chosen(source, f", control '{name}'" if name else "")
            repeat = self.protocol.trust.repeat
            if repeat is not None:
                chosen = first_of_repeats(chosen, self._lesion(chosen), repeat)
            metadata = {"analysis": self.analysis.name, "control": name or None}
            metadata |= _measured_with(source.parent / "run.json")
            write_table(target, chosen, metadata)

    def _write_atlas(self) -> None:
        trust = self.protocol.trust
        options = AtlasOptions(
            ClusterRule(trust.cluster_threshold, trust.linkage),
            resamples=trust.resamples,
            seed=trust.seed,
        )
        write_atlas(make_atlas(FeatureTable.read(self._tables()[""]), options), self.folder)

    def _write_model(self) -> None:
        plan, tables = self.analysis.plan, self._tables()
        table = read_inputs(tables[""], self.outcomes, plan)
        controls = {
            name: read_inputs(path, self.outcomes, plan) for name, path in tables.items() if name
        }
        folder = self.folder / "model"
        folder.mkdir(parents=True, exist_ok=True)
        again = [read_repeatability(path) for path in self._again()]
        result = run_plan(
            table, plan, folder, controls=controls, repeatability=again[0] if again else None,
            workers=self.workers, progress=self.progress,
        )  # fmt: skip
        provenance = provenance_of([*tables.values(), self.outcomes, *self._again()])
        # Who tries plan after plan shall find them all, and so shall the reader.
        set_aside(folder, plan, provenance)
        write_study(result, folder, provenance=provenance)

    def _write_repeats(self) -> None:
        trust = self.protocol.trust
        rows = self._chosen(self._measured()[""])
        found = repeatability(
            rows.frame,
            FeatureTable.read(self._tables()[""]).features,
            subject=self._lesion(rows),
            repeat=str(trust.repeat),
            kind=trust.repeated or "scan",
        )
        (target,) = self._again()
        write_repeatability(target, found)

    def _write_trust(self) -> None:
        # That of a former run with repeats would be read as if it was of this one.
        if not self._again():
            (self.folder / "repeatability.csv").unlink(missing_ok=True)
        write_trust(self.folder, self.run / "extraction" / "catalogue.csv")

    def _write_maps(self) -> None:
        cards = self.protocol.report.cards
        write_maps(self.folder, self.run, self.manifest, cards=cards, workers=self.workers)

    def _lesion(self, table: FeatureTable) -> list[str]:
        """The columns that together name a lesion."""
        lesion = self.protocol.trust.lesion
        names = [self.analysis.plan.columns.patient or "patient", *([lesion] if lesion else [])]
        for name in (*names, str(self.protocol.trust.repeat)):
            require_column(
                table.frame[list(table.identifiers)],
                name,
                where=str(self.manifest.source),
                why="repeated measurements (trust.repeat, trust.lesion, columns.patient)",
            )
        return names

    def _chosen(self, source: Path, of: str = "") -> FeatureTable:
        table = with_columns(FeatureTable.read(source), self.facts)
        return select_rows(table, self.analysis.where, name=self.analysis.name, of=of)


def _measured_with(record: Path) -> dict[str, Any]:
    """Settings of a run and of its cases, for who predicts with a model of this table."""
    told = read_record(record)
    cases = {str(case["settings"]) for case in told["cases"] if case["status"] == "ok"}
    return {"settings": told["settings_fingerprint"], "case_settings": sorted(cases)}


def first_of_repeats(table: FeatureTable, lesion: list[str], repeat: str) -> FeatureTable:
    """The first measurement of each lesion that could be measured, in the order of the table.

    Parameters
    ----------
    table : FeatureTable
        One row per measurement.
    lesion : list of str
        Columns that together name a lesion.
    repeat : str
        Column that numbers its measurements. A cell without a number comes before all.

    Raises
    ------
    UserError
        If two rows of a lesion have one number: which comes first, nobody can tell.
    """
    refuse_equal_numbers(table.frame, lesion, repeat)
    numbers = table.frame[repeat]
    if pd.api.types.is_numeric_dtype(numbers):
        numbers = numbers.astype("float64").fillna(-np.inf)
    else:
        numbers = numbers.fillna("").astype(str)
    keys = [table.frame[name].astype(str) for name in lesion]
    least = numbers.groupby(keys, sort=False).transform("min")
    first = table.frame[numbers == least].reset_index(drop=True)
    return FeatureTable(first, table.features)
