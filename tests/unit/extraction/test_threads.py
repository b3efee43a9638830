"""Threads, of ours and of the matrix library, change no bit of a row."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SCRIPT = """
import sys
import numpy as np
from radiome.extraction.case import extract_case
from radiome.extraction.settings import FilteredImage, Settings
from radiome.filters.laplacian_of_gaussian import LaplacianOfGaussian
from radiome.filters.riesz import RieszFilter
from radiome.filters.wavelet import WaveletFilter
from radiome.image import Geometry, Mask, Volume

shape = (31, 68, 74)
generator = np.random.default_rng(3)
z, y, x = np.indices(shape)
inside = ((z - 15) / 14) ** 2 + ((y - 33) / 30) ** 2 + ((x - 36) / 34) ** 2 < 1
grid = Geometry(shape, (3.0, 0.9, 1.1))
volume = Volume(generator.integers(0, 400, shape), grid)
log = LaplacianOfGaussian(sigma=2.0)
filters = (
    log,
    WaveletFilter(bands=("LLH",)),
    RieszFilter(of=log, order=(1, 0, 1), steering_sigma=1.0),
)
images = tuple(FilteredImage(filter=chosen) for chosen in filters)
row = extract_case(
    volume, Mask(inside, grid), Settings(filtered_images=images), threads=int(sys.argv[1])
)
for name, value in row.items():
    print(name, value.hex() if isinstance(value, float) else value)
"""


def rows_with(blas_threads: str, threads: str, processor: str) -> str:
    environment = dict(
        os.environ,
        OPENBLAS_NUM_THREADS=blas_threads,
        OMP_NUM_THREADS=blas_threads,
    )
    if processor:
        environment["OPENBLAS_CORETYPE"] = processor
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, threads],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout


# The matrix products for Haswell round differently with threads; those of other processors may not.
@pytest.mark.parametrize("processor", ["", "Haswell"])
def test_threads_change_no_bit_of_a_row(processor: str) -> None:
    alone = rows_with("1", "1", processor)
    assert "morph_moran_i" in alone
    assert rows_with("2", "1", processor) == alone
    assert rows_with("2", "2", processor) == alone
