"""Slow twins of the intensity families, written from the standard's sums."""

from __future__ import annotations

import itertools
import math


def percentile(values: list[float], q: float) -> float:
    ordered = sorted(values)
    position = (len(ordered) - 1) * q / 100
    below = math.floor(position + 1e-12)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def distance(values: list[float], centre: float) -> float:
    return mean([abs(value - centre) for value in values])


def moment(values: list[float], order: int) -> float:
    centre = mean(values)
    return mean([(value - centre) ** order for value in values])


def statistics(values: list[float]) -> dict[str, float | None]:
    """The features that intensities and grey levels have in common, by their bare names."""
    p10, p25, p50, p75, p90 = (percentile(values, q) for q in (10, 25, 50, 75, 90))
    robust = [value for value in values if p10 <= value <= p90]
    variance = moment(values, 2)
    constant = len(set(values)) == 1
    return {
        "mean": mean(values),
        "var": variance,
        "skew": 0.0 if constant else moment(values, 3) / variance**1.5,
        "kurt": 0.0 if constant else moment(values, 4) / variance**2 - 3,
        "median": p50,
        "min": min(values),
        "p10": p10,
        "p90": p90,
        "max": max(values),
        "iqr": p75 - p25,
        "range": max(values) - min(values),
        "mad": distance(values, mean(values)),
        "rmad": distance(robust, mean(robust)) if robust else None,
        "medad": distance(values, p50),
        "cov": math.sqrt(variance) / mean(values),
        "qcod": (p75 - p25) / (p75 + p25),
    }


def histogram(levels: list[int], n_levels: int) -> dict[str, float]:
    """The features that only the histogram has."""
    counts = [levels.count(i) for i in range(1, n_levels + 1)]
    shares = [count / len(levels) for count in counts]
    centre = mean([float(level) for level in levels])
    tallest = [i + 1 for i, count in enumerate(counts) if count == max(counts)]
    gradient = []
    for i in range(n_levels):
        low, high = max(i - 1, 0), min(i + 1, n_levels - 1)
        gradient.append((counts[high] - counts[low]) / (high - low))
    return {
        "mode": min(tallest, key=lambda i: (abs(i - centre), i)),
        "entropy": -sum(p * math.log2(p) for p in shares if p > 0),
        "uniformity": sum(p * p for p in shares),
        "max_grad": max(gradient),
        "max_grad_g": gradient.index(max(gradient)) + 1,
        "min_grad": min(gradient),
        "min_grad_g": gradient.index(min(gradient)) + 1,
    }


def volume_histogram(values: list[float], grid: list[float]) -> dict[str, float | None]:
    """IVH features of discretised intensities on the grid G, None where there is no value."""
    nu = [sum(value >= i for value in values) / len(values) for i in grid]
    gamma = [(i - grid[0]) / (grid[-1] - grid[0]) for i in grid]

    def volume(x: float) -> float:
        return max(n for n, g in zip(nu, gamma, strict=True) if g >= x - 1e-9)

    def intensity(x: float) -> float | None:
        found = [i for i, n in zip(grid, nu, strict=True) if n <= x + 1e-12]
        return min(found) if found else None

    i10, i90 = intensity(0.1), intensity(0.9)
    pairs = list(zip(gamma, nu, strict=True))
    area = sum((g2 - g1) * (n1 + n2) / 2 for (g1, n1), (g2, n2) in itertools.pairwise(pairs))
    return {
        "v10": volume(0.1),
        "v90": volume(0.9),
        "i10": i10,
        "i90": i90,
        "diff_v10_v90": volume(0.1) - volume(0.9),
        "diff_i10_i90": None if i10 is None or i90 is None else i10 - i90,
        "auc": area,
    }
