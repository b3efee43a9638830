"""A run to share: plain text, codes for names, and what everything was made from."""

from __future__ import annotations

import html
import json
import shutil
from collections.abc import Callable
from pathlib import Path, PureWindowsPath
from typing import Any

import pandas as pd

from radiome.base.errors import UserError
from radiome.base.options import parse_options
from radiome.base.yaml_text import dump_options, load_yaml
from radiome.model.outcome_reading import read_table
from radiome.study.analysis_rows import frame_columns
from radiome.study.coding import Codes, holders
from radiome.study.crate import write_crate
from radiome.study.file_checks import check_files
from radiome.study.protocol import Protocol, read_protocol
from radiome.study.records import read_record
from radiome.tables.atomic import write_json
from radiome.tables.feature_table import FeatureTable
from radiome.tables.files import write_csv

#: Columns of the cohort that are shared; the others are the author's, and may name somebody.
_SHARED = ("code", "status", "step")
_NEVER = ("case", "image", "mask", "roi", "note", "reason", "settings")
_PLAIN = ("clusters.csv", "trust.csv", "atlas.svg")


def export_run(run: str | Path, out: str | Path) -> Path:
    """Write a run as an RO-Crate without names of cases or patients.

    Parameters
    ----------
    run : path
        The run folder of a study.
    out : path
        New folder. Tables are CSV; ``provenance.csv`` has for each case the hashes of image,
        mask and settings; ``ro-crate-metadata.json`` tells what everything is.

    Returns
    -------
    Path
        The crate.

    Raises
    ------
    UserError
        If the folder is no run, a file of it was edited, `out` exists, or a file would hold
        a name of the cohort; it is told, and nothing is left behind.
    """
    folder, crate = Path(run), Path(out)
    if not (folder / "study.json").is_file():
        raise UserError(
            "this is no run of a study", where=str(folder), expected="study.json, of a run folder"
        )
    if crate.exists():
        raise UserError("the crate exists already", where=str(crate), do="give a new folder")
    _refuse_changed(folder)
    crate.mkdir(parents=True)
    try:
        codes = _Export(folder, crate).write()
        _refuse_names(crate, codes)
        write_crate(crate, read_record(crate / "study.json"))
    except BaseException:
        shutil.rmtree(crate)
        raise
    return crate


def _refuse_changed(folder: Path) -> None:
    """A crate carries hashes: they must not make an edited table look like a measured one.

    Nor tables of two runs, the second of them interrupted, like those of one.
    """
    _, found = check_files(folder, read_record(folder / "study.json").get("steps", {}))
    if found:
        first = found[0]
        raise UserError(
            "the run is not as its steps left it",
            where=str(folder),
            got=f"{first.where}: {first.what}" + (", and more" if found[1:] else ""),
            do="'radiome study verify' tells all; 'radiome study run' makes it again",
        )


def _refuse_names(crate: Path, codes: Codes) -> None:
    files = sorted(path for path in crate.rglob("*") if path.is_file())
    for path, name in holders(files, codes.names()):
        raise UserError(
            "a file of the crate would hold the name of a case or patient",
            where=path.relative_to(crate).as_posix(),
            got=name,
            do="choose cases by a column that names nobody where the protocol chooses them by "
            "name (where); call cases and patients so that their names are no words of the study",
        )


def _paths_of(protocol: Protocol | None) -> list[str]:
    """Files that a protocol names."""
    if protocol is None:
        return []
    settings = protocol.extraction.settings
    return [protocol.cohort, protocol.outcomes, *([settings] if isinstance(settings, str) else [])]


def _locked_protocol(run: Path) -> Protocol | None:
    """The protocol as it was locked, which may name other files."""
    if not (run / "lock.json").is_file():
        return None
    text = str(read_record(run / "lock.json")["protocol"])
    return parse_options(Protocol, load_yaml(text), where=str(run / "lock.json"))


