"""From gates to a statement: what is there, how sure, and what else could explain it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from radiome.model.concordance import Bounded
from radiome.model.gates import Gate, Status, shown

Word = Literal["evidence", "weak", "none"]

#: A failure of one of these leaves no claim: leakage, confounding, chance, volume.
DECISIVE = (1, 3, 4, 5)

#: A failure of one of these leaves a claim that is not to be relied on.
LIMITING = (6, 7, 11, 12)

#: What leads to the gates that nothing was given for.
NOT_KNOWN = " Not known, for lack of data: "


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a study says of one outcome.

    Parameters
    ----------
    word : {"evidence", "weak", "none"}
        The short form.
    sentence : str
        The statement in plain words.
    gates : tuple of Gate
        All of them, in order.
    alternatives : tuple of str
        Other explanations that were looked at, the strongest first, and those that could
        not be.
    """

    word: Word
    sentence: str
    gates: tuple[Gate, ...]
    alternatives: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "verdict": self.word,
            "sentence": self.sentence,
            "gates": [gate.as_dict() for gate in self.gates],
            "alternatives": list(self.alternatives),
        }


def decide(
    gates: Sequence[Gate],
    concordance: Bounded,
    *,
    outcome: str,
    alternatives: Sequence[str] = (),
) -> Verdict:
    """Weigh the gates.

    Parameters
    ----------
    gates : sequence of Gate
        The card.
    concordance : Bounded
        Of the cross-validated features.
    outcome : str
        Name, for the sentence.
    alternatives : sequence of str
        Explanations that were looked at.

    Notes
    -----
    ``none`` if a decisive gate fails; ``evidence`` if all decisive gates that could be
    evaluated pass, the test against chance among them, the interval of the concordance lies
    above one half, and no limiting gate fails; ``weak`` otherwise. A gate that is UNKNOWN
    does not stop a claim but is named in the sentence as not excluded.
    """
    status = {gate.number: gate.status for gate in gates}
    failed = [gate for gate in gates if gate.status is Status.FAIL]
    decisive = [gate for gate in failed if gate.number in DECISIVE]
    limiting = [gate for gate in failed if gate.number in LIMITING]
    unknown = [gate for gate in gates if gate.status is Status.UNKNOWN]
    word: Word = "weak"
    if decisive or status.get(4) is not Status.PASS:
        word = "none"
    elif not limiting and concordance.lower > 0.5:
        word = "evidence"
    sentence = _sentence(word, status, concordance, outcome, decisive, limiting)
    if unknown and word != "none":
        sentence += NOT_KNOWN + _listed(unknown, "whether ") + "."
    return Verdict(word, sentence, tuple(gates), tuple(alternatives))


def _sentence(
    word: Word,
    status: dict[int, Status],
    concordance: Bounded,
    outcome: str,
    decisive: Sequence[Gate],
    limiting: Sequence[Gate],
) -> str:
    figure = f"concordance {shown(concordance)}"
    if word == "none":
        if status.get(4) is not Status.PASS:
            tested = "".join(f"; {gate.evidence}" for gate in decisive if gate.number == 4)
            return (
                f"No evidence that the features predict '{outcome}' better than chance: "
                f"{figure}{tested}."
            )
        reasons = "; ".join(gate.evidence for gate in decisive)
        return (
            f"No evidence beyond confounders that the features predict '{outcome}': {figure}. "
            f"Not shown: {_listed(decisive)} ({reasons})."
        )
    if word == "weak":
        reasons = f"; not shown: {_listed(limiting)}" if limiting else ""
        if concordance.lower <= 0.5:
            reasons += "; the interval of the concordance reaches one half"
        return f"Weak evidence that the features predict '{outcome}': {figure}{reasons}."
    claim = "Externally validated" if status.get(11) is Status.PASS else "Internally validated"
    return f"{claim} association of the features with '{outcome}': {figure}."


def _listed(gates: Sequence[Gate], before: str = "") -> str:
    return "; ".join(f"{before}{gate.name[0].lower()}{gate.name[1:]}" for gate in gates)
