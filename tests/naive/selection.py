"""Slow selection: mRMR one pair at a time, and the score test of a Cox model, event by event."""

import numpy as np
from scipy.stats import spearmanr


def mrmr(values, relevance, top, *, quotient=False):
    """Columns in the order in which they are taken, and the criterion of each at that moment."""
    taken, criteria = [], []
    while len(taken) < min(top, values.shape[1]):
        best = None
        for column in range(values.shape[1]):
            if column in taken:
                continue
            criterion = relevance[column]
            if taken:
                with_taken = [
                    abs(spearmanr(values[:, column], values[:, other]).statistic) for other in taken
                ]
                redundancy = sum(with_taken) / len(taken)
                criterion = (
                    relevance[column] / max(redundancy, 1e-3)
                    if quotient
                    else relevance[column] - redundancy
                )
            if best is None or criterion > best[0]:
                best = criterion, column
        criteria.append(best[0])
        taken.append(best[1])
    return taken, criteria


def score_test(x, time, event):
    """Z of one feature: observed less expected sums over the distinct event times.

    The variance at a time is that of a sum of d values drawn without replacement from the r
    values at risk.
    """
    score, variance = 0.0, 0.0
    for moment in np.unique(time[event]):
        at_risk = x[time >= moment]
        having_it = x[(time == moment) & event]
        r, d = len(at_risk), len(having_it)
        score += having_it.sum() - d * at_risk.mean()
        if r > 1:
            variance += d * (r - d) / (r - 1) * at_risk.var()
    return score / np.sqrt(variance)
