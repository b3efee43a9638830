"""Methods in words that can be pasted into a paper."""

from __future__ import annotations

from radiome.report.methods_imaging import imaging_paragraphs
from radiome.report.methods_model import model_paragraphs
from radiome.report.record import Record
from radiome.report.section import Output, Section
from radiome.report.words import counted, listed


def methods(record: Record, output: Output) -> Section | None:
    """Paragraphs with headings; nothing if neither images nor models are on record."""
    paragraphs = list(imaging_paragraphs(record))
    many = len(record.analyses) > 1
    for analysis in record.analyses:
        found = model_paragraphs(analysis)
        if many:
            found = [(f"{heading}, {analysis.name}", text) for heading, text in found]
        paragraphs += found
    if not paragraphs:
        return None
    paragraphs += [("Feature trust", _trust(record)), ("Software", _software(record))]
    shown = [(heading, text) for heading, text in paragraphs if text]
    return Section("methods", "Methods text", {"paragraphs": shown})


def _trust(record: Record) -> str:
    analysis = next((each for each in record.analyses if each.trust), None)
    if analysis is None:
        return ""
    clusters = {row["cluster"] for row in analysis.trust if row.get("cluster")}
    text = (
        "Features were grouped by hierarchical clustering of their absolute Spearman correlations "
        f"({len(clusters)} groups of {counted(len(analysis.trust), 'feature')}) and compared with the "
        "volume of the region, before outcomes were looked at."
    )
    if any(row.get("repeatability_icc") for row in analysis.trust):
        text += " Repeatability was measured by the intraclass correlation coefficient."
    if record.controls:
        names = listed([name.replace("_", " ") for name in record.controls])
        text += f" Negative controls were features of images with {names} voxels."
    return text


def _software(record: Record) -> str:
    told = record.extraction.get("software") or record.study.get("software") or {}
    version = record.study.get("radiome") or record.extraction.get("radiome") or ""
    packages = told.get("packages") or {}
    named = [f"{name} {packages[name]}" for name in ("numpy", "scipy", "numba") if name in packages]
    text = f"Everything was computed with radiome {version}"
    if told.get("python"):
        text += f" on Python {told['python']}"
    return f"{text} with {listed(named)}." if named else f"{text}."
