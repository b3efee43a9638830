"""Neighbouring grey level dependence matrix (NGLDM) features."""

from __future__ import annotations

import numpy as np

from radiome.base.values import FeatureValue
from radiome.features.aggregation import aggregate, averaged
from radiome.features.emphases import emphases
from radiome.features.matrix_stack import MatrixStack
from radiome.features.texture_counts import TextureCounts
from radiome.features.texture_options import TextureOptions
from radiome.image.levels import Levels

_TAGS = (
    "ngl_lde",
    "ngl_hde",
    "ngl_lgce",
    "ngl_hgce",
    "ngl_ldlge",
    "ngl_ldhge",
    "ngl_hdlge",
    "ngl_hdhge",
    "ngl_glnu",
    "ngl_glnu_norm",
    "ngl_dcnu",
    "ngl_dcnu_norm",
    "ngl_dc_perc",
    "ngl_gl_var",
    "ngl_dc_var",
    "ngl_dc_entr",
)


def ngldm(
    levels: Levels, options: TextureOptions, counts: TextureCounts | None = None
) -> dict[str, FeatureValue]:
    """Compute the 17 NGLDM features for every asked aggregation.

    Element s_ij counts the voxels of level i with dependence j: one for the voxel
    itself, and one for each voxel of the intensity mask in its neighbourhood (a cube, in
    2D and 2.5D a square, of Chebyshev radius `ngldm_distance`) whose level differs by at
    most `ngldm_alpha`.

    Parameters
    ----------
    levels : Levels
        The discretised region.
    options : TextureOptions
        Uses `aggregations`, `ngldm_distance` and `ngldm_alpha`.
    counts : TextureCounts, optional
        Neighbourhoods shared with `ngtdm`.

    Returns
    -------
    dict
        Values by tag, e.g. ``ngl_lde_3D``.

    Notes
    -----
    Source: IBSI reference manual (arXiv:1612.07003), section 3.11, REK0.
    """
    shared = counts or TextureCounts(levels)
    found = aggregate(
        options.undirected,
        lambda: _dependences(shared, options, planar=True),
        lambda: _dependences(shared, options, planar=False),
    )
    values = emphases(found.stack, _TAGS)
    values["ngl_dc_energy"] = found.stack.joint().energy()
    return averaged(values, found.spans, found.stack.totals > 0, absent="the region has no voxels")


def _dependences(counts: TextureCounts, options: TextureOptions, *, planar: bool) -> MatrixStack:
    found = counts.neighbourhoods(
        planar=planar, distance=options.ngldm_distance, alpha=options.ngldm_alpha
    )
    n_columns = found[0].n_columns
    n_levels = counts.levels.n_levels
    return MatrixStack.from_keys(
        np.concatenate([part.cell + k * n_levels * n_columns for k, part in enumerate(found)]),
        np.concatenate([part.count for part in found]),
        np.arange(1.0, n_levels + 1),
        np.arange(1.0, n_columns + 1),
        np.array([float(part.count.sum()) for part in found]),
    )
