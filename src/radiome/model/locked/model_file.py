"""A locked model in memory and as a file."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import UserError
from radiome.model.learners.catalogue import scores as learner_scores
from radiome.model.locked.archive import digest, read_members, write_members
from radiome.model.locked.learner_bytes import dump_learner, load_learner
from radiome.model.locked.recalibration import Correction
from radiome.model.locked.references import check_references
from radiome.model.locked.scope import Scope
from radiome.model.locked.training_rows import TrainingRows
from radiome.model.locked.transforms import Transforms
from radiome.model.outcomes import OutcomeOptions
from radiome.model.plan import Plan, make_plan

Floats = NDArray[np.float64]

FORMAT = "radiome locked model"

#: Version of what ``model.json`` holds; a file of a higher one is refused.
SCHEMA = 1

_FACTS, _LEARNER, _CORRECTION = "model.json", "model.skops", "recalibration.json"


@dataclass(frozen=True, slots=True, eq=False)
class LockedModel:
    """A model that predicts and is not fitted again.

    Parameters
    ----------
    facts : mapping
        All that ``model.json`` holds, as plain values.
    learner : estimator
        Fitted.
    correction : Correction
        Kept beside the model, off by default.
    plan : Plan
        What the model was made by.
    outcome : OutcomeOptions
        What it predicts.
    transforms : Transforms
        From measured features to what the learner sees.
    scope : Scope
        What it was trained on.
    training_rows : TrainingRows
        To find training rows again.
    sha256 : str
        Of the file; empty before it is written.
    """

    facts: Mapping[str, Any]
    learner: Any
    correction: Correction
    plan: Plan
    outcome: OutcomeOptions
    transforms: Transforms
    scope: Scope
    training_rows: TrainingRows
    sha256: str = ""

    @property
    def classes(self) -> tuple[str, ...]:
        """What the codes of the outcome stand for."""
        return tuple(self.facts["outcome"]["classes"])

    @property
    def features(self) -> tuple[str, ...]:
        """Features that it needs, in order."""
        return self.transforms.names

    @property
    def threshold(self) -> float | None:
        """Score from which a patient is called positive, for a binary outcome."""
        value = self.facts["threshold"].get("value")
        return None if value is None else float(value)

    def scores(self, harmonised: Floats) -> Floats:
        """Scores (n,) or (n, classes) of rows (n, k) that `transforms` has harmonised."""
        kind, classes = self.outcome.kind, len(self.classes) or None
        inputs = self.transforms.scaled(harmonised)
        return learner_scores(self.learner, inputs, kind, n_classes=classes)


def assemble(
    facts: Mapping[str, Any], learner: Any, correction: Correction, *, sha256: str = ""
) -> LockedModel:
    """A model from what its file holds."""
    names = tuple(facts["features"])
    plan = make_plan(facts["plan"], where="plan of the model file")
    outcome = OutcomeOptions.model_validate(facts["outcome"]["declaration"])
    return LockedModel(
        facts,
        learner,
        correction,
        plan,
        outcome,
        Transforms.from_dict(names, facts["transforms"]),
        Scope.from_dict(names, facts["scope"]),
        TrainingRows.from_dict(facts["training"]["rows_found_by"]),
        sha256,
    )


def write_model(model: LockedModel, path: str | Path) -> str:
    """Write a model; equal models give equal bytes, but for the time of locking.

    Returns
    -------
    str
        SHA-256 of the file.
    """
    path = Path(path)
    learner = dump_learner(model.learner)
    correction = _json(model.correction.as_dict())
    members = {_LEARNER: digest(learner), _CORRECTION: digest(correction)}
    facts = _json({**model.facts, "members": members})
    write_members(path, {_FACTS: facts, _LEARNER: learner, _CORRECTION: correction})
    return digest(path.read_bytes())


def read_model(path: str | Path) -> LockedModel:
    """Read a model, check every hash, and let it predict its reference rows.

    Raises
    ------
    UserError
        If the file is damaged, was changed, was written by a newer radiome, holds a type
        that is not trusted, or does not give the predictions that it was locked with.

    Warns
    -----
    UserWarning
        If scikit-learn has another version than at the time of locking.
    """
    path = Path(path)
    members = read_members(path)
    absent = sorted({_FACTS, _LEARNER, _CORRECTION} - members.keys())
    if absent:
        raise UserError("the model file is not whole", where=str(path), got="no " + absent[0])
    facts = _read_facts(members[_FACTS], path)
    for name, expected in facts["members"].items():
        if digest(members[name]) != expected:
            raise UserError(
                "the parts of the model file do not belong together",
                where=f"{path}, member '{name}'",
                expected=f"SHA-256 {expected}",
                got=digest(members[name]),
            )
    _compare_versions(facts, path)
    correction = Correction.from_dict(json.loads(members[_CORRECTION]))
    learner = load_learner(members[_LEARNER])
    model = assemble(facts, learner, correction, sha256=digest(path.read_bytes()))
    check_references(
        model.transforms,
        learner,
        model.outcome.kind,
        len(model.classes) or None,
        facts["references"],
        where=str(path),
    )
    return model


def _read_facts(data: bytes, path: Path) -> dict[str, Any]:
    try:
        facts = json.loads(data)
        told, schema = facts["format"], int(facts["schema"])
    except (ValueError, KeyError, TypeError):
        told, schema, facts = "", 0, {}
    if told != FORMAT:
        raise UserError("this is not a locked model", where=f"{path}, member '{_FACTS}'")
    if schema > SCHEMA:
        raise UserError(
            "the model file was written by a newer radiome",
            where=str(path),
            expected=f"schema {SCHEMA} or lower",
            got=f"schema {schema}, written by radiome {facts.get('radiome')}",
            do="install that version of radiome",
        )
    return dict(facts)


def _compare_versions(facts: Mapping[str, Any], path: Path) -> None:
    locked, here = facts["packages"]["scikit-learn"], version("scikit-learn")
    if locked != here:
        warnings.warn(
            f"{path}: locked with scikit-learn {locked}, read with {here}; "
            "its reference predictions are checked",
            UserWarning,
            stacklevel=3,
        )


def _json(values: Mapping[str, Any]) -> bytes:
    text = json.dumps(values, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    return (text + "\n").encode()
