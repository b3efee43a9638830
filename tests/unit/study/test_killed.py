"""A study that is killed at any moment goes on, to the same tables."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from made_protocol import write_study
from radiome.tables.feature_table import FeatureTable

TABLES = (
    "cohort.csv",
    "pictures.json",
    "extraction/features.parquet",
    "controls/shuffled_roi/features.parquet",
    "analyses/main/features.parquet",
    "analyses/main/clusters.csv",
    "analyses/main/trust.csv",
    "analyses/main/model/predictions.csv",
    "analyses/main/model/selection.csv",
)


def start(path: Path) -> subprocess.Popen[bytes]:
    call = "from radiome.cli.main import main; main()"
    command = [sys.executable, "-c", call, "study", "run", str(path), "--jobs", "1"]
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def content(folder: Path, name: str) -> bytes:
    """A table of a run, to the last bit; reasons name files, which lie in another folder."""
    path = folder / "run" / name
    if path.suffix == ".parquet":
        return FeatureTable.read(path).frame.drop(columns="reason").to_csv().encode()
    return path.read_bytes().replace(os.fsencode(folder), b"FOLDER")


def finished_pieces(run: Path) -> dict[Path, int]:
    """Stored cases and stored steps of models, with the time they were written."""
    found = [*run.glob("*/cases/*.json"), *run.glob("controls/*/cases/*.json")]
    found += run.glob("analyses/*/model/steps/*.npz")
    return {path: path.stat().st_mtime_ns for path in found}


def test_killed_at_five_random_moments(finished: Path, tmp_path: Path) -> None:
    path = write_study(tmp_path)
    run = tmp_path / "run"
    generator = np.random.default_rng()  # other moments each time, on purpose
    kept: dict[Path, int] = {}
    for wait in generator.uniform(3.0, 15.0, 5):
        process = start(path)
        time.sleep(wait)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        kept |= {piece: when for piece, when in finished_pieces(run).items() if piece not in kept}
    assert start(path).wait() == 0
    for name in TABLES:
        assert content(tmp_path, name) == content(finished, name), name
    now = finished_pieces(run)
    assert {piece: now[piece] for piece in kept} == kept, "something finished was done twice"
