"""The run folder that the tests of the report read."""

from pathlib import Path

import pytest

from made_run import shared_run


@pytest.fixture(scope="session")
def run() -> Path:
    return shared_run()
