"""Finished steps of a study in its folder, found again by what they were made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from radiome.base.errors import UserError
from radiome.base.version import __version__
from radiome.model.analysis_table import AnalysisTable
from radiome.model.ledger import Fit
from radiome.model.out_of_fold import FoldRecord, OutOfFold
from radiome.model.outcomes import Outcome
from radiome.tables.atomic import replacing


def fingerprint(*parts: Any) -> str:
    """Hash of arrays, texts and plain values, and of the version of radiome."""
    digest = hashlib.sha256(__version__.encode())
    for part in parts:
        if isinstance(part, np.ndarray):
            # Texts of different lengths have different item sizes: their content counts.
            plain = part.tolist() if part.dtype.kind in "UO" else None
            data = json.dumps(plain).encode() if plain is not None else part.tobytes()
            digest.update(str(part.shape).encode() + data)
        else:
            digest.update(json.dumps(part, sort_keys=True, default=str).encode())
        digest.update(b"|")
    return digest.hexdigest()[:24]


def table_fingerprint(table: AnalysisTable, name: str) -> str:
    """Hash of all that an outcome is analysed with."""
    outcome = table.outcomes[name]
    optional: list[Any] = [part for part in (table.sites, table.batch) if part is not None]
    if table.covariates is not None:
        for place, heading in enumerate(table.covariates):
            optional += [str(heading), table.covariates.iloc[:, place].to_numpy()]
    blocks = [part for block in sorted(table.blocks) for part in (block, table.blocks[block])]
    return fingerprint(
        table.features,
        list(table.names),
        table.patients,
        outcome.values.tobytes().hex(),
        outcome.options.model_dump(),
        *optional,
        *blocks,
    )


class StepStore:
    """Out-of-fold predictions kept in a folder.

    Parameters
    ----------
    folder : Path
        Where; made when needed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str, key: str, suffix: str) -> Path:
        """File of a step."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / f"{name}-{key}{suffix}"

    def once(
        self, name: str, key: str, outcome: Outcome, make: Callable[[], OutOfFold]
    ) -> OutOfFold:
        """The stored predictions of a step, or those that `make` gives, then stored.

        Parameters
        ----------
        name : str
            Of the step, for the file.
        key : str
            Hash of everything that it is made from.
        outcome : Outcome
            Of the rows, from which the outcome of the patients is taken.
        make : callable
            Computes it.
        """
        path = self.path(name, key, ".npz")
        if path.is_file():
            try:
                return _read(path, outcome)
            except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile) as error:
                raise UserError(
                    "a finished step cannot be read",
                    where=str(path),
                    expected="a file that radiome wrote and nobody changed",
                    got=str(error),
                    do="delete this file: the step is then computed anew",
                ) from error
        found = make()
        _write(path, found)
        return found


def _write(path: Path, found: OutOfFold) -> None:
    told = {
        "records": [asdict(record) for record in found.records],
        "fits": [fit.as_dict() for fit in found.fits],
    }
    with replacing(path) as part, part.open("wb") as file:
        np.savez_compressed(
            file,
            scores=found.scores,
            folds=found.folds,
            patients=found.patients,
            first=found.first_rows,
            told=np.array(json.dumps(told)),
        )


def _read(path: Path, outcome: Outcome) -> OutOfFold:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        told: Mapping[str, Any] = json.loads(str(stored["told"]))
        return OutOfFold(
            stored["scores"],
            stored["folds"],
            stored["patients"],
            stored["first"],
            outcome.taken(stored["first"]),
            tuple(_record(values) for values in told["records"]),
            tuple(Fit.from_dict(values) for values in told["fits"]),
        )


def _record(values: Mapping[str, Any]) -> FoldRecord:
    return FoldRecord(**{**values, "selected": tuple(values["selected"])})
