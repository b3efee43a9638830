"""Whether the features move patients into a better category of risk than baselines do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from radiome.model.out_of_fold import OutOfFold
from radiome.model.performance.reclassification import (
    categorical_nri,
    integrated_discrimination,
)
from radiome.model.performance.results import attempt

#: Baselines, and the model that is held against each.
AGAINST = {"clinical": "clinical_and_features", "volume": "features"}

#: Belongs beside the figures wherever they are shown.
NOTE = (
    "Not a headline: the net reclassification index also rewards miscalibration. Risks are out "
    "of fold, averaged over the repeats; the intervals take the models as given."
)


def reclassification_figures(
    steps: Mapping[str, OutOfFold], thresholds: Sequence[float]
) -> dict[str, Any]:
    """Net reclassification in categories and integrated discrimination, events and others apart.

    Parameters
    ----------
    steps : mapping of str to OutOfFold
        Those of the ladder.
    thresholds : sequence of float
        Limits of the categories of risk, fixed beforehand.

    Returns
    -------
    dict
        ``against`` each baseline there is: ``new`` model, ``categories``, ``discrimination``.
    """
    outcome = steps["features"].outcome
    if outcome.kind != "binary":
        return {
            "reason": f"categories of risk need a binary outcome, not one of kind {outcome.kind}"
        }
    found = {}
    for old, new in AGAINST.items():
        if old in steps and new in steps:
            risks = outcome.values, steps[old].mean_scores(), steps[new].mean_scores()
            found[old] = {
                "new": new,
                "categories": attempt(categorical_nri, *risks, tuple(thresholds)),
                "discrimination": attempt(integrated_discrimination, *risks),
            }
    if not found:
        return {"reason": "the plan names neither clinical facts nor a volume to compare with"}
    return {"thresholds": list(thresholds), "note": NOTE, "against": found}
