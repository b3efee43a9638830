"""Texture matrices of many slices and directions, as one list of non-zero elements.

Keeping only what occurs makes the cost follow the region and not the number of
declared grey levels, and lets one expression serve all matrices at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Sums over at most this many keys use a table; above it the keys are sorted.
_TABLE_LIMIT = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """Probabilities of values, one distribution for each matrix of a stack.

    Parameters
    ----------
    matrix : int64 array (n,)
        Number of the matrix of each entry.
    value, probability : float64 arrays (n,)
        The value and its share of the matrix.
    n_matrices : int
        Number of distributions.
    """

    matrix: Integers
    value: Floats
    probability: Floats
    n_matrices: int

    def expect(self, weights: Floats) -> Floats:
        """Expectations (n_matrices,) of `weights` (n,)."""
        return _sums(self.matrix, self.probability * weights, self.n_matrices)

    def mean(self) -> Floats:
        """Means (n_matrices,)."""
        return self.expect(self.value)

    def variance(self, mean: Floats) -> Floats:
        """Variances (n_matrices,) about `mean`, without bias correction."""
        return self.expect((self.value - mean[self.matrix]) ** 2)

    def energy(self) -> Floats:
        """Sums (n_matrices,) of squared probabilities."""
        return self.expect(self.probability)

    def entropy(self) -> Floats:
        """Entropies (n_matrices,) in bits."""
        # Adding zero turns the -0.0 of a single certain value into 0.0.
        return -self.expect(np.log2(self.probability)) + 0.0


@dataclass(frozen=True, slots=True, eq=False)
class MatrixStack:
    """Non-zero elements of several matrices over the same rows and columns.

    Parameters
    ----------
    matrix, row, column : int64 arrays (n,)
        Place of each element; each place occurs once.
    count : float64 array (n,)
        Counts, whole numbers.
    row_values, column_values : float64 arrays
        What a row (grey level) and a column (level, size, …) stands for.
    voxels : float64 array (n_matrices,)
        Number of voxels behind each matrix, once per merged direction.
    totals : float64 array (n_matrices,)
        Sum of each matrix.
    """

    matrix: Integers
    row: Integers
    column: Integers
    count: Floats
    row_values: Floats
    column_values: Floats
    voxels: Floats
    totals: Floats

    @classmethod
    def from_keys(
        cls,
        keys: Integers,
        count: NDArray[np.generic],
        row_values: Floats,
        column_values: Floats,
        voxels: Floats,
    ) -> MatrixStack:
        """Unfold elements with keys ``(matrix * n_rows + row) * n_columns + column``."""
        line = keys // len(column_values)
        matrix = line // len(row_values)
        return cls(
            matrix=matrix,
            row=line - matrix * len(row_values),
            column=keys - line * len(column_values),
            count=count.astype(np.float64),
            row_values=row_values,
            column_values=column_values,
            voxels=voxels,
            totals=_sums(matrix, count, len(voxels)),
        )

    @property
    def n_matrices(self) -> int:
        """Number of matrices, empty ones included."""
        return len(self.voxels)

    def merged(self, group: Integers, n_groups: int) -> MatrixStack:
        """Add up the matrices of each group (n_matrices,)."""
        rows, columns = len(self.row_values), len(self.column_values)
        keys = (group[self.matrix] * rows + self.row) * columns + self.column
        keys, count = sum_by_key(keys, self.count, n_groups * rows * columns)
        voxels = _sums(group, self.voxels, n_groups)
        return MatrixStack.from_keys(keys, count, self.row_values, self.column_values, voxels)

    def joint(self) -> Distribution:
        """Probabilities of the elements; the value of an element is its column's."""
        share = self.count / self.totals[self.matrix]
        return Distribution(self.matrix, self.column_values[self.column], share, self.n_matrices)

    def distribution(self, index: Integers, values: Floats) -> Distribution:
        """Probabilities of ``values[index]``, where `index` (n,) is a number per element."""
        size = len(values)
        keys = self.matrix * size + index
        keys, count = sum_by_key(keys, self.count, self.n_matrices * size)
        matrix = keys // size
        share = count / self.totals[matrix]
        return Distribution(matrix, values[keys - matrix * size], share, self.n_matrices)

    def rows(self) -> Distribution:
        """Probabilities of the row values."""
        return self.distribution(self.row, self.row_values)

    def columns(self) -> Distribution:
        """Probabilities of the column values."""
        return self.distribution(self.column, self.column_values)


def sum_by_key(keys: Integers, count: NDArray[np.generic], size: int) -> tuple[Integers, Floats]:
    """Return the distinct keys (each below `size`), ascending, and the sum of each."""
    if size <= max(_TABLE_LIMIT, 8 * len(keys)):
        sums = _sums(keys, count, size)
        occupied = np.flatnonzero(sums)
        return occupied, sums[occupied]
    found, place = np.unique(keys, return_inverse=True)
    return found, _sums(place, count, len(found))


def _sums(index: Integers, weights: NDArray[np.generic], size: int) -> Floats:
    return np.asarray(np.bincount(index, weights, size), np.float64)


def joined(stacks: Sequence[MatrixStack]) -> MatrixStack:
    """Put stacks behind each other, over all row and column values that any of them has."""
    if len(stacks) == 1:
        return stacks[0]
    start = np.cumsum([0] + [stack.n_matrices for stack in stacks])
    rows, row_values = _on_common_values([(s.row, s.row_values) for s in stacks])
    columns, column_values = _on_common_values([(s.column, s.column_values) for s in stacks])
    return MatrixStack(
        matrix=np.concatenate([s.matrix + n for s, n in zip(stacks, start, strict=False)]),
        row=rows,
        column=columns,
        count=np.concatenate([s.count for s in stacks]),
        row_values=row_values,
        column_values=column_values,
        voxels=np.concatenate([s.voxels for s in stacks]),
        totals=np.concatenate([s.totals for s in stacks]),
    )


def _on_common_values(parts: Sequence[tuple[Integers, Floats]]) -> tuple[Integers, Floats]:
    values = parts[0][1]
    if all(other is values or np.array_equal(other, values) for _, other in parts):
        return np.concatenate([index for index, _ in parts]), values
    common = np.unique(np.concatenate([other for _, other in parts]))
    places = [np.searchsorted(common, other)[index] for index, other in parts]
    return np.concatenate(places), common
