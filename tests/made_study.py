"""Small made-up studies whose truth is known."""

import numpy as np
import pandas as pd

from radiome.model.plan import make_plan
from radiome.model.table_building import build_table

QUICK = {
    "validation": {"folds": 4, "repeats": 2, "inner_folds": 2, "bootstrap": 300},
    "null": {"permutations": 59, "stop_after": 5},
    "select": {"name": "univariate", "options": {"top": 5}},
    "learner": {"name": "logistic", "options": {"strength": 0.1}},
}


def made_tables(n=80, p=20, *, signal=0.0, scanner=False, volume=False, seed=0):
    """Features (volume first) and a binary outcome that follows what is asked for."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, p)) + 0.5 * rng.normal(size=(n, 1))
    log_volume = values[:, 0] + 0.5 * rng.normal(size=n)
    logit = signal * (values[:, 1] - values[:, 2]) + (2.5 * log_volume if volume else 0)
    positive = rng.random(n) < 1 / (1 + np.exp(-logit))
    frame = pd.DataFrame(values, columns=[f"f{k}" for k in range(p)])
    frame.insert(0, "patient", [f"p{k}" for k in range(n)])
    frame["morph_volume"] = np.exp(log_volume)
    if scanner:
        where = rng.random(n) < np.where(positive, 0.9, 0.1)
        frame.loc[where, [f"f{k}" for k in range(3, 10)]] += 2
        frame["scanner"] = np.where(where, "A", "B")
    outcome = pd.DataFrame({"patient": frame["patient"], "y": positive.astype(int).astype(str)})
    return frame, outcome


def made_plan(**changes):
    """A quick plan for the outcome ``y`` of `made_tables`."""
    return make_plan({"outcomes": {"name": "y", "kind": "binary"}, **QUICK, **changes})


def made_table(plan, **truth):
    """The two tables joined."""
    frame, outcome = made_tables(**truth)
    return build_table(frame, None, outcome, plan)
