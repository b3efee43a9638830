"""Read the plain facts of a study from its run folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from radiome.base.errors import UserError
from radiome.base.yaml_text import load_yaml
from radiome.report.checklists.case_facts import Row, of_cases, rows_of, with_settings
from radiome.report.checklists.facts import Record
from radiome.report.checklists.outcome_facts import outcome_facts


def read_record(folder: str | Path, **stated: Any) -> Record:
    """Read what the run folder of a study tells.

    Parameters
    ----------
    folder : path
        Of `radiome study run`. A file that is not there leaves its facts unknown.
    **stated
        Fields of `Record` that are known otherwise, such as ``segmentation="manual"``.

    Raises
    ------
    UserError
        If there is no such folder, or a file in it is not what it should be.
    """
    run = Path(folder)
    if not run.is_dir():
        raise UserError(
            "there is no such run folder",
            where=str(run),
            expected="the folder that 'radiome study run' wrote",
        )
    study, protocol = _json(run / "study.json") or {}, _protocol(run / "study.yaml")
    analysis = _primary(study, protocol)
    record = _of_study(run, study, protocol, analysis)
    record = _of_model(record, run / "analyses" / record.analysis)
    rows = rows_of(run / "cohort.csv")
    record = of_cases(record, rows)
    record = _of_extraction(record, run / "extraction", rows)
    if record.sites is None:
        # The sites may stand in the outcome table; those that were left out in turn are counted.
        counted = [each.left_out_sites for each in record.outcomes if each.left_out_sites]
        record = replace(record, sites=max(counted, default=None))
    return replace(record, **stated)


def _json(path: Path) -> Any:
    """Content of a JSON file, or None if it is not there."""
    if not path.is_file():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise UserError(
            "a file of the run cannot be read",
            where=str(path),
            expected="JSON, as radiome wrote it",
            got=str(error),
        ) from None


def _protocol(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        values = load_yaml(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(
            "the protocol of the run cannot be read",
            where=str(path),
            expected="YAML, as radiome wrote it",
            got=" ".join(str(error).split()),
        ) from None
    return dict(values) if isinstance(values, Mapping) else {}


def _primary(study: Mapping[str, Any], protocol: Mapping[str, Any]) -> dict[str, Any]:
    """The primary analysis as declared, or the first; its plan from the protocol."""
    known = {str(each.get("name", "main")): dict(each) for each in protocol.get("analyses") or ()}
    for each in study.get("analyses") or ():
        known.setdefault(each["name"], {}).update(each)
    ranked = sorted(known.values(), key=lambda each: each.get("role", "primary") != "primary")
    return ranked[0] if ranked else {}


def _of_study(
    run: Path, study: Mapping[str, Any], protocol: Mapping[str, Any], analysis: Mapping[str, Any]
) -> Record:
    lock, deviations = _json(run / "lock.json") or {}, _json(run / "deviations.json")
    controls = [path.name for path in sorted((run / "controls").glob("*")) if path.is_dir()]
    measured = tuple(controls) if controls or (run / "extraction").is_dir() else None
    stated = protocol.get("stated") or {}
    steps = {name: str(step["status"]) for name, step in (study.get("steps") or {}).items()}
    return Record(
        title=str(study.get("title") or protocol.get("title") or ""),
        version=str(study.get("radiome") or ""),
        software=study.get("software") or {},
        steps=steps,
        locked=str(lock.get("locked") or ""),
        deviations=len(deviations) if lock and deviations is not None else None,
        analysis=str(analysis.get("name") or ""),
        where=analysis.get("where") or {},
        trust=protocol.get("trust") or {},
        segmentation=str(stated.get("segmentation") or ""),
        external_sites=stated.get("external_sites"),
        extraction=protocol.get("extraction") or {},
        plan=analysis.get("plan") or {},
        controls=measured,
    )


def _of_model(record: Record, folder: Path) -> Record:
    """Facts of the files of one analysis."""
    if not record.analysis or not folder.is_dir():
        return record
    results, index = _json(folder / "model/results.json"), _json(folder / "model/models/index.json")
    trust, clusters = rows_of(folder / "trust.csv"), rows_of(folder / "clusters.csv")
    record = replace(
        record,
        repeatable=sum(bool(row.get("repeatability_icc")) for row in trust) if trust else None,
        clusters=len({row["cluster"] for row in clusters} - {"", "0"}) if clusters else None,
        models=None if index is None else sum("file" in each for each in index),
        predictions=(folder / "model/predictions.csv").is_file(),
    )
    if not results:
        return record
    outcomes = outcome_facts(results)
    return replace(
        record,
        version=record.version or str(results.get("radiome") or ""),
        plan=results["plan"],
        patients=results.get("patients"),
        features=results.get("features"),
        outcomes=outcomes,
    )


def _of_extraction(record: Record, folder: Path, rows: Sequence[Row]) -> Record:
    """Settings, families and response maps."""
    run, catalogue = _json(folder / "run.json"), rows_of(folder / "catalogue.csv")
    if run:
        record = replace(
            record,
            version=record.version or str(run.get("radiome") or ""),
            software=record.software or run.get("software") or {},
            settings=with_settings(run, rows, record.where),
        )
    if not catalogue:
        return record
    return replace(
        record,
        features=record.features or len(catalogue),
        families=tuple(dict.fromkeys(row["family"] for row in catalogue)),
        maps=tuple(dict.fromkeys(row["image"] for row in catalogue if row["image"])),
    )
