"""Learners as bytes: the same for the same learner, and only of types that are trusted."""

import subprocess
import sys

import numpy as np
import pytest
import skops.io

from radiome.base.errors import UserError
from radiome.model.learners import catalogue
from radiome.model.locked.learner_bytes import dump_learner, load_learner

#: What a process of its own makes of every learner.
SCRIPT = """
import hashlib
import numpy as np
from radiome.model.learners import catalogue
from radiome.model.locked.learner_bytes import dump_learner

def fitted(name, kind):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    y = {
        "binary": (X[:, 0] + rng.normal(size=60) > 0).astype(int),
        "multiclass": np.digitize(X[:, 0] + rng.normal(size=60), [-0.5, 0.5]),
        "continuous": X[:, 0] + rng.normal(size=60),
        "count": rng.poisson(np.exp(X[:, 0] / 2)),
        "survival": np.zeros(60, [("event", bool), ("time", float)]),
    }
    y["ordinal"] = y["multiclass"]
    y["survival"]["event"] = rng.random(60) < 0.7
    y["survival"]["time"] = rng.exponential(np.exp(-X[:, 0]))
    few = {"trees": 5} if "forest" in name else {}
    options = catalogue.grid(name, kind, few)[0]
    return X, catalogue.make(name, kind, options, 1).fit(X, y[kind])

def digests():
    return {
        f"{name} {kind}": hashlib.sha256(dump_learner(fitted(name, kind)[1])).hexdigest()
        for name, entry in catalogue.LEARNERS.items()
        for kind in entry.estimators
    }
"""


def defined():
    scope = {}
    exec(SCRIPT, scope)
    return scope


def test_every_learner_gives_the_same_bytes_in_another_process():
    code = SCRIPT + "\nfor item in digests().items(): print(*item)\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = dict(line.rsplit(" ", 1) for line in done.stdout.splitlines())
    assert told == defined()["digests"]()


@pytest.mark.parametrize(
    ("name", "kind"),
    [(name, kind) for name, entry in catalogue.LEARNERS.items() for kind in entry.estimators],
)
def test_every_learner_comes_back_as_it_went(name, kind):
    X, learner = defined()["fitted"](name, kind)
    back = load_learner(dump_learner(learner))
    new = np.random.default_rng(1).normal(size=(20, 3))
    for rows in (X, new):
        expected = catalogue.scores(learner, rows, kind)
        assert np.array_equal(catalogue.scores(back, rows, kind), expected)


class Stranger:
    def __init__(self):
        self.value = 1


def test_a_type_that_is_not_trusted_is_refused_on_both_ways():
    with pytest.raises(UserError, match="not trusted"):
        dump_learner(Stranger())
    with pytest.raises(UserError, match="not trusted"):
        load_learner(skops.io.dumps(Stranger()))


def test_bytes_that_are_no_learner_are_refused():
    with pytest.raises(UserError, match="cannot be read"):
        load_learner(b"no zip")
