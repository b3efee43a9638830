"""The ladder of baselines: what volume, clinical facts or the scanner alone would do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radiome.model.concordance import Bounded, bootstrap_weights, difference, estimate
from radiome.model.out_of_fold import OutOfFold
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

#: What was done to the voxels of a control, and to which, as `radiome.preprocess` names it.
_DONE = {"shuffled": "shuffled", "sampled": "redrawn", "randomised": "randomised"}
_PLACES = {
    "roi": "voxels of the region",
    "non_roi": "voxels outside the region",
    "full": "voxels of the whole image",
}
_SHORT = {"roi": "region", "non_roi": "surroundings", "full": "image"}
_CONTROL = re.compile(r"\b(?:control )?(shuffled|sampled|randomised)_(non_roi|roi|full)(?:_(\d+))?")


def control_words(text: str) -> str:
    """A negative control image in words, also within a sentence; any other text as it is.

    Examples
    --------
    >>> control_words("shuffled_roi"), control_words("gain over control randomised_full_2")
    ('shuffled voxels of the region', 'gain over randomised voxels of the whole image, draw 2')
    """
    return _CONTROL.sub(_control, text)


def _control(found: re.Match[str]) -> str:
    words = f"{_DONE[found[1]]} {_PLACES[found[2]]}"
    return f"{words}, draw {found[3]}" if found[3] else words


def control_label(name: str) -> str:
    """A negative control image where there is little room; any other name as it is.

    Examples
    --------
    >>> control_label("shuffled_roi"), control_label("randomised_full_2")
    ('shuffled region', 'randomised image 2')
    """
    found = _CONTROL.fullmatch(name)
    if found is None:
        return name
    label = f"{_DONE[found[1]]} {_SHORT[found[2]]}"
    return f"{label} {found[3]}" if found[3] else label


def in_words(step: str) -> str:
    """A step of the ladder within a sentence.

    Examples
    --------
    >>> in_words("volume"), in_words("control sampled_non_roi"), in_words("control mirrored_lung")
    ('volume alone', 'redrawn voxels outside the region', 'control: mirrored lung')
    """
    told = LADDER.get(step) or control_words(step)
    return re.sub("^control ", "control: ", told).replace("_", " ")


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
