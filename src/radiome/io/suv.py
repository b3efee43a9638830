"""PET intensities as standardised uptake values by body weight (SUVbw).

``SUVbw = C / (D * 2^(-dt / T) / W)`` with the activity concentration C in Bq/mL, the
injected dose D in Bq, its half-life T, the time dt from injection to the moment that the
stored values are decay-corrected to, and the body weight W in g (1 g taken as 1 mL).

Sources: DICOM PS3.3 C.8.9.1 (Units, Decay Correction, SUV Type); the vendor-neutral and
Philips rules follow the QIBA SUV computation notes. Nothing is assumed in silence: what is
needed and absent, or not plausible, is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from radiome.base.errors import ImageError
from radiome.io.dicom_frames import Frame
from radiome.io.dicom_reference import check_decay_factors, reference_time
from radiome.io.dicom_tracer import Tracer, tracer_of

_PHILIPS = "Philips PET Private Group"

#: An uptake time of more half-lives than this means a wrong date.
_MOST_HALF_LIVES = 10.0

#: Units of enhanced PET as coded in Measurement Units (UCUM), by the classic name.
_UCUM = {"bq/ml": "BQML", "{counts}": "CNTS", "{suvbw}g/ml": "GML", "g/ml{suvbw}": "GML"}


@dataclass(frozen=True, slots=True)
class SuvScale:
    """What to multiply rescaled PET values with, and how it came about.

    Parameters
    ----------
    factor : float
        SUVbw per rescaled value.
    facts : mapping
        ``SuvSource`` and, where decay was corrected here, the times and the factor used.
    """

    factor: float
    facts: dict[str, Any] = field(default_factory=dict)


def suv_scale(frames: Sequence[Frame], *, where: str) -> SuvScale:
    """Find the factor from rescaled values to SUVbw.

    - ``GML``: already SUV; accepted for SUV Type BW or none (which the standard defines
      as BW).
    - ``BQML``: from weight, dose, half-life and times.
    - ``CNTS``: Philips only, by its private SUV factor (7053,xx00), or by its activity
      factor (7053,xx09) followed by the computation for ``BQML``.

    Parameters
    ----------
    frames : sequence of Frame
        All slices of the series.
    where : str
        The series, for messages.

    Raises
    ------
    ImageError
        If the units are others, a needed field is missing or implausible, or the images
        are not corrected for decay and attenuation.
    """
    units = units_of(frames, where)
    if units == "GML":
        return _already_suv(frames[0], where)
    _check_corrections(frames[0], where)
    if units == "BQML":
        return _from_activity(frames, 1.0, where)
    if units == "CNTS":
        return _from_counts(frames, where)
    raise ImageError(
        f"PET units {units} cannot be turned into SUVbw",
        where=where,
        expected="BQML, CNTS with the Philips factors, or GML",
        got=units,
        do="export the reconstruction in Bq/mL",
    )


def units_of(frames: Sequence[Frame], where: str) -> str:
    """The one PET unit of a series: Units, or the coded unit of an enhanced object."""
    names: set[str] = set()
    for frame in frames:
        name = frame.get("Units")
        codes = frame.get("MeasurementUnitsCodeSequence") if name is None else None
        if codes is not None:
            code = str(codes[0].get("CodeValue", ""))
            name = _UCUM.get(code.lower(), code)
        names.add(str(name or "absent"))
    if len(names) > 1 or "absent" in names:
        raise ImageError(
            "the unit of the PET series is not known",
            where=where,
            expected="the same Units in every slice",
            got=", ".join(sorted(names)),
            do="export the series again from its source",
        )
    return names.pop()


def _already_suv(frame: Frame, where: str) -> SuvScale:
    kind = str(frame.get("SUVType") or "BW").strip()
    if kind != "BW":
        raise ImageError(
            "the PET values are SUV of another kind than body weight",
            where=where,
            expected="SUV Type BW",
            got=kind,
            do="export the reconstruction in Bq/mL or as SUVbw",
        )
    return SuvScale(1.0, {"SuvSource": "stored as SUVbw"})


def _check_corrections(frame: Frame, where: str) -> None:
    corrections = frame.get("CorrectedImage")
    if corrections is None:
        lacking = ["ATTN"] if frame.get("AttenuationCorrected") == "NO" else []
    else:
        listed = {corrections} if isinstance(corrections, str) else set(corrections)
        lacking = [name for name in ("ATTN", "DECY") if name not in listed]
    if str(frame.get("DecayCorrection")) == "NONE" or frame.get("DecayCorrected") == "NO":
        lacking = [*(name for name in lacking if name != "DECY"), "DECY"]
    if lacking:
        words = {"ATTN": "attenuation", "DECY": "decay"}
        raise ImageError(
            f"the PET images are not corrected for {' and '.join(words[c] for c in lacking)}",
            where=where,
            expected="ATTN and DECY in Corrected Image, Decay Correction START or ADMIN",
            got=f"Corrected Image {corrections}, Decay Correction {frame.get('DecayCorrection')}",
            do="use the corrected reconstruction; SUV of these values would be wrong",
        )


def _from_counts(frames: Sequence[Frame], where: str) -> SuvScale:
    suv = _philips_factor(frames, 0x00, where)
    if suv is not None:
        return SuvScale(suv, {"SuvSource": "Philips SUV factor (7053,xx00)"})
    activity = _philips_factor(frames, 0x09, where)
    if activity is not None:
        return _from_activity(frames, activity, where)
    raise ImageError(
        "the PET values are counts without a calibration",
        where=where,
        expected="the Philips SUV factor (7053,xx00) or activity factor (7053,xx09)",
        got="Units CNTS and neither of them (private elements are lost in de-identification)",
        do="export the reconstruction in Bq/mL, or keep the private group 7053",
    )


def _philips_factor(frames: Sequence[Frame], element: int, where: str) -> float | None:
    values = {_private_number(frame, element) for frame in frames}
    if len(values) > 1:
        raise ImageError(
            "the Philips calibration factor changes within the series",
            where=where,
            expected=f"one value of (7053,xx{element:02X})",
            got=f"{len(values)} values",
            do="export the reconstruction in Bq/mL",
        )
    return values.pop()


def _private_number(frame: Frame, element: int) -> float | None:
    try:
        raw = frame.dataset.private_block(0x7053, _PHILIPS)[element].value
        text = raw.decode("ascii") if isinstance(raw, bytes) else raw
        value = float(str(text).strip("\0 "))
    except (KeyError, ValueError):
        return None
    return value if value > 0 else None


def _from_activity(frames: Sequence[Frame], becquerel: float, where: str) -> SuvScale:
    tracer = tracer_of(frames, where)
    dose = tracer.dose_bq
    facts: dict[str, Any] = {"SuvSource": "activity, weight and dose"}
    if not tracer.corrected_to_injection:
        reference, source = reference_time(frames, where)
        elapsed = _elapsed(tracer, reference - tracer.injection_time, where)
        check_decay_factors(frames, tracer.half_life_s, reference, where)
        dose *= 2.0 ** (-elapsed / tracer.half_life_s)
        facts |= {
            "SuvReferenceTime": reference.isoformat(),
            "SuvReferenceFrom": source,
            "SuvInjectionTime": tracer.injection_time.isoformat(),
            "SuvDecaySeconds": elapsed,
        }
    return SuvScale(becquerel * tracer.weight_kg * 1000.0 / dose, facts)


def _elapsed(tracer: Tracer, uptake: timedelta, where: str) -> float:
    seconds = uptake.total_seconds()
    if seconds < 0:
        raise ImageError(
            "the tracer was injected after the scan began",
            where=where,
            expected="an injection before the scan",
            got=f"injection {-seconds:.0f} s after the reference time of the scan",
            do="correct the times; across midnight, state Radiopharmaceutical Start DateTime",
        )
    if seconds > _MOST_HALF_LIVES * tracer.half_life_s:
        raise ImageError(
            "the time between injection and scan is not plausible",
            where=where,
            expected=f"less than {_MOST_HALF_LIVES:g} half-lives of {tracer.half_life_s:g} s",
            got=f"{seconds:.0f} s",
            do="correct the dates of injection and scan (de-identification may have shifted one)",
        )
    return seconds
