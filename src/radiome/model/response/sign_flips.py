"""Paired t of many features at once, corrected by flipping the signs of whole patients.

If nothing changes, baseline and follow-up of a patient can be exchanged, which flips the
sign of all changes of that patient together and keeps the correlation of the features
(Westfall and Young 1993).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import SettingsError, UserError
from radiome.model.null.scheme import permutation_rng

Floats = NDArray[np.float64]

#: Statistics held at once: 64 MB.
_BLOCK = 8_000_000
#: Equal statistics that are summed in another order differ by a share like this.
_TIES = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class SignFlips:
    """P-values by sign flips, shape (features,) each.

    Parameters
    ----------
    t : array of float
        Paired t of each feature.
    p, p_single_step, p_step_down : array of float
        Of the feature alone; corrected for all features, in one step and step-down.
    flips : int
        How many flips there were, the data among them when `exact`.
    exact : bool
        Whether they were all that there are.
    """

    t: Floats
    p: Floats
    p_single_step: Floats
    p_step_down: Floats
    flips: int
    exact: bool


def sign_flip_test(changes: Floats, *, flips: int = 999, seed: int = 0) -> SignFlips:
    """Test that changes are symmetric about zero, all features together.

    Parameters
    ----------
    changes : array of float, shape (patients, features)
        NaN where a patient has no change; each feature has two changes that differ.
    flips, seed : int
        How many, and from which seed; flip b is drawn from child b. If there are no more
        than this at all, each is made once, and p is exact.

    Raises
    ------
    SettingsError
        If there are too few flips.
    UserError
        If a feature does not vary.

    Examples
    --------
    >>> changes = np.array([[1.0, -1.0], [2.0, 1.5], [3.0, -0.5], [2.5, 0.0]])
    >>> found = sign_flip_test(changes)
    >>> found.flips, found.exact, found.p.tolist()
    (16, True, [0.125, 1.0])
    """
    if flips < 1:
        raise SettingsError("too few sign flips", expected="1 or more", got=str(flips))
    known = ~np.isnan(changes)
    counts = known.sum(axis=0).astype(np.float64)
    # Without a unit: squares of very large or small changes stay within the range of numbers.
    scale = np.max(np.abs(changes), axis=0, where=known, initial=0.0)
    values = np.where(known, changes / np.where(scale > 0, scale, 1.0), 0.0)
    squares = (values * values).sum(axis=0)
    observed = values.sum(axis=0)
    if not (counts * squares - observed**2 > _TIES * squares).all():
        raise UserError("a feature has changes that are all the same", do="leave it out")
    patients = len(values)
    exact = 2**patients <= flips
    sums = _all(values) if exact else _drawn(values, flips, seed)
    tally = _Tally(_t(observed, counts, squares))
    done = 0
    for block in sums:
        tally.add(_t(block, counts, squares))
        done += len(block)
    # All flips have the data among them; drawn ones have not.
    extra = 0 if exact else 1
    alone, single, down = ((count + extra) / (done + extra) for count in tally.counts())
    return SignFlips(_t(observed, counts, squares), alone, single, down, done, exact)


def _t(sums: Floats, counts: Floats, squares: Floats) -> Floats:
    """Student's t of changes whose sum and sum of squares are known."""
    variance = (squares - sums**2 / counts) / (counts - 1)
    with np.errstate(divide="ignore"):
        t: Floats = sums / np.sqrt(counts * np.maximum(variance, 0.0))
    return t


def _drawn(values: Floats, flips: int, seed: int) -> Iterator[Floats]:
    patients, features = values.shape
    block = max(1, _BLOCK // max(features, patients))
    for start in range(1, flips + 1, block):
        indices = range(start, min(start + block, flips + 1))
        signs = [permutation_rng(seed, index).integers(0, 2, patients) for index in indices]
        yield (2.0 * np.array(signs) - 1) @ values


def _all(values: Floats) -> Iterator[Floats]:
    patients, features = values.shape
    block = max(1, _BLOCK // max(features, patients))
    bits = np.arange(patients)
    for start in range(0, 2**patients, block):
        numbers = np.arange(start, min(start + block, 2**patients))
        yield (2.0 * ((numbers[:, None] >> bits) & 1) - 1) @ values


class _Tally:
    """How often flips reach the observed sizes: alone, and the largest of the features."""

    def __init__(self, observed: Floats) -> None:
        self._observed = np.abs(observed)
        self._level = self._observed * (1 - _TIES)
        self._order = np.argsort(self._observed, kind="stable")
        self._alone, self._single, self._down = np.zeros((3, observed.size))

    def add(self, statistics: Floats) -> None:
        """Count a block, shape (flips, features)."""
        size = np.abs(statistics)
        self._alone += (size >= self._level).sum(axis=0)
        # From the least feature up, the largest of it and all lesser ones.
        running = np.maximum.accumulate(size[:, self._order], axis=1)
        self._down[self._order] += (running >= self._level[self._order]).sum(axis=0)
        self._single += (running[:, -1:] >= self._level).sum(axis=0)

    def counts(self) -> tuple[Floats, Floats, Floats]:
        """Alone, single-step, and step-down, which never falls from a feature to a lesser one."""
        descending = self._order[::-1]
        down = np.empty_like(self._down)
        down[descending] = np.maximum.accumulate(self._down[descending])
        return self._alone, self._single, down
