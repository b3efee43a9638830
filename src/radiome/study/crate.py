"""RO-Crate metadata: what the files of a shared run are, and what made them.

Source: RO-Crate 1.1, JSON-LD with terms of schema.org.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from radiome.study.stamps import file_hash
from radiome.tables.atomic import write_json

#: The context of RO-Crate 1.1 does not know the term of schema.org for a file's hash.
_CONTEXT = ("https://w3id.org/ro/crate/1.1/context", {"sha256": "https://schema.org/sha256"})
_PROFILE = "https://w3id.org/ro/crate/1.1"
_SOFTWARE = "#radiome"
_LICENCE = "#licence"

_FORMATS = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".yaml": "application/yaml",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".html": "text/html",
}

#: What files are, by the end of their path.
_MEANINGS = {
    "study.yaml": "Protocol: every choice from images to the statement.",
    "study.json": "How the run ended: steps, analyses, software.",
    "lock.json": "Protocol and hashes as they were locked before the outcomes were read.",
    "deviations.json": "What was changed after the lock.",
    "cohort.csv": "Every case, with where and why some left, and facts of the images.",
    "provenance.csv": "Of each case the hashes of image, mask and settings, and the software.",
    "settings.json": "Settings of the extraction in full, by their fingerprint.",
    "catalogue.csv": "What each feature is: IBSI code, name, unit, family.",
    "clusters.csv": "Which features say the same, and which stand in for volume.",
    "trust.csv": "What is known of each feature besides its value.",
    "predictions.csv": "Predictions out of fold, of every model and baseline.",
    "selection.csv": "How often each feature was selected.",
    "results.json": "Figures with their intervals, gates and the verdict.",
    "verdict.txt": "The verdict in words.",
    "atlas.svg": "Redundancy of the features as a picture.",
    "report.html": "The report.",
    "features.csv": "Feature values, one row per case.",
}


def write_crate(folder: Path, study: Mapping[str, Any]) -> Path:
    """Write ``ro-crate-metadata.json`` for all files of a folder.

    Parameters
    ----------
    folder : Path
        The crate.
    study : mapping
        ``study.json`` of the run.
    """
    files = sorted(p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    authors = _people(study["authors"])
    parts = [{"@id": path.as_posix()} for path in files]
    graph = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": _PROFILE},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": study["title"],
            "description": "A radiomics study: protocol, tables, statements, and their making.",
            "datePublished": study["created"],
            "license": {"@id": _LICENCE},
            **({"author": [{"@id": one["@id"]} for one in authors]} if authors else {}),
            "hasPart": parts,
            "mentions": [{"@id": "#run"}],
        },
        _licence(),
        *authors,
        _software(study),
        _action(study, files),
        *(_file(folder, path) for path in files),
    ]
    target = folder / "ro-crate-metadata.json"
    write_json(target, {"@context": list(_CONTEXT), "@graph": graph}, indent=1)
    return target


def _licence() -> dict[str, Any]:
    """A root without licence is not valid; which one, only the authors can say."""
    return {
        "@id": _LICENCE,
        "@type": "CreativeWork",
        "name": "No licence stated",
        "description": "The authors state none here: ask them before these files are used, or, "
        "as an author, put the licence in the place of this one.",
    }


def _people(authors: list[str]) -> list[dict[str, Any]]:
    return [
        {"@id": f"#author-{number}", "@type": "Person", "name": name}
        for number, name in enumerate(authors, start=1)
    ]


def _software(study: Mapping[str, Any]) -> dict[str, Any]:
    packages = study["software"]["packages"]
    return {
        "@id": _SOFTWARE,
        "@type": "SoftwareApplication",
        "name": "radiome",
        "version": study["radiome"],
        "softwareRequirements": [
            f"python {study['software']['python']}",
            *(f"{name} {version}" for name, version in packages.items()),
        ],
    }


def _action(study: Mapping[str, Any], files: list[Path]) -> dict[str, Any]:
    made = [path for path in files if path.name not in ("study.yaml", "lock.json")]
    return {
        "@id": "#run",
        "@type": "CreateAction",
        "name": "Run of the study",
        "endTime": study["created"],
        "instrument": {"@id": _SOFTWARE},
        "object": [{"@id": "study.yaml"}, {"@id": "provenance.csv"}],
        "result": [{"@id": path.as_posix()} for path in made],
    }


def _file(folder: Path, path: Path) -> dict[str, Any]:
    meaning = _MEANINGS.get(path.name)
    if path.parts[0] == "controls":
        meaning = "Feature values of a negative control image."
    told: dict[str, Any] = {
        "@id": path.as_posix(),
        "@type": "File",
        "name": path.name,
        "encodingFormat": _FORMATS.get(path.suffix, "application/octet-stream"),
        "contentSize": str((folder / path).stat().st_size),
        "sha256": file_hash(folder / path),
    }
    return {**told, "description": meaning} if meaning else told
