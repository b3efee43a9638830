"""Neighbourhoods shared by the dependence and the grey tone difference features."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import SettingsError
from radiome.compat.pyradiomics.binning import Binned
from radiome.compat.pyradiomics.stacks import distances_of
from radiome.features.texture_counts import flat_steps, with_margin
from radiome.kernels.neighbourhood import count_neighbourhoods


def count(binned: Binned, settings: Mapping[str, Any]) -> NDArray[np.int64]:
    """Counts (3, n_levels, neighbours + 1) as `count_neighbourhoods` gives, level 1 first.

    Neighbours are the voxels at the Chebyshev `distances`, with `force2D` within the
    slice, and depend on each other up to a difference of `gldm_a` grey levels.
    """
    distances = distances_of(settings)
    reach = max(distances)
    box = with_margin(binned.levels.levels, reach)
    span = np.arange(-reach, reach + 1)
    grid = np.meshgrid([0] if binned.planar else span, span, span, indexing="ij")
    steps = np.stack(grid, axis=-1).reshape(-1, 3)
    steps = steps[np.isin(np.abs(steps).max(axis=1), distances)]
    size = binned.levels.n_levels + 1
    found: NDArray[np.int64] = count_neighbourhoods(
        box.reshape(-1),
        box.shape,
        (reach, box.shape[0] - reach),
        flat_steps(steps, box.shape),
        size,
        _limit(settings),
    )
    return found.reshape(3, size, -1)[:, 1:]


def _limit(settings: Mapping[str, Any]) -> int:
    limit = settings.get("gldm_a", 0)
    if limit < 0:
        raise SettingsError("gldm_a must not be negative", where="gldm_a", got=str(limit))
    # Grey levels differ by whole numbers.
    return math.floor(float(limit))
