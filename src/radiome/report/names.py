"""What models, controls and steps of the study are called in the report."""

from __future__ import annotations

import re

from radiome.cohort.inspection import ACQUISITION_FACTS
from radiome.model.ladder import LADDER, control_words
from radiome.report.acquisition_facts import fact_words, within_sentence

_NETWORK = re.compile(r"\bdeep (cnn|gru)\b")
_FACT = re.compile(rf"\b({'|'.join(ACQUISITION_FACTS)})\b")
_FIRST = re.compile(r"\S")

_STEPS = {
    "inspect": "Images read and checked",
    "extract": "Features measured",
    "controls": "Negative controls measured",
    "cohort": "Table of cases written",
    "rows": "Cases of the analysis chosen",
    "atlas": "Features grouped",
    "model": "Models fitted and tested",
    "trust": "Trust table written",
    "maps": "Maps drawn",
}

MODALITIES = {"PT": "PET", "NM": "Nuclear medicine", "US": "Ultrasound", "MG": "Mammography"}


def named(text: str) -> str:
    """A sentence of the results with controls, networks and facts of headers in words.

    Examples
    --------
    >>> named("gain over control shuffled_roi 0.08 (0.02 to 0.18)")
    'gain over shuffled voxels of the region 0.08 (0.02 to 0.18)'
    >>> named("CONFOUNDED: acquisition (ConvolutionKernel) alone 0.85")
    'confounded: acquisition (convolution kernel) alone 0.85'
    """
    text = _NETWORK.sub(lambda found: LADDER[found[0]], control_words(text))
    text = _FACT.sub(lambda found: within_sentence(fact_words(found[0])), text)
    return text.replace("CONFOUNDED: ", "confounded: ")


def model_words(step: str) -> str:
    """A model that the features are compared with, at the start of a line.

    Examples
    --------
    >>> model_words("control shuffled_roi"), model_words("volume")
    ('Shuffled voxels of the region', 'Volume alone')
    """
    return capitalised(LADDER.get(step) or control_words(step).replace("_", " "))


def step_words(step: str, analyses: int) -> str:
    """A step of the study; with its analysis where there are several.

    Examples
    --------
    >>> step_words("model main", 1), step_words("model PET", 2), step_words("inspect", 2)
    ('Models fitted and tested', 'Models fitted and tested, PET', 'Images read and checked')
    """
    name, _, analysis = step.partition(" ")
    words = _STEPS.get(name, name)
    return f"{words}, {analysis}" if analysis and analyses > 1 else words


def capitalised(text: str) -> str:
    """The text with its first letter large, as a sentence begins."""
    return _FIRST.sub(lambda found: found[0].upper(), text, count=1)
