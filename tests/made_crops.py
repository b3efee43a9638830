"""Small crops of balls whose core is bright or dark."""

import os

import numpy as np

from radiome.cohort.crops import crop_one


def made_crops(n=60, size=16, *, seed=0, noise=0.5, strength=1.0):
    """Crops (n, 2, z, y, x) with the mask behind, and how bright the core is (n,) in -1 to 1.

    Balls differ in place and size, and their mean is the same whatever the core is.
    """
    rng = np.random.default_rng(seed)
    bright = rng.choice([-1.0, 1.0], size=n)
    bright[: n // 2], bright[n // 2 : 2 * (n // 2)] = 1.0, -1.0
    bright = rng.permutation(bright)
    grid = np.indices((size,) * 3).astype(np.float64)
    crops = np.empty((n, 2, size, size, size), np.float32)
    for place in range(n):
        centre = (size - 1) / 2 + rng.uniform(-1, 1, size=3)
        radius = size * rng.uniform(0.3, 0.42)
        distance = np.sqrt(((grid - centre[:, None, None, None]) ** 2).sum(axis=0))
        inside, core = distance < radius, distance < 0.6 * radius
        shell = inside & ~core
        image = noise * rng.standard_normal(inside.shape)
        image[core] += strength * bright[place]
        image[shell] -= strength * bright[place] * core.sum() / shell.sum()
        crops[place] = image, inside
    return crops, bright


def dies_at_b(case, options, reading):
    """As a reader that takes its process down would; a new process finds it by its name."""
    if case.name == "b":
        os._exit(1)
    return crop_one(case, options, reading)
