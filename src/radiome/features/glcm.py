"""Grey level co-occurrence matrix (GLCM) features."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from radiome.base.values import FeatureValue
from radiome.features.aggregation import aggregate, averaged
from radiome.features.grey_codes import TABLE_LIMIT, GreyCodes, grey_codes, table_fits
from radiome.features.matrix_stack import (
    Distribution,
    Floats,
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
from radiome.kernels.cooccurrence import count_pairs

_UNDEFINED = {
    "cm_corr": "all pairs have the same grey level, so the correlation is 0 / 0",
    "cm_info_corr1": "all pairs have the same grey level, so the entropy it is divided by is 0",
}


def glcm(
    levels: Levels, options: TextureOptions, counts: TextureCounts | None = None
) -> dict[str, FeatureValue]:
    """Compute the 25 GLCM features for every asked aggregation.

    Element p_ij is the share of neighbouring voxel pairs (at the distance and along the
    direction of the matrix, counted both ways, both voxels in the intensity mask) with
    levels i and j. A direction or slice without any pair takes no part in averages.
    Correlation and information correlation 1 are not defined for a matrix with a single
    level: such matrices take no part in their average, and a region that has no other
    is not applicable.

    Parameters
    ----------
    levels : Levels
        The discretised region.
    options : TextureOptions
        Uses `aggregations` and `glcm_distance`.
    counts : TextureCounts, optional
        Not used: no other family shares these counts.

    Returns
    -------
    dict
        Values by tag, e.g. ``cm_contrast_3D_avg``.

    Notes
    -----
    Source: IBSI reference manual (arXiv:1612.07003), section 3.6, LFYI.
    """
    distance = options.glcm_distance
    codes = grey_codes(levels, margin=distance)
    z = codes.box.shape[0]
    planar_steps = directions(planar=True) * distance
    solid_steps = directions(planar=False) * distance
    everything = (distance, z - distance, levels.n_voxels)
    found = aggregate(
        options.aggregations,
        lambda: joined([_pairs(codes, planar_steps, part) for part in filled_slices(codes.box)]),
        lambda: _pairs(codes, solid_steps, everything),
        directions=(len(planar_steps), len(solid_steps)),
    )
    return averaged(
        _features(found.stack, codes.n_levels),
        found.spans,
        found.stack.totals > 0,
        absent=f"no two voxels of the region are neighbours at a distance of {distance}",
        undefined=_UNDEFINED,
    )


def _pairs(codes: GreyCodes, steps: Integers, part: tuple[int, int, int]) -> MatrixStack:
    """Count unordered pairs (row: lower code) of each direction within slices `part`.

    The symmetric matrix of the standard holds a pair of unlike levels twice, as (i, j) and
    as (j, i), and a pair of like levels twice in one place; half of it says everything.
    """
    offsets = flat_steps(steps, codes.box.shape)
    table = codes.size**2
    if table_fits(table, part[2]):
        chunk = max(1, TABLE_LIMIT // table)
        starts = range(0, len(offsets), chunk)
        found = [_tabled(codes, offsets[n : n + chunk], part) for n in starts]
    else:
        chunk = 1
        found = [_sorted(codes, int(offset), part) for offset in offsets]
    square = len(codes.values) ** 2
    return MatrixStack.from_keys(
        np.concatenate([keys + n * chunk * square for n, (keys, _) in enumerate(found)]),
        np.concatenate([count for _, count in found]),
        codes.values,
        codes.values,
        np.full(len(offsets), float(part[2])),
    )


def _tabled(
    codes: GreyCodes, offsets: Integers, part: tuple[int, int, int]
) -> tuple[Integers, NDArray[np.generic]]:
    size = codes.size
    flat_counts = count_pairs(codes.flat, codes.box.shape, part[:2], offsets, size)
    one_way = flat_counts.reshape(-1, size, size)[:, 1:, 1:]
    unordered = np.triu(one_way + one_way.swapaxes(1, 2))
    code = np.arange(size - 1)
    unordered[:, code, code] //= 2
    unordered = unordered.reshape(-1)
    keys = np.flatnonzero(unordered)
    return keys, unordered[keys]


def _sorted(
    codes: GreyCodes, offset: int, part: tuple[int, int, int]
) -> tuple[Integers, NDArray[np.generic]]:
    plane = codes.box.shape[1] * codes.box.shape[2]
    flat = codes.flat
    voxel = np.flatnonzero(flat[part[0] * plane : part[1] * plane]) + part[0] * plane
    voxel = voxel[flat[voxel + offset] > 0]
    one = flat[voxel].astype(np.int64) - 1
    other = flat[voxel + offset].astype(np.int64) - 1
    n = len(codes.values)
    keys = np.minimum(one, other) * n + np.maximum(one, other)
    return sum_by_key(keys, np.ones(len(keys)), n * n)


def _features(stack: MatrixStack, n_levels: int) -> dict[str, Floats]:
    level = stack.row_values.astype(np.int64)
    first, second = level[stack.row], level[stack.column]
    joint = stack.joint()
    element = np.where(first == second, 1, 0.5) * joint.probability  # p_ij, and p_ji as well
    marginal = _marginal(stack)
    sums = stack.distribution(first + second, np.arange(2.0 * level[-1] + 1))
    gaps = stack.distribution(second - first, np.arange(level[-1] + 1.0))
    mean = marginal.mean()
    variance = marginal.variance(mean)
    entropy = 0.0 - joint.expect(np.log2(element))
    peak = np.zeros(stack.n_matrices)
    np.maximum.at(peak, stack.matrix, element)
    of_sums = _of_sums(sums, 2 * mean)
    of_gaps = _of_differences(gaps, n_levels)
    values = {
        "cm_joint_max": peak,
        "cm_joint_avg": mean,
        "cm_joint_var": variance,
        "cm_joint_entr": entropy,
        **of_gaps,
        **of_sums,
        "cm_energy": joint.expect(element),
        # Both levels have the same variance, so that var(i + j) = 2 var(i) + 2 cov(i, j).
        "cm_corr": _ratio(of_sums["cm_clust_tend"], 2 * variance) - 1,
        # i j = ((i + j)² - (i - j)²) / 4
        "cm_auto_corr": (sums.expect(sums.value**2) - of_gaps["cm_contrast"]) / 4,
        **_information(entropy, marginal.entropy()),
    }
    return {tag: values[tag] for tag in _TAGS}


def _marginal(stack: MatrixStack) -> Distribution:
    """Row sums p_i. of the symmetric matrices: half from the rows, half from the columns."""
    size = len(stack.row_values)
    start = stack.matrix * size
    keys, count = sum_by_key(
        np.concatenate([start + stack.row, start + stack.column]),
        np.concatenate([stack.count, stack.count]),
        stack.n_matrices * size,
    )
    matrix = keys // size
    share = count / (2 * stack.totals[matrix])
    return Distribution(matrix, stack.row_values[keys - matrix * size], share, stack.n_matrices)


def _of_differences(gaps: Distribution, n_levels: int) -> dict[str, Floats]:
    k = gaps.value
    mean = gaps.mean()
    inverse_square = np.divide(1, k**2, out=np.zeros_like(k), where=k > 0)
    return {
        "cm_diff_avg": mean,
        "cm_diff_var": gaps.variance(mean),
        "cm_diff_entr": gaps.entropy(),
        "cm_contrast": gaps.expect(k**2),
        "cm_dissimilarity": mean,
        "cm_inv_diff": gaps.expect(1 / (1 + k)),
        "cm_inv_diff_norm": gaps.expect(1 / (1 + k / n_levels)),
        "cm_inv_diff_mom": gaps.expect(1 / (1 + k**2)),
        "cm_inv_diff_mom_norm": gaps.expect(1 / (1 + (k / n_levels) ** 2)),
        "cm_inv_var": gaps.expect(inverse_square),
    }


def _of_sums(sums: Distribution, mean: Floats) -> dict[str, Floats]:
    deviation = sums.value - mean[sums.matrix]
    square = deviation**2
    tendency = sums.expect(square)
    return {
        "cm_sum_avg": sums.mean(),
        "cm_sum_var": tendency,
        "cm_sum_entr": sums.entropy(),
        "cm_clust_tend": tendency,
        "cm_clust_shade": sums.expect(square * deviation),
        "cm_clust_prom": sums.expect(square**2),
    }


def _information(joint: Floats, marginal: Floats) -> dict[str, Floats]:
    # Both HXY1 and HXY2 are sums of -log2(p_i. p_.j) = -log2 p_i. - log2 p_.j, weighted
    # with p_ij or with p_i. p_.j: either way each term sums to the marginal entropy HX.
    independent = 2 * marginal
    excess = np.maximum(independent - joint, 0)
    return {
        "cm_info_corr1": _ratio(joint - independent, marginal),
        "cm_info_corr2": np.sqrt(1 - np.exp(-2 * excess)),
    }


def _ratio(over: Floats, under: Floats) -> Floats:
    """Quotients, NaN (undefined) where `under` is zero."""
    return np.divide(over, under, out=np.full_like(over, np.nan), where=under > 0)


_TAGS = (
    "cm_joint_max",
    "cm_joint_avg",
    "cm_joint_var",
    "cm_joint_entr",
    "cm_diff_avg",
    "cm_diff_var",
    "cm_diff_entr",
    "cm_sum_avg",
    "cm_sum_var",
    "cm_sum_entr",
    "cm_energy",
    "cm_contrast",
    "cm_dissimilarity",
    "cm_inv_diff",
    "cm_inv_diff_norm",
    "cm_inv_diff_mom",
    "cm_inv_diff_mom_norm",
    "cm_inv_var",
    "cm_corr",
    "cm_auto_corr",
    "cm_clust_tend",
    "cm_clust_shade",
    "cm_clust_prom",
    "cm_info_corr1",
    "cm_info_corr2",
)