class _Export:
    """The files of a crate, written one after the other."""

    def __init__(self, run: Path, crate: Path) -> None:
        self.run, self.crate = run, crate
        self.protocol: Protocol = read_protocol(run / "study.yaml")
        self.cohort = read_table(run / "cohort.csv", what="cohort of the run")
        patient = self.protocol.analyses[0].plan.columns.patient or "patient"
        self.patient = patient if patient in self.cohort else "case"
        self.codes = Codes.of(self.cohort, self.patient)
        self.told = read_record(run / "study.json")
        self.paths = {*_paths_of(self.protocol), *_paths_of(_locked_protocol(run))}
        made = [one["name"] for one in self.told["analyses"] if one["status"] == "modelled"]
        self.modelled = frozenset(made)

    def write(self) -> Codes:
        """Write all but the metadata."""
        self._cohort()
        self._protocol()
        self._provenance()
        self._features(self.run / "extraction" / "features.parquet", "features.csv")
        shutil.copy(self.run / "extraction" / "catalogue.csv", self.crate)
        for control in self.protocol.controls.images:
            source = self.run / "controls" / control / "features.parquet"
            self._features(source, f"controls/{control}.csv")
        for analysis in self.protocol.analyses:
            self._analysis(analysis.name)
        report = self.run / "report.html"
        if report.is_file():
            page = self._without_paths(report.read_text(encoding="utf-8"))
            (self.crate / report.name).write_text(page, encoding="utf-8", newline="\n")
        return self.codes

    def _frame(self, frame: pd.DataFrame, target: str) -> None:
        path = self.crate / target
        path.parent.mkdir(parents=True, exist_ok=True)
        write_csv(path, frame_columns(frame))

    def _cohort(self) -> None:
        facts = list(self.cohort.columns)[list(self.cohort.columns).index("reason") + 1 :]
        shared = [name for name in (*_SHARED, *facts) if name not in _NEVER]
        frame = self.cohort[shared].copy()
        frame.insert(1, "patient", [self.codes.patients[p] for p in self.cohort[self.patient]])
        self._frame(frame, "cohort.csv")

    def _protocol(self) -> None:
        text = self._without_paths(dump_options(self.protocol))
        (self.crate / "study.yaml").write_text(text, encoding="utf-8")
        told = dict(self.told)
        told["protocol"] = "study.yaml"
        for analysis in told["analyses"]:
            analysis["reason"] = self.codes.text(analysis["reason"])
        write_json(self.crate / "study.json", told, indent=1)
        for name in ("lock.json", "deviations.json"):
            if (self.run / name).is_file():
                text = (self.run / name).read_text(encoding="utf-8")
                (self.crate / name).write_text(self._without_paths(text), encoding="utf-8")

    def _without_paths(self, text: str) -> str:
        """A text with the names of the files of the protocol in place of their paths."""
        for path in sorted(self.paths, key=len, reverse=True):
            # As it stands in YAML, within JSON, in YAML within JSON, and in a page.
            quoted = json.dumps(path, ensure_ascii=False)[1:-1]
            for spelled in (json.dumps(quoted)[1:-1], quoted, html.escape(path), path):
                text = text.replace(spelled, PureWindowsPath(path).name)
        return text

    def _code_of(self, patient: str) -> str:
        if patient not in self.codes.patients:
            raise UserError(
                "a prediction is of a patient that the cohort of the run does not name",
                where=str(self.run),
                expected=f"the patients of cohort.csv, column '{self.patient}'",
                got=patient,
                do="run the study again; only what is missing is computed",
            )
        return self.codes.patients[patient]

    def _provenance(self) -> None:
        """Image, mask, settings and software of every case."""
        record = read_record(self.run / "extraction" / "run.json")
        keep = ("status", "image_sha256", "mask_sha256", "settings", "key")
        rows = [
            {"code": self.codes.cases[told["case"]], **{name: told.get(name) for name in keep}}
            for told in record["cases"]
        ]
        frame = pd.DataFrame(rows).assign(radiome=record["radiome"])
        self._frame(frame, "provenance.csv")
        kept = {name: record[name] for name in ("radiome", "software", "options", "settings")}
        write_json(self.crate / "settings.json", kept, indent=1)

    def _features(self, source: Path, target: str) -> None:
        table = FeatureTable.read(source)
        codes = [self.codes.cases[str(case)] for case in table.frame["case"]]
        frame = table.frame[list(table.features)].copy()
        frame.insert(0, "code", codes)
        self._frame(frame, target)

    def _analysis(self, name: str) -> None:
        folder, target = self.run / "analyses" / name, f"analyses/{name}"
        if name not in self.modelled:  # what an earlier run left is no part of this one
            return
        self._features(folder / "features.parquet", f"{target}/features.csv")
        for file in _PLAIN:
            shutil.copy(folder / file, self.crate / target)
        predictions = read_table(folder / "model" / "predictions.csv", what="predictions")
        coded = [self._code_of(patient) for patient in predictions["patient"]]
        self._frame(predictions.assign(patient=coded), f"{target}/predictions.csv")
        shutil.copy(folder / "model" / "selection.csv", self.crate / target)
        results = read_record(folder / "model" / "results.json")
        write_json(self.crate / target / "results.json", self._results(results), indent=1)
        text = (folder / "model" / "verdict.txt").read_text(encoding="utf-8")
        (self.crate / target / "verdict.txt").write_text(self.codes.text(text), encoding="utf-8")

    def _results(self, results: dict[str, Any]) -> dict[str, Any]:
        """Results without the command and the paths, and with codes in what is said."""
        inputs = {Path(path).name: digest for path, digest in results.pop("inputs", {}).items()}
        results.pop("command", None)
        said: Callable[[Any], Any] = lambda value: _in_texts(value, self.codes.text)  # noqa: E731
        return {**said(results), "inputs": inputs}


def _in_texts(value: Any, change: Callable[[str], str]) -> Any:
    """Plain values with `change` made to sentences; single words are names of columns."""
    if isinstance(value, str):
        return change(value) if " " in value else value
    if isinstance(value, dict):
        return {key: _in_texts(part, change) for key, part in value.items()}
    return [_in_texts(part, change) for part in value] if isinstance(value, list) else value
