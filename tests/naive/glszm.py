"""Slow twin of the GLSZM family, from section 3.8 of the IBSI reference manual."""

from __future__ import annotations

from collections import Counter

from naive.size_emphases import size_emphases
from naive.texture_stacks import average, moved, neighbourhood, undirected

TAGS = [
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
]


def zones(voxels, planar):
    """The sets of linked places of one level, by flood filling."""
    steps = neighbourhood(1, planar=planar)
    left = dict(voxels)
    found = []
    while left:
        place, level = left.popitem()
        zone, border = {place}, [place]
        while border:
            here = border.pop()
            for step in steps:
                other = moved(here, step)
                if left.get(other) == level:
                    del left[other]
                    zone.add(other)
                    border.append(other)
        found.append((level, zone))
    return found


def sizes(voxels, planar):
    return Counter((level, len(zone)) for level, zone in zones(voxels, planar))


def glszm(levels, aggregation):
    """Features by tag without aggregation."""
    return average([size_emphases(m, n, TAGS) for m, n in undirected(levels, aggregation, sizes)])
