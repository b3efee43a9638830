"""Grey level run length matrix (GLRLM) features."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from radiome.base.values import FeatureValue
from radiome.features.aggregation import aggregate, averaged
from radiome.features.emphases import emphases
from radiome.features.grey_codes import TABLE_LIMIT, GreyCodes, grey_codes, table_fits
from radiome.features.matrix_stack import (
    Integers,
    MatrixStack,
    joined,
    sum_by_key,
)
from radiome.features.texture_counts import (
    TextureCounts,
    directions,
    filled_slices,
    flat_steps,
)
from radiome.features.texture_options import TextureOptions
from radiome.image.levels import Levels
from radiome.kernels.runs import count_lengths

_TAGS = (
    "rlm_sre",
    "rlm_lre",
    "rlm_lgre",
    "rlm_hgre",
    "rlm_srlge",
    "rlm_srhge",
    "rlm_lrlge",
    "rlm_lrhge",
    "rlm_glnu",
    "rlm_glnu_norm",
    "rlm_rlnu",
    "rlm_rlnu_norm",
    "rlm_r_perc",
    "rlm_gl_var",
    "rlm_rl_var",
    "rlm_rl_entr",
)


def glrlm(
    levels: Levels, options: TextureOptions, counts: TextureCounts | None = None
) -> dict[str, FeatureValue]:
    """Compute the 16 GLRLM features for every asked aggregation.

    Element r_ij counts the runs of level i and length j along a direction: unbroken
    lines of voxels of one level in the intensity mask. Where directions are merged the
    run percentage counts each voxel once for every direction.

    Parameters
    ----------
    levels : Levels
        The discretised region.
    options : TextureOptions
        Uses `aggregations`.
    counts : TextureCounts, optional
        Not used: no other family shares these counts.

    Returns
    -------
    dict
        Values by tag, e.g. ``rlm_sre_3D_avg``.

    Notes
    -----
    Source: IBSI reference manual (arXiv:1612.07003), section 3.7, TP0I.
    """
    codes = grey_codes(levels)
    planar_steps, solid_steps = directions(planar=True), directions(planar=False)
    everything = (1, codes.box.shape[0] - 1, levels.n_voxels)
    found = aggregate(
        options.aggregations,
        lambda: joined([_runs(codes, planar_steps, part) for part in filled_slices(codes.box)]),
        lambda: _runs(codes, solid_steps, everything),
        directions=(len(planar_steps), len(solid_steps)),
    )
    return averaged(
        emphases(found.stack, _TAGS),
        found.spans,
        found.stack.totals > 0,
        absent="the region has no runs",
    )


def _runs(codes: GreyCodes, steps: Integers, part: tuple[int, int, int]) -> MatrixStack:
    """Run counts of each direction within slices `part`."""
    longest = max(codes.box.shape) - 2
    table = codes.size * (longest + 2)
    if table_fits(table, part[2]):
        chunk = max(1, TABLE_LIMIT // table)
        starts = range(0, len(steps), chunk)
        found = [_tabled(codes, steps[n : n + chunk], part, longest) for n in starts]
    else:
        chunk = 1
        found = [_walked(codes, step, part, longest) for step in steps]
    square = len(codes.values) * longest
    return MatrixStack.from_keys(
        np.concatenate([keys + n * chunk * square for n, (keys, _) in enumerate(found)]),
        np.concatenate([count for _, count in found]),
        codes.values,
        np.arange(1.0, longest + 1),
        np.full(len(steps), float(part[2])),
    )


def _tabled(
    codes: GreyCodes, steps: Integers, part: tuple[int, int, int], longest: int
) -> tuple[Integers, NDArray[np.generic]]:
    stride = longest + 2
    reached = count_lengths(codes.flat, codes.box.shape, part[:2], steps, codes.size, stride)
    reached = reached.reshape(len(steps), codes.size, stride)[:, 1:, 1:]
    ended = (reached[:, :, :-1] - reached[:, :, 1:]).reshape(-1)
    keys = np.flatnonzero(ended)
    return keys, ended[keys]


def _walked(
    codes: GreyCodes, step: Integers, part: tuple[int, int, int], longest: int
) -> tuple[Integers, NDArray[np.generic]]:
    """Count runs of one direction by following all of them at once, a voxel at a time."""
    plane = codes.box.shape[1] * codes.box.shape[2]
    offset = int(flat_steps(step[None], codes.box.shape)[0])
    flat = codes.flat
    start = np.flatnonzero(flat[part[0] * plane : part[1] * plane]) + part[0] * plane
    start = start[flat[start] != flat[start - offset]]
    keys = []
    for length in range(1, longest + 1):
        goes_on = flat[start + length * offset] == flat[start]
        ended = start[~goes_on]
        keys.append((flat[ended].astype(np.int64) - 1) * longest + length - 1)
        start = start[goes_on]
        if not start.size:
            break
    every = np.concatenate(keys)
    return sum_by_key(every, np.ones(len(every)), len(codes.values) * longest)
