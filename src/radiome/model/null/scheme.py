"""Which permutations of the outcome are allowed: within strata, of whole patients."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radiome.base.errors import UserError

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class PermutationScheme:
    """Random reassignments of outcomes to rows under which the null hypothesis is unchanged.

    Parameters
    ----------
    row_unit : array of int, shape (rows,)
        The unit (patient) of each row, 0 to units - 1.
    unit_row : array of int, shape (units,)
        The first row of each unit: where its outcome is read.
    unit_stratum : array of int, shape (units,)
        The stratum of each unit, 0 to strata - 1.

    See Also
    --------
    permutation_scheme : makes one from columns of a table.
    """

    row_unit: Places
    unit_row: Places
    unit_stratum: Places

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.row_unit.size)

    @property
    def units(self) -> int:
        """Number of units that are exchanged."""
        return int(self.unit_row.size)

    def draw_units(self, rng: np.random.Generator) -> Places:
        """Return for each unit the unit whose outcome it gets, all arrangements equally likely."""
        # A stable sort by stratum after a shuffle leaves each stratum shuffled in its place.
        shuffled = rng.permutation(self.units)
        source = shuffled[np.argsort(self.unit_stratum[shuffled], kind="stable")]
        target = np.argsort(self.unit_stratum, kind="stable")
        order = np.empty(self.units, dtype=np.intp)
        order[target] = source
        return order

    def draw(self, rng: np.random.Generator) -> Places:
        """Return for each row the row whose outcome it gets.

        With whole patients exchanged, every row of a patient gets the outcome of the
        same other patient, so outcomes must be the same in all rows of a patient.
        """
        return self.unit_row[self.draw_units(rng)][self.row_unit]

    def unpermuted(self) -> Places:
        """Return the order in which every row keeps its outcome."""
        return np.arange(self.rows, dtype=np.intp)

    def check_constant_within_units(self, outcome: ArrayLike, name: str = "outcome") -> None:
        """Raise `UserError` if rows of the same patient differ in `outcome` (first axis: rows)."""
        values = np.asarray(outcome)
        if values.shape[:1] != (self.rows,):
            raise UserError(
                f"'{name}' does not fit the table",
                expected=f"{self.rows} rows",
                got=f"an array of shape {values.shape}",
            )
        differs = values != values[self.unit_row][self.row_unit]
        if differs.any():
            row = int(np.argwhere(differs)[0, 0])
            raise UserError(
                f"rows of the same patient differ in '{name}'",
                where=f"row {row}",
                expected="one outcome per patient when whole patients are permuted",
                do="give one outcome per patient, or leave the groups out",
            )

    def fingerprint(self) -> str:
        """Return a hash of the rows, units and strata."""
        parts = [self.row_unit, self.unit_row, self.unit_stratum]
        return sha256(b"|".join(part.astype("<i8").tobytes() for part in parts)).hexdigest()


def permutation_scheme(
    rows: int, *, strata: ArrayLike | None = None, groups: ArrayLike | None = None
) -> PermutationScheme:
    """Make the scheme for a table of `rows` rows.

    Parameters
    ----------
    rows : int
        Number of rows.
    strata : array, shape (rows,), optional
        Labels such as the site; outcomes are exchanged within a label only.
    groups : array, shape (rows,), optional
        Patient of each row; whole patients are exchanged, within their stratum.

    Raises
    ------
    UserError
        For labels that are missing or do not fit, a patient in two strata, or strata so
        small that nothing can be exchanged.
    """
    if rows < 2:
        raise UserError("too few rows to permute", expected="2 or more", got=str(rows))
    row_unit = np.arange(rows) if groups is None else _codes(groups, rows, "groups")
    row_stratum = np.zeros(rows, np.intp) if strata is None else _codes(strata, rows, "strata")
    unit_row = np.unique(row_unit, return_index=True)[1]
    unit_stratum = row_stratum[unit_row]
    astray = np.flatnonzero(unit_stratum[row_unit] != row_stratum)
    if astray.size:
        raise UserError(
            "a patient is in more than one stratum",
            where=f"row {int(astray[0])}",
            expected="all rows of a patient in one stratum",
            do="correct the strata, or leave them out",
        )
    if np.bincount(unit_stratum).max() < 2:
        raise UserError(
            "nothing can be permuted",
            expected="a stratum with two patients or more",
            got="one patient in every stratum",
            do="merge strata, or leave them out",
        )
    return PermutationScheme(row_unit.astype(np.intp), unit_row, unit_stratum)


def permutation_rng(seed: int, index: int) -> np.random.Generator:
    """Return the generator of permutation `index`, from 0 on; it depends on nothing else.

    It is the generator of ``np.random.SeedSequence(seed).spawn(index + 1)[index]``.
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(index,)))


def _codes(labels: ArrayLike, rows: int, name: str) -> Places:
    values = np.asarray(labels)
    if values.shape != (rows,):
        raise UserError(
            f"'{name}' does not fit the table",
            expected=f"{rows} labels, one for each row",
            got=f"an array of shape {values.shape}",
        )
    if any(value is None or value != value for value in values.tolist()):
        raise UserError(
            f"'{name}' has missing labels",
            expected="a label for each row",
            do="give the missing ones a label of their own, or leave those rows out",
        )
    texts = values.astype(str) if values.dtype == object else values
    return np.unique(texts, return_inverse=True)[1].astype(np.intp)
