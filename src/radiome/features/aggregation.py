"""From matrices of slices and directions to one value per feature.

Source: IBSI reference manual (arXiv:1612.07003), sections 3.6 to 3.11,
"Aggregating features".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radiome.base.values import FeatureValue, NotApplicable
from radiome.features.matrix_stack import Floats, Integers, MatrixStack, joined


@dataclass(frozen=True, slots=True, eq=False)
class Aggregated:
    """All matrices that the asked aggregations need, in one stack.

    Parameters
    ----------
    stack : MatrixStack
        The matrices.
    spans : mapping of str to slice
        For each aggregation the matrices whose features are averaged.
    """

    stack: MatrixStack
    spans: Mapping[str, slice]


def aggregate(
    names: Sequence[str],
    planar: Callable[[], MatrixStack],
    volumetric: Callable[[], MatrixStack],
    *,
    directions: tuple[int, int] = (1, 1),
) -> Aggregated:
    """Merge matrices as each aggregation asks.

    Parameters
    ----------
    names : sequence of str
        Aggregations, with ``_avg``/``_comb`` for matrices with directions.
    planar, volumetric : callables
        Make the stack by slice (directions of one slice side by side) or of the whole
        region; called when needed.
    directions : (int, int)
        Number of directions in a slice and in the whole region.
    """
    stacks: list[MatrixStack] = []
    spans: dict[str, slice] = {}
    bases: dict[bool, MatrixStack] = {}
    start = 0
    for name in names:
        solid = name.startswith("3D")
        if solid not in bases:
            bases[solid] = volumetric() if solid else planar()
        group = _groups(name, bases[solid].n_matrices, directions[solid])
        stack = bases[solid]
        if group is not None:
            stack = stack.merged(group, int(group.max()) + 1)
        stacks.append(stack)
        spans[name] = slice(start, start + stack.n_matrices)
        start += stack.n_matrices
    return Aggregated(joined(stacks), spans)


def _groups(name: str, n_matrices: int, n_directions: int) -> Integers | None:
    """Group of each matrix, or None where every matrix stands alone."""
    if name in ("2D", "2D_avg", "3D", "3D_avg"):
        return None
    index = np.arange(n_matrices)
    if name == "2D_comb":
        return index // n_directions
    if name == "2_5D_avg":
        return index % n_directions
    return np.zeros_like(index)


def averaged(
    values: Mapping[str, Floats],
    spans: Mapping[str, slice],
    present: NDArray[np.bool_],
    *,
    absent: str,
    undefined: Mapping[str, str] | None = None,
) -> dict[str, FeatureValue]:
    """Average the features of the matrices of each aggregation.

    Parameters
    ----------
    values : mapping of tag to float64 array (n_matrices,)
        Features of every matrix; NaN marks a feature that a matrix does not define.
    spans : mapping of aggregation to slice
        Matrices that belong to each aggregation.
    present : bool array (n_matrices,)
        False for empty matrices, which take no part: a slice with a single voxel has
        no pairs, and so no GLCM.
    absent : str
        Reason when all matrices of an aggregation are empty.
    undefined : mapping of tag to str
        Reason when no matrix defines a feature that can be undefined.

    Returns
    -------
    dict
        Value, or NotApplicable, by ``<tag>_<aggregation>``.
    """
    table = np.array(list(values.values()))
    result: dict[str, FeatureValue] = {}
    for name, span in spans.items():
        chosen = table[:, span][:, present[span]]
        if chosen.shape[1] == 0:
            result |= {f"{tag}_{name}": NotApplicable(absent) for tag in values}
            continue
        means = chosen.mean(axis=1).tolist()
        for tag, mean, row in zip(values, means, chosen, strict=True):
            result[f"{tag}_{name}"] = mean if mean == mean else _defined_mean(tag, row, undefined)
    return result


def _defined_mean(tag: str, row: Floats, undefined: Mapping[str, str] | None) -> FeatureValue:
    if not undefined or tag not in undefined:
        raise ArithmeticError(f"{tag} is not a number in a matrix that should define it")
    defined = row[~np.isnan(row)]
    return float(defined.mean()) if defined.size else NotApplicable(undefined[tag])
