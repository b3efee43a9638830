"""A fitted learner as bytes and back, without pickle, the same bytes for the same learner."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import skops.io
from skops.io.exceptions import UntrustedTypesFoundException

from radiome.base.errors import UserError
from radiome.model.locked.archive import pack

#: Types beyond those that skops trusts by itself. A file that asks for any other is refused.
TRUSTED_PACKAGE = "radiome.model.learners."
TRUSTED = frozenset(
    {
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.metrics._dist_metrics.EuclideanDistance64",
        "sklearn.model_selection._split.StratifiedKFold",
        "sklearn.neighbors._kd_tree.KDTree",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.tree._tree.Tree",
    }
)

_SCHEMA = "schema.json"


def dump_learner(learner: Any) -> bytes:
    """A fitted learner in the format of skops.

    skops names its parts by memory address and stamps them with the time; here they are
    numbered in the order in which they are named, so that equal learners give equal bytes.

    Raises
    ------
    UserError
        If the learner holds a type that would not be trusted on loading.
    """
    data = skops.io.dumps(learner)
    _trusted_types(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        schema = json.loads(archive.read(_SCHEMA))
        files: dict[str, str] = {}
        renumbered = _renumbered(schema, {}, files)
        parts = {new: archive.read(old) for old, new in files.items()}
    parts[_SCHEMA] = json.dumps(renumbered, sort_keys=True).encode()
    return pack(parts)


def load_learner(data: bytes) -> Any:
    """The learner of `dump_learner`.

    Raises
    ------
    UserError
        If it is no such file, or asks for a type that is not trusted.
    """
    trusted = _trusted_types(data)
    try:
        return skops.io.loads(data, trusted=trusted)
    except UntrustedTypesFoundException as error:
        raise _refusal(str(error)) from None


def _trusted_types(data: bytes) -> list[str]:
    try:
        wanted = skops.io.get_untrusted_types(data=data)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise UserError("the learner in the model file cannot be read", got=str(error)) from None
    strange = [name for name in wanted if name not in TRUSTED and not _ours(name)]
    if strange:
        raise _refusal(", ".join(strange))
    return list(wanted)


def _ours(name: str) -> bool:
    return name.startswith(TRUSTED_PACKAGE)


def _refusal(got: str) -> UserError:
    return UserError(
        "the learner holds types that are not trusted",
        expected="types of radiome.model.learners, scikit-learn, NumPy and SciPy",
        got=got,
        do="use a file that radiome wrote",
    )


def _renumbered(node: Any, ids: dict[int, int], files: dict[str, str]) -> Any:
    """The schema with its addresses and file names replaced by running numbers."""
    if isinstance(node, list):
        return [_renumbered(part, ids, files) for part in node]
    if not isinstance(node, dict):
        return node
    told: dict[str, Any] = {}
    for name, value in node.items():
        if name == "__id__":
            told[name] = ids.setdefault(value, len(ids) + 1)
        elif name == "file" and isinstance(value, str):
            suffix = value.rpartition(".")[2]
            told[name] = files.setdefault(value, f"{len(files) + 1}.{suffix}")
        else:
            told[name] = _renumbered(value, ids, files)
    return told
