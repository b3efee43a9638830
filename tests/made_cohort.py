"""A small cohort of virtual lesions as NIfTI files, with an outcome that their texture knows."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from radiome.image import Geometry, Mask, Volume
from radiome.io.nifti import write_nifti


def write_cohort(folder: Path, n: int = 3, *, seed: int = 0, broken: bool = False) -> Path:
    """Write n cases and ``cohort.csv``; a broken one has an empty mask.

    Every second case has a coarse texture, which ``outcomes.csv`` calls 1.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(n):
        generator = np.random.default_rng((seed, number))
        coarse = number % 2 == 1
        volume, mask = case(generator, coarse)
        name = f"case_{number + 1:02d}"
        if broken and number == n - 1:
            mask = Mask(np.zeros_like(mask.voxels), mask.geometry)
        write_nifti(folder / f"{name}.nii.gz", volume)
        write_nifti(folder / f"{name}_mask.nii.gz", mask)
        rows.append((name, f"{name}.nii.gz", f"{name}_mask.nii.gz", "CT", f"P{number + 1:02d}"))
    with (folder / "cohort.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("case", "image", "mask", "modality", "patient"))
        writer.writerows(rows)
    with (folder / "outcomes.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("patient", "coarse"))
        writer.writerows((row[4], number % 2) for number, row in enumerate(rows))
    return folder / "cohort.csv"


def case(generator: np.random.Generator, coarse: bool) -> tuple[Volume, Mask]:
    """A ball of noise in CT, smoothed along x where the texture is coarse."""
    shape, spacing = (10, 24, 24), (2.0, 1.0, 1.0)
    noise = generator.normal(size=shape)
    if coarse:
        noise = (noise + np.roll(noise, 1, axis=2) + np.roll(noise, 2, axis=2)) / np.sqrt(3)
    voxels = np.round(40 + 20 * noise).astype(np.int16)
    z, y, x = np.indices(shape)
    radius = generator.uniform(6.5, 8.5)
    ball = ((z - 4.5) * 2) ** 2 + (y - 11.5) ** 2 + (x - 11.5) ** 2 < radius**2
    grid = Geometry(shape, spacing)
    return Volume(voxels, grid, "CT", "HU"), Mask(ball, grid)
