from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from made_protocol import write_study
from radiome.study.running import run_study


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that was run: ``study.yaml``, its data and ``run`` in one folder."""
    folder = tmp_path_factory.mktemp("study")
    run_study(write_study(folder), folder / "run", jobs=1)
    return folder


@pytest.fixture
def study(finished: Path, tmp_path: Path) -> Callable[[], Path]:
    """A copy of it to spoil."""

    def copied() -> Path:
        return Path(shutil.copytree(finished, tmp_path / "study", copy_function=shutil.copy2))

    return copied
