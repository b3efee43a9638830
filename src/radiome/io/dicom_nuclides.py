"""Half-lives of the nuclides that PET and SPECT use."""

from __future__ import annotations

import re

from radiome.base.errors import ImageError
from radiome.io.dicom_frames import Frame

#: Half-lives in s of nuclides in clinical use (Nuclear Data, rounded to a tenth of a percent).
HALF_LIVES_S = {
    "C11": 1221.8,
    "N13": 597.9,
    "O15": 122.2,
    "F18": 6586.2,
    "Cu64": 45723.0,
    "Ga68": 4066.0,
    "Rb82": 76.0,
    "Zr89": 282276.0,
    "Tc99m": 21624.0,
    "I124": 360806.0,
    "I131": 692900.0,
    "Lu177": 574300.0,
}
_ELEMENTS = {
    "carbon": "C",
    "nitrogen": "N",
    "oxygen": "O",
    "fluorine": "F",
    "copper": "Cu",
    "gallium": "Ga",
    "rubidium": "Rb",
    "zirconium": "Zr",
    "technetium": "Tc",
    "iodine": "I",
    "lutetium": "Lu",
}
#: Largest relative difference from the table that rounding and other tables explain.
_HALF_LIFE_TOLERANCE = 0.01


def check_half_life(item: Frame, half_life: float, where: str) -> None:
    """Refuse a half-life that is not that of the nuclide the header names."""
    codes = item.get("RadionuclideCodeSequence")
    name = nuclide_of(str(codes[0].get("CodeMeaning", ""))) if codes is not None else None
    if name is None or half_life <= 0:
        return
    known = HALF_LIVES_S[name]
    if abs(half_life - known) > _HALF_LIFE_TOLERANCE * known:
        raise ImageError(
            "the half-life is not that of the nuclide",
            where=where,
            expected=f"{known:g} s for {name}, within 1 %",
            got=f"{half_life:g} s",
            do="correct Radionuclide Half Life or Radionuclide Code Sequence",
        )


def nuclide_of(meaning: str) -> str | None:
    """The key of `HALF_LIVES_S` that a code meaning such as ``^18^Fluorine`` names, or None."""
    mass = re.search(r"\d+", meaning)
    words = re.findall(r"[A-Za-z]+", meaning)
    for word in words:
        symbol = _ELEMENTS.get(word.lower(), word.capitalize())
        for suffix in ("", "m"):
            name = f"{symbol}{mass.group() if mass else ''}{suffix}"
            if name in HALF_LIVES_S:
                return name
    return None
