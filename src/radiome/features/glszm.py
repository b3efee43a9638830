"""Grey level size zone matrix (GLSZM) features."""

from __future__ import annotations

from radiome.base.values import FeatureValue
from radiome.features.aggregation import aggregate, averaged
from radiome.features.emphases import emphases
from radiome.features.texture_counts import TextureCounts
from radiome.features.texture_options import TextureOptions
from radiome.features.zone_matrices import zone_stack
from radiome.image.levels import Levels

_TAGS = (
    "szm_sze",
    "szm_lze",
    "szm_lgze",
    "szm_hgze",
    "szm_szlge",
    "szm_szhge",
    "szm_lzlge",
    "szm_lzhge",
    "szm_glnu",
    "szm_glnu_norm",
    "szm_zsnu",
    "szm_zsnu_norm",
    "szm_z_perc",
    "szm_gl_var",
    "szm_zs_var",
    "szm_zs_entr",
)


def glszm(
    levels: Levels, options: TextureOptions, counts: TextureCounts | None = None
) -> dict[str, FeatureValue]:
    """Compute the 16 GLSZM features for every asked aggregation.

    Element s_ij counts the zones of level i and of j voxels: groups of voxels of one
    level in the intensity mask, linked by 26 neighbours (8 within a slice).

    Parameters
    ----------
    levels : Levels
        The discretised region.
    options : TextureOptions
        Uses `aggregations`.
    counts : TextureCounts, optional
        Zones shared with `gldzm`.

    Returns
    -------
    dict
        Values by tag, e.g. ``szm_sze_3D``.

    Notes
    -----
    Source: IBSI reference manual (arXiv:1612.07003), section 3.8, 9SAK.
    """
    shared = counts or TextureCounts(levels)
    found = aggregate(
        options.undirected,
        lambda: zone_stack(shared.zones(planar=True), levels, column=2, planar=True),
        lambda: zone_stack(shared.zones(planar=False), levels, column=2, planar=False),
    )
    return averaged(
        emphases(found.stack, _TAGS),
        found.spans,
        found.stack.totals > 0,
        absent="the region has no zones",
    )
