"""Slow twin of the GLRLM family, from section 3.7 of the IBSI reference manual."""

from __future__ import annotations

from collections import Counter

from naive.size_emphases import size_emphases
from naive.texture_stacks import average, directed, moved

TAGS = [
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
]


def runs(voxels, step):
    """Number of runs by level and length along one direction."""
    matrix = Counter()
    for place, level in voxels.items():
        if voxels.get(moved(place, step, -1)) == level:
            continue
        length = 1
        while voxels.get(moved(place, step, length)) == level:
            length += 1
        matrix[level, length] += 1
    return matrix


def glrlm(levels, aggregation):
    """Features by tag without aggregation."""
    return average([size_emphases(m, n, TAGS) for m, n in directed(levels, aggregation, runs)])
