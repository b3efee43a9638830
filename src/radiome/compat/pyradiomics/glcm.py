"""Co-occurrence features as pyradiomics 3.0.1 defines them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from radiome.compat.pyradiomics.binning import Binned
from radiome.compat.pyradiomics.correlation_coefficient import maximal_correlations
from radiome.compat.pyradiomics.feature_catalogue import FEATURE_CLASSES
from radiome.compat.pyradiomics.firstorder import EPSILON
from radiome.compat.pyradiomics.stacks import (
    distances_of,
    is_weighted,
    lengths_mm,
    mean_over,
    neighbour_steps,
    summed,
    without_empty,
)
from radiome.features.grey_codes import TABLE_LIMIT, GreyCodes, grey_codes
from radiome.features.matrix_stack import Floats, Integers, MatrixStack
from radiome.features.texture_counts import flat_steps
from radiome.kernels.cooccurrence import count_pairs

#: Below this difference of two entropies they are computed term by term, as rounding shows.
_CLOSE_ENTROPIES = 1e-3


def compute(
    binned: Binned, settings: Mapping[str, Any], *, with_mcc: bool = True
) -> dict[str, float]:
    """Compute the co-occurrence features: means over directions, or of their weighted sum.

    `with_mcc` False leaves out MCC, which takes most of the time. A direction without
    any pair takes no part. `weightingNorm` weighs pairs with exp(-d²) for the length d mm of
    the step and adds the directions.

    Notes
    -----
    Source: pyradiomics 3.0.1 documentation, "Gray Level Co-occurrence Matrix Features".
    """
    stack = _stack(binned, settings)
    if not stack.n_matrices:
        single = len(binned.present) < 2 and with_mcc
        return dict.fromkeys(FEATURE_CLASSES["glcm"], float("nan")) | (
            {"MCC": 1.0} if single else {}
        )
    values = features_of(stack, binned.levels.n_levels)
    if with_mcc:
        values["MCC"] = maximal_correlations(stack, len(binned.present))
    return {name: mean_over(values[name]) for name in FEATURE_CLASSES["glcm"] if name in values}


def _stack(binned: Binned, settings: Mapping[str, Any]) -> MatrixStack:
    distances = distances_of(settings)
    steps = neighbour_steps(binned, distances)
    codes = grey_codes(binned.levels, margin=max(distances))
    symmetrical = bool(settings.get("symmetricalGLCM", True))
    stack = _pairs(codes, steps, max(distances), symmetrical=symmetrical)
    norm = settings.get("weightingNorm")
    if norm is not None and stack.n_matrices:
        weights = np.ones(len(steps))
        if is_weighted(norm):
            weights = np.exp(-(lengths_mm(steps, binned.spacing, norm) ** 2))
        stack = summed(stack, weights)
    return without_empty(stack)


def _pairs(codes: GreyCodes, steps: Integers, reach: int, *, symmetrical: bool) -> MatrixStack:
    """Count pairs (row: level of a voxel, column: level one step further) by direction."""
    offsets = flat_steps(steps, codes.box.shape)
    layers = (reach, codes.box.shape[0] - reach)
    size = codes.size
    chunk = max(1, TABLE_LIMIT // size**2)
    keys = [np.zeros(0, np.int64)]
    counts = [np.zeros(0, np.uint32)]
    for start in range(0, len(offsets), chunk):
        part = offsets[start : start + chunk]
        table = count_pairs(codes.flat, codes.box.shape, layers, part, size)
        table = table.reshape(len(part), size, size)[:, 1:, 1:]
        if symmetrical:
            table = table + table.swapaxes(1, 2)
        flat = table.reshape(-1)
        found = np.flatnonzero(flat)
        keys.append(found + start * (size - 1) ** 2)
        counts.append(flat[found])
    voxels = np.ones(len(offsets))
    return MatrixStack.from_keys(
        np.concatenate(keys), np.concatenate(counts), codes.values, codes.values, voxels
    )


def features_of(stack: MatrixStack, n_levels: int) -> dict[str, Floats]:
    """Features but MCC (n_matrices,) of every matrix of a stack."""
    level = stack.row_values.astype(np.int64)
    first, second = level[stack.row], level[stack.column]
    joint = stack.joint()
    rows, columns = stack.rows(), stack.columns()
    sums = stack.distribution(first + second, np.arange(2.0 * level[-1] + 1))
    gaps = stack.distribution(np.abs(second - first), np.arange(level[-1] + 1.0))
    mean_i, mean_j = rows.mean(), columns.mean()
    variance_i, variance_j = rows.variance(mean_i), columns.variance(mean_j)
    centred = sums.value - (mean_i + mean_j)[sums.matrix]
    square = centred**2
    tendency = sums.expect(square)
    contrast = gaps.expect(gaps.value**2)
    peak = np.zeros(stack.n_matrices)
    np.maximum.at(peak, stack.matrix, joint.probability)
    deviations = np.sqrt(variance_i) * np.sqrt(variance_j)
    covariance = joint.expect((first - mean_i[stack.matrix]) * (second - mean_j[stack.matrix]))
    return {
        "Autocorrelation": joint.expect((first * second).astype(np.float64)),
        "ClusterProminence": sums.expect(square**2),
        "ClusterShade": sums.expect(square * centred),
        "ClusterTendency": tendency,
        "Contrast": contrast,
        "Correlation": np.where(deviations == 0, 1.0, covariance / (deviations + EPSILON)),
        **_of_differences(stack, n_levels),
        **_information(stack),
        "JointAverage": mean_i,
        "JointEnergy": joint.expect(joint.probability),
        "MaximumProbability": peak,
        "SumAverage": sums.mean(),
        "SumEntropy": -sums.expect(np.log2(sums.probability + EPSILON)),
        "SumSquares": variance_i,
    }


def _of_differences(stack: MatrixStack, n_levels: int) -> dict[str, Floats]:
    level = stack.row_values.astype(np.int64)
    index = np.abs(level[stack.row] - level[stack.column])
    gaps = stack.distribution(index, np.arange(level[-1] + 1.0))
    k = gaps.value
    mean = gaps.mean()
    return {
        "DifferenceAverage": mean,
        "DifferenceEntropy": -gaps.expect(np.log2(gaps.probability + EPSILON)),
        "DifferenceVariance": gaps.variance(mean),
        "Id": gaps.expect(1 / (1 + k)),
        "Idm": gaps.expect(1 / (1 + k**2)),
        "Idmn": gaps.expect(1 / (1 + k**2 / n_levels**2)),
        "Idn": gaps.expect(1 / (1 + k / n_levels)),
        "InverseVariance": gaps.expect(np.divide(1, k**2, out=np.zeros_like(k), where=k > 0)),
    }


def _information(stack: MatrixStack) -> dict[str, Floats]:
    joint, rows, columns = stack.joint(), stack.rows(), stack.columns()
    n, size = stack.n_matrices, len(stack.row_values)
    p_row, p_column = marginals(stack)
    product = p_row[stack.matrix, stack.row] * p_column[stack.matrix, stack.column]
    hxy = -joint.expect(np.log2(joint.probability + EPSILON))
    hxy_1 = -joint.expect(np.log2(product + EPSILON))
    hx = -rows.expect(np.log2(rows.probability + EPSILON))
    hy = -columns.expect(np.log2(columns.probability + EPSILON))
    greater = np.maximum(hx, hy)
    # Of independent levels, -log2 of the product is a sum: the entropies add up. Each of the
    # size² terms carries EPSILON, which is lost against a difference that is not close to 0.
    hxy_2 = hx + hy
    for close in np.flatnonzero(hxy_2 - hxy < _CLOSE_ENTROPIES + size**2 * EPSILON):
        p = p_row[close][:, None] * p_column[close][None]
        hxy_2[close] = -(p * np.log2(p + EPSILON)).sum()
    with np.errstate(invalid="ignore"):
        second = np.sqrt(1 - np.exp(-2 * (hxy_2 - hxy)))
    first = np.divide(hxy - hxy_1, greater, out=np.zeros(n), where=greater != 0)
    return {
        "Imc1": first,
        "Imc2": np.where(hxy_2 == hxy, 0.0, second),
        "JointEntropy": hxy,
    }


def marginals(stack: MatrixStack) -> tuple[Floats, Floats]:
    """Row and column sums (n_matrices, n_levels) of the probabilities."""
    n, size = stack.n_matrices, len(stack.row_values)
    probability = stack.count / stack.totals[stack.matrix]
    both = [
        np.bincount(stack.matrix * size + place, probability, n * size).astype(np.float64)
        for place in (stack.row, stack.column)
    ]
    return both[0].reshape(n, size), both[1].reshape(n, size)
