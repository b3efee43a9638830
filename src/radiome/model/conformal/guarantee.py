"""What CV+ promises of a new patient, whatever the model and the distribution."""

from __future__ import annotations

from radiome.base.errors import UserError


def least_coverage(level: float, patients: int, folds: int) -> float:
    """Lower bound of the probability that the interval or set of a new patient is right.

    1 − 2α − min(2 (1 − 1/K) / (n/K + 1), (1 − K/n) / (K + 1)), and 0 if that is below 0, with
    α = 1 − `level`. It holds for patients who come from where the n came from (are
    exchangeable with them), on average over training sets, and not for a new hospital. The
    usual coverage is about `level`: the bound is for the worst of all models.

    Source: Barber, Candès, Ramdas and Tibshirani, Ann Stat 2021; 49:486, theorem 4.

    Parameters
    ----------
    level : float
        Level asked for, between 0.5 and 1.
    patients : int
        n, the patients that calibrate.
    folds : int
        K, the folds that they are in.

    Examples
    --------
    >>> round(least_coverage(0.9, 80, 4), 4)
    0.7286
    """
    if not 0.5 < level < 1 or not 1 <= folds <= patients:
        raise UserError(
            "no coverage is promised for this",
            expected="a level between 0.5 and 1, and at least one patient in each fold",
            got=f"level {level:g}, {patients} patients in {folds} folds",
        )
    k, n = folds, patients
    excess = min(2 * (1 - 1 / k) / (n / k + 1), (1 - k / n) / (k + 1))
    return max(0.0, 1 - 2 * (1 - level) - excess)
