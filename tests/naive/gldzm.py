"""Slow twin of the GLDZM family, from section 3.9 of the IBSI reference manual."""

from __future__ import annotations

from collections import Counter

import numpy as np

from naive.glszm import zones
from naive.size_emphases import size_emphases
from naive.texture_stacks import average, undirected

TAGS = [
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
]


def distance(place, outside, planar):
    """City-block distance of a voxel to the nearest place outside, in its slice if planar."""
    gaps = np.abs(outside - np.array(place))
    if planar:
        gaps = gaps[gaps[:, 0] == 0]
    return int(gaps.sum(axis=1).min())


def gldzm(levels, aggregation):
    """Features by tag without aggregation."""
    outside = np.argwhere(~levels.morphological)

    def distances(voxels, planar):
        return Counter(
            (level, min(distance(place, outside, planar) for place in zone))
            for level, zone in zones(voxels, planar)
        )

    matrices = undirected(levels, aggregation, distances)
    return average([size_emphases(m, n, TAGS) for m, n in matrices])
