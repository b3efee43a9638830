"""Numba starts without SciPy's linear algebra, and is the same numba for it."""

import subprocess
import sys

import pytest

START = "from radiome.extraction.numba_start import load_numba; load_numba(); "


def answer(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_numba_loads_without_the_linear_algebra_of_scipy_and_leaves_no_stand_in():
    code = START + (
        "import sys; print('numba.np.arraymath' in sys.modules,"
        " any(name.startswith('scipy.linalg') for name in sys.modules))"
    )
    assert answer(code) == "True False"


def test_numba_still_knows_that_scipy_is_there():
    probe = "from numba.np.arraymath import _HAVE_BLAS; print(_HAVE_BLAS)"
    assert answer(START + probe) == answer(probe) == "True"


def test_scipy_and_a_numba_kernel_on_blas_work_afterwards():
    code = START + (
        "import numpy as np, scipy.linalg, scipy.linalg.cython_blas as blas;"
        "from numba import njit;"
        "dot = njit(lambda a, b: np.dot(a, b));"
        "a = np.eye(3) * 2.0;"
        "print(bool(blas.__file__), dot(a, a)[1, 1], scipy.linalg.inv(a)[0, 0])"
    )
    assert answer(code) == "True 4.0 0.5"


@pytest.mark.parametrize("loaded_before", ["numba.np.arraymath", "scipy.linalg"])
def test_nothing_is_replaced_where_either_is_loaded_already(loaded_before):
    name = "scipy.linalg.cython_blas"
    code = f"import sys, {loaded_before}; before = sys.modules['{name}']; {START}" + (
        f"print(sys.modules['{name}'] is before)"
    )
    assert answer(code) == "True"


def test_the_command_for_one_case_starts_numba_this_way():
    code = (
        "import sys\nfrom radiome.cli.main import main\n"
        "try: main(['extract', 'none.nii', 'none.nii'])\nexcept SystemExit: pass\n"
        "print('numba.np.arraymath' in sys.modules, 'scipy.linalg' in sys.modules)"
    )
    assert answer(code) == "True False"
