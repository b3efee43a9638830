"""Grey level distance zone matrix (GLDZM) features."""

from __future__ import annotations

from radiome.base.values import FeatureValue
from radiome.features.aggregation import aggregate, averaged
from radiome.features.emphases import emphases
from radiome.features.texture_counts import TextureCounts
from radiome.features.texture_options import TextureOptions
from radiome.features.zone_matrices import zone_stack
from radiome.image.levels import Levels

_TAGS = (
    "dzm_sde",
    "dzm_lde",
    "dzm_lgze",
    "dzm_hgze",
    "dzm_sdlge",
    "dzm_sdhge",
    "dzm_ldlge",
    "dzm_ldhge",
    "dzm_glnu",
    "dzm_glnu_norm",
    "dzm_zdnu",
    "dzm_zdnu_norm",
    "dzm_z_perc",
    "dzm_gl_var",
    "dzm_zd_var",
    "dzm_zd_entr",
)


def gldzm(
    levels: Levels, options: TextureOptions, counts: TextureCounts | None = None
) -> dict[str, FeatureValue]:
    """Compute the 16 GLDZM features for every asked aggregation.

    Element d_ij counts the zones of level i (linked as for GLSZM) at distance j: the
    smallest city-block distance of a voxel of the zone to the border of the morphological
    mask, 1 for a voxel at the border; the edge of the image is a border too. In 2D and
    2.5D both zones and distances stay within the slice.

    Parameters
    ----------
    levels : Levels
        The discretised region.
    options : TextureOptions
        Uses `aggregations`.
    counts : TextureCounts, optional
        Zones shared with `glszm`.

    Returns
    -------
    dict
        Values by tag, e.g. ``dzm_sde_3D``.

    Notes
    -----
    Source: IBSI reference manual (arXiv:1612.07003), section 3.9, VMDZ.
    """
    shared = counts or TextureCounts(levels)
    found = aggregate(
        options.undirected,
        lambda: zone_stack(shared.zones(planar=True), levels, column=3, planar=True),
        lambda: zone_stack(shared.zones(planar=False), levels, column=3, planar=False),
    )
    return averaged(
        emphases(found.stack, _TAGS),
        found.spans,
        found.stack.totals > 0,
        absent="the region has no zones",
    )
