"""All selectors by name: one row each, so that a plan file can name them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from radiome.base.errors import SettingsError, nearest_name
from radiome.base.options import parse_options
from radiome.select.contract import SelectorOptions


class SelectorEntry(NamedTuple):
    """Where the options of a selector are, whether it sees the outcome, and what it keeps."""

    target: str
    sees_outcome: bool
    summary: str


SELECTORS = {
    "univariate": SelectorEntry(
        "univariate:UnivariateOptions", True, "The strongest one by one, or those below a level."
    ),
    "cluster_representatives": SelectorEntry(
        "representatives:RepresentativesOptions", False, "One of each group that says the same."
    ),
    "mrmr": SelectorEntry(
        "mrmr:MinimumRedundancyOptions", True, "Relevant and not redundant, greedily."
    ),
    "penalised": SelectorEntry(
        "penalised:PenalisedOptions", True, "Non-zero in a LASSO or elastic net."
    ),
    "stability": SelectorEntry(
        "stability:StabilityOptions", True, "Often first on the LASSO path of half the patients."
    ),
    "boruta": SelectorEntry(
        "boruta:BorutaOptions", True, "More important to a forest than shuffled copies."
    ),
    "knockoffs": SelectorEntry(
        "knockoffs:KnockoffOptions", True, "Stronger than imitations, with a false discovery rate."
    ),
}


def selector(
    name: str, options: Mapping[str, Any] | None = None, *, outcome: str = "auto", seed: int = 0
) -> Any:
    """Make the selector `name`, unfitted.

    Parameters
    ----------
    name : str
        A key of `SELECTORS`.
    options : mapping, optional
        Plain values; what is left out has its default.
    outcome : str
        Type of the outcome, such as "binary" or "survival"; "auto" reads it from y.
    seed : int
        Of what the selector draws.

    Raises
    ------
    SettingsError
        For an unknown selector or option (with the nearest known one), or a bad value.

    Examples
    --------
    >>> selector("univariate", {"top": 5})
    UnivariateSelector(top=5)
    """
    parsed = parse_options(options_of(name), options or {}, where=f"selector '{name}'")
    return parsed.build(outcome=outcome, seed=seed)


def options_of(name: str) -> type[SelectorOptions]:
    """Import the options of the selector `name`; raise `SettingsError` if there is none."""
    if name not in SELECTORS:
        near = nearest_name(name, SELECTORS)
        raise SettingsError(
            f"unknown selector '{name}'",
            where="select",
            expected="one of " + ", ".join(SELECTORS),
            got=name,
            do=f"did you mean '{near}'?" if near else "choose one of the names",
        )
    module, _, attribute = SELECTORS[name].target.partition(":")
    kind: type[SelectorOptions] = getattr(import_module(f"radiome.select.{module}"), attribute)
    return kind
