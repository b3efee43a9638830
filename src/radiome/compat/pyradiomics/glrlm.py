"""Run length features as pyradiomics 3.0.1 defines them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from radiome.compat.pyradiomics.binning import Binned
from radiome.compat.pyradiomics.feature_catalogue import FEATURE_CLASSES
from radiome.compat.pyradiomics.stacks import (
    is_weighted,
    lengths_mm,
    mean_emphases,
    neighbour_steps,
    summed,
    without_empty,
)
from radiome.features.grey_codes import TABLE_LIMIT, GreyCodes, grey_codes
from radiome.features.matrix_stack import Integers, MatrixStack
from radiome.kernels.runs import count_lengths

#: Features by the words of `stacks.EMPHASES`.
WORDS = {
    "GrayLevelNonUniformity": "level_uniformity",
    "GrayLevelNonUniformityNormalized": "level_uniformity_normalised",
    "GrayLevelVariance": "level_variance",
    "HighGrayLevelRunEmphasis": "high",
    "LongRunEmphasis": "long",
    "LongRunHighGrayLevelEmphasis": "long_high",
    "LongRunLowGrayLevelEmphasis": "long_low",
    "LowGrayLevelRunEmphasis": "low",
    "RunEntropy": "entropy",
    "RunLengthNonUniformity": "size_uniformity",
    "RunLengthNonUniformityNormalized": "size_uniformity_normalised",
    "RunPercentage": "percentage",
    "RunVariance": "size_variance",
    "ShortRunEmphasis": "short",
    "ShortRunHighGrayLevelEmphasis": "short_high",
    "ShortRunLowGrayLevelEmphasis": "short_low",
}


def compute(binned: Binned, settings: Mapping[str, Any]) -> dict[str, float]:
    """Compute all run length features: means over directions, or of their weighted sum.

    A direction in which no line holds two voxels of the region takes no part.
    `weightingNorm` weighs runs with the length of a step in mm and adds the directions.

    Notes
    -----
    Source: pyradiomics 3.0.1 documentation, "Gray Level Run Length Matrix Features".
    """
    steps = neighbour_steps(binned, [1])
    steps = steps[[_has_lines(binned, step) for step in steps]]
    if not len(steps):
        return dict.fromkeys(FEATURE_CLASSES["glrlm"], float("nan"))
    stack = _runs(grey_codes(binned.levels), steps, binned.levels.n_voxels)
    norm = settings.get("weightingNorm")
    if norm is not None:
        lengths = np.ones(len(steps))
        if is_weighted(norm):
            lengths = lengths_mm(steps, binned.spacing, norm)
        stack = summed(stack, lengths)
    return mean_emphases(without_empty(stack), WORDS)


def _has_lines(binned: Binned, step: Integers) -> bool:
    """Whether a line along `step` holds two voxels of the region, neighbours or not."""
    inside = binned.levels.morphological
    near = tuple(
        slice(max(0, int(s)), inside.shape[a] + min(0, int(s))) for a, s in enumerate(step)
    )
    far = tuple(
        slice(max(0, -int(s)), inside.shape[a] - max(0, int(s))) for a, s in enumerate(step)
    )
    if (inside[near] & inside[far]).any():
        return True
    places = np.argwhere(inside)
    axis = int(np.flatnonzero(step)[0])
    # Voxels of one line agree once each is moved along the step to position 0 of an axis.
    lines = places - places[:, axis, None] * step * step[axis]
    return len(np.unique(lines, axis=0)) < len(places)


def _runs(codes: GreyCodes, steps: Integers, n_voxels: int) -> MatrixStack:
    shape = codes.box.shape
    longest = max(shape) - 2
    stride = longest + 2
    chunk = max(1, TABLE_LIMIT // (codes.size * stride))
    keys, counts = [], []
    for start in range(0, len(steps), chunk):
        part = steps[start : start + chunk]
        table = count_lengths(codes.flat, shape, (1, shape[0] - 1), part, codes.size, stride)
        table = table.reshape(len(part), codes.size, stride)[:, 1:, 1:]
        # A run of n passes through the lengths 1 to n.
        ended = (table[:, :, :-1] - table[:, :, 1:]).reshape(-1)
        found = np.flatnonzero(ended)
        keys.append(found + start * (codes.size - 1) * longest)
        counts.append(ended[found])
    return MatrixStack.from_keys(
        np.concatenate(keys),
        np.concatenate(counts),
        codes.values,
        np.arange(1.0, longest + 1),
        np.full(len(steps), float(n_voxels)),
    )
