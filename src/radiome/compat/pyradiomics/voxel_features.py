"""Features of many neighbourhoods, class by class, as pyradiomics 3.0.1 defines them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise, product
from typing import Any

import numpy as np

from radiome.compat.pyradiomics import firstorder, glcm, gldm, glrlm, glszm, ngtdm
from radiome.compat.pyradiomics.correlation_coefficient import maximal_correlations
from radiome.compat.pyradiomics.stacks import (
    EMPHASES,
    distances_of,
    is_weighted,
    lengths_mm,
    without_empty,
)
from radiome.compat.pyradiomics.voxel_kernels import Kernels
from radiome.compat.pyradiomics.voxel_matrices import (
    dependence_stack,
    pair_stack,
    run_stack,
    tones,
    zone_stack,
)
from radiome.features.emphases import emphases
from radiome.features.matrix_stack import Floats, Integers, MatrixStack

#: Matrices with at most so many levels have their eigenvalues computed together.
_FEW_LEVELS = 64

Options = Mapping[str, Any]
Features = dict[str, Floats]


def compute(
    feature_class: str, kernels: Kernels, settings: Options, *, with_mcc: bool = True
) -> Features:
    """Features (n_voxels,) of a class by name.

    NaN where a neighbourhood has no value, such as co-occurrence of a single voxel.
    `with_mcc` False leaves out MCC, which takes most of the time.
    """
    if feature_class == "glcm":
        return _glcm(kernels, settings, with_mcc=with_mcc)
    return _CLASSES[feature_class](kernels, settings)


def steps_at(distances: list[int], *, planar: bool) -> Integers:
    """Steps (n, 3), one of each pair of opposites, at these Chebyshev distances."""
    reach = max(distances)
    span = range(-reach, reach + 1)
    every = product((0,) if planar else span, span, span)
    chosen = [s for s in every if s > (0, 0, 0) and max(map(abs, s)) in distances]
    return np.array(chosen, dtype=np.int64)


def _first_order(kernels: Kernels, settings: Options) -> Features:
    shift = float(settings.get("voxelArrayShift", 0))
    volume = math.prod(kernels.spacing)
    rows = []
    for values, codes in zip(kernels.values.T, kernels.codes.T, strict=True):
        inside = codes > 0
        counts = np.bincount(codes[inside])
        rows.append(firstorder.describe(values[inside], counts[counts > 0], volume, shift))
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _glcm(kernels: Kernels, settings: Options, *, with_mcc: bool) -> Features:
    steps = steps_at(distances_of(settings), planar=kernels.planar)
    symmetrical = bool(settings.get("symmetricalGLCM", True))
    stack = pair_stack(kernels, steps, symmetrical=symmetrical)

    def weights(norm: str) -> Floats:
        return np.asarray(np.exp(-(lengths_mm(steps, kernels.spacing, norm) ** 2)))

    stack, voxel = _directions(kernels, stack, steps, settings, weights)
    values = glcm.features_of(stack, kernels.n_levels)
    if with_mcc:
        values["MCC"] = maximal_correlations(stack, len(kernels.levels), few=_FEW_LEVELS)
    found = _means(values, voxel, kernels.n_voxels)
    if with_mcc and len(kernels.levels) < 2:
        # A region of one level is flat everywhere.
        found["MCC"] = np.ones(kernels.n_voxels)
    return found


def _glrlm(kernels: Kernels, settings: Options) -> Features:
    steps = steps_at([1], planar=kernels.planar)
    stack = run_stack(kernels, steps)

    def weights(norm: str) -> Floats:
        return lengths_mm(steps, kernels.spacing, norm)

    stack, voxel = _directions(kernels, stack, steps, settings, weights)
    return _emphases(stack, voxel, kernels.n_voxels, glrlm.WORDS)


def _glszm(kernels: Kernels, settings: Options) -> Features:
    stack = zone_stack(kernels, steps_at([1], planar=kernels.planar))
    return _emphases(stack, np.arange(kernels.n_voxels), kernels.n_voxels, glszm.WORDS)


def _gldm(kernels: Kernels, settings: Options) -> Features:
    steps = steps_at(distances_of(settings), planar=kernels.planar)
    stack = dependence_stack(kernels, steps, math.floor(settings.get("gldm_a", 0)))
    return _emphases(stack, np.arange(kernels.n_voxels), kernels.n_voxels, gldm.WORDS)


def _ngtdm(kernels: Kernels, settings: Options) -> Features:
    found = tones(kernels, steps_at(distances_of(settings), planar=kernels.planar))
    start = np.searchsorted(found.voxel, np.arange(kernels.n_voxels + 1))
    rows = [
        ngtdm.describe(found.level[a:b], found.number[a:b], found.tone[a:b])
        for a, b in pairwise(start)
    ]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


_CLASSES: dict[str, Callable[[Kernels, Options], Features]] = {
    "firstorder": _first_order,
    "glrlm": _glrlm,
    "glszm": _glszm,
    "gldm": _gldm,
    "ngtdm": _ngtdm,
}


def _directions(
    kernels: Kernels,
    stack: MatrixStack,
    steps: Integers,
    settings: Options,
    weights: Callable[[str], Floats],
) -> tuple[MatrixStack, Integers]:
    """The matrices that hold anything, and the voxel of each; one a voxel where weighted."""
    voxel = np.repeat(np.arange(kernels.n_voxels), len(steps))
    norm = settings.get("weightingNorm")
    if norm is not None:
        weight = weights(norm) if is_weighted(norm) else np.ones(len(steps))
        every = np.tile(weight, kernels.n_voxels)
        # A direction that takes no part adds no voxels either.
        voxels = np.where(stack.totals > 0, stack.voxels * every, 0.0)
        stack = replace(stack, count=stack.count * every[stack.matrix], voxels=voxels)
        stack = stack.merged(voxel, kernels.n_voxels)
        voxel = np.arange(kernels.n_voxels)
    return without_empty(stack), voxel[stack.totals > 0]


def _emphases(
    stack: MatrixStack, voxel: Integers, n_voxels: int, words: Mapping[str, str]
) -> Features:
    values = emphases(stack, EMPHASES)
    return _means({name: values[word] for name, word in words.items()}, voxel, n_voxels)


def _means(values: Features, voxel: Integers, n_voxels: int) -> Features:
    """Means over the matrices of each voxel of what is not NaN."""
    return {name: _mean(found, voxel, n_voxels) for name, found in values.items()}


def _mean(values: Floats, voxel: Integers, n_voxels: int) -> Floats:
    known = ~np.isnan(values)
    count = np.bincount(voxel[known], minlength=n_voxels)
    total = np.bincount(voxel[known], values[known], n_voxels)
    with np.errstate(invalid="ignore"):
        return np.asarray(total / count)
