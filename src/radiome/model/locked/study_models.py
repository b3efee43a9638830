"""The locked models of a study: one for each outcome that was modelled."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from radiome.base.errors import UserError
from radiome.model.locked.locking import lock
from radiome.model.locked.model_file import write_model
from radiome.model.locked.source import FeatureSource
from radiome.model.run import StudyResult
from radiome.tables.atomic import write_json


def lock_study(
    result: StudyResult,
    folder: Path,
    *,
    source: FeatureSource | None = None,
    created: datetime | None = None,
) -> list[dict[str, Any]]:
    """Write ``OUTCOME.radiome`` for each modelled outcome, and ``index.json``.

    Parameters
    ----------
    result : StudyResult
        What was computed.
    folder : Path
        Where; made if needed.
    source : FeatureSource, optional
        How the features were measured.
    created : datetime, optional
        Time of locking, by default now.

    Returns
    -------
    list of dict
        Of each outcome the file and its hash, or the reason why there is none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    told: list[dict[str, Any]] = []
    taken: set[str] = set()
    for outcome in result.outcomes:
        found, verdict, figures = outcome.evaluation, outcome.verdict, outcome.figures
        if found is None or verdict is None or figures is None:
            told.append({"outcome": outcome.name, "reason": outcome.reason})
            continue
        path = folder / _file_name(outcome.name, taken)
        try:
            model = lock(
                found, result.plan, figures=figures, verdict=verdict, source=source, created=created
            )
            digest = write_model(model, path)
        except UserError as error:
            # The study stands without the model; the index says what is missing.
            path.unlink(missing_ok=True)
            told.append({"outcome": outcome.name, "reason": " ".join(error.message.split())})
            continue
        told.append({"outcome": outcome.name, "file": path.name, "sha256": digest})
    write_json(folder / "index.json", told, indent=1)
    return told


def _file_name(outcome: str, taken: set[str]) -> str:
    """The outcome as a file name; a number behind it where two come to the same."""
    stem = "".join(c if c.isalnum() or c in "-_." else "_" for c in outcome).lstrip(".") or "model"
    name, number = f"{stem}.radiome", 2
    while name.casefold() in taken:
        name, number = f"{stem}_{number}.radiome", number + 1
    taken.add(name.casefold())
    return name
