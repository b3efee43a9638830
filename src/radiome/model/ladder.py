"""The ladder of baselines: what volume, clinical facts or the scanner alone would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radiome.model.concordance import Bounded, bootstrap_weights, difference, estimate
from radiome.model.crossvalidation import OutOfFold
from radiome.model.preparation import Design

Floats = NDArray[np.float64]

#: Steps of the ladder and what they stand for.
LADDER = {
    "features": "the features",
    "volume": "volume alone",
    "clinical": "clinical facts alone",
    "acquisition": "scanner and protocol alone",
    "site": "site alone",
    "clinical_and_features": "clinical facts and the features",
    "deep cnn": "a convolutional network on the images",
    "deep gru": "a recurrent network over the slices of the images",
    "random_features": "random columns with the correlations of the features",
}


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """Concordances of all steps on the same patients, folds and bootstrap samples.

    Parameters
    ----------
    steps : mapping of str to OutOfFold
        ``features`` and any of the others; controls by images are ``control NAME``, networks
        on images ``deep NAME``. The latter are rivals: no gate asks whether they are beaten.
    weights : float64 array (b, m)
        Bootstrap samples of the m patients.
    """

    steps: Mapping[str, OutOfFold]
    weights: Floats

    @classmethod
    def build(cls, steps: Mapping[str, OutOfFold], *, samples: int, seed: int) -> Ladder:
        """Draw the samples for the patients of the steps."""
        n_patients = len(steps["features"].patients)
        return cls(steps, bootstrap_weights(n_patients, samples, seed))

    def concordances(self) -> dict[str, Bounded]:
        """Concordance of every step."""
        return {name: estimate(step.judged(), self.weights) for name, step in self.steps.items()}

    def gains(self) -> dict[str, Bounded]:
        """Gain of the features over each other step, on the repeats that both have.

        Clinical facts are a baseline for both together: a model of features need not know
        the age, and is asked what it adds to it.
        """
        found = {}
        for name, step in self.steps.items():
            better = "clinical_and_features" if name == "clinical" else "features"
            if name not in ("features", "clinical_and_features"):
                # A network has no more than the first repeats: it is compared on the same folds.
                ours = self.steps[better].judged(len(step.scores))
                found[name] = difference(ours, step.judged(), self.weights)
        return found


def random_features(design: Design, seed: int) -> Design:
    """Columns of noise with the correlations of the features (n, p).

    A random combination of the patients' standardised features for each row: the covariance
    is that of the sample, and no row knows its patient.
    """
    values = design.features
    given = np.isfinite(values)
    centre = np.where(given, values, 0).sum(axis=0) / np.maximum(given.sum(axis=0), 1)
    filled = np.where(given, values, centre) - centre
    spread = filled.std(axis=0)
    scaled = filled / np.where(spread > 0, spread, 1)
    n = len(values)
    mixing = np.random.default_rng(seed).standard_normal((n, n)) / np.sqrt(n)
    return Design(mixing @ scaled, design.names)
