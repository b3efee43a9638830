"""Many virtual lesions, each drawn from its own seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from radiome.phantoms.lesion import Lesion, make_lesion
from radiome.phantoms.parameters import SHAPES, LesionParameters

#: Irregularity by shape: lowest and highest.
_IRREGULARITY = {"ellipsoid": (0.0, 0.0), "lobulated": (0.2, 0.5), "spiculated": (0.3, 0.8)}


def cohort_parameters(
    n: int, seed: int, *, base: LesionParameters | None = None
) -> Iterator[LesionParameters]:
    """Draw the parameters of `n` lesions that differ in shape, size, contrast and texture.

    Lesion i depends on `seed` and i only: a longer cohort begins with the shorter one.

    Parameters
    ----------
    n : int
        Number of lesions.
    seed : int
        Of the cohort.
    base : LesionParameters, optional
        What all lesions share: modality, scan, noise. Volume (0.3 to 1.2 times),
        contrast, texture length (0.5 to 2 times) and amplitude (0.7 to 1.4 times) are
        varied around its values.
    """
    base = base if base is not None else LesionParameters.typical("CT")
    for number in range(n):
        # A spawn key, not a running generator: no lesion depends on those before it.
        source = np.random.SeedSequence(seed, spawn_key=(number,))
        rng = np.random.default_rng(source)
        shape = SHAPES[int(rng.integers(len(SHAPES)))]
        low, high = rng.uniform(0.75, 1.0), rng.uniform(1.0, 1.3)
        ratios = rng.permutation([low, 1.0, high])
        yield replace(
            base,
            seed=int(source.generate_state(1)[0]),
            shape=shape,
            axis_ratios=(float(ratios[0]), float(ratios[1]), float(ratios[2])),
            irregularity=float(rng.uniform(*_IRREGULARITY[shape])),
            volume_ml=base.volume_ml * float(np.exp(rng.uniform(np.log(0.3), np.log(1.2)))),
            contrast=base.contrast * float(rng.uniform(0.7, 1.3)),
            texture_mm=base.texture_mm * float(2.0 ** rng.uniform(-1.0, 1.0)),
            texture_amplitude=base.texture_amplitude * float(2.0 ** rng.uniform(-0.5, 0.5)),
        )


def virtual_cohort(n: int, seed: int, *, base: LesionParameters | None = None) -> Iterator[Lesion]:
    """Make the `n` lesions of `cohort_parameters`, one at a time."""
    for parameters in cohort_parameters(n, seed, base=base):
        yield make_lesion(parameters)
