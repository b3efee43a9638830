"""Importing stays light, and tables that name modules as text name real ones."""

import importlib
import json
import subprocess
import sys

import pytest

from radiome.features.families import FAMILY_TABLE

HEAVY = ("numba", "scipy", "pandas", "pyarrow", "pydicom", "nibabel", "highdicom", "rich")


def loaded_after(statement: str) -> set[str]:
    code = f"import sys, json; {statement}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_import_radiome_loads_nothing_heavy():
    assert not loaded_after("import radiome") & {*HEAVY, "numpy", "pydantic"}


def test_help_loads_nothing_heavy():
    statement = (
        "from radiome.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    )
    code = f"{statement}\nimport sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(json.loads(done.stdout.splitlines()[-1])) & {*HEAVY, "numpy", "pydantic"}


@pytest.mark.parametrize("family", sorted(FAMILY_TABLE))
def test_family_table_names_real_functions_of_the_family_module(family):
    module = importlib.import_module(f"radiome.features.{family}")
    assert callable(getattr(module, family))
    assert all(callable(getattr(module, part)) for part in FAMILY_TABLE[family].parts)
