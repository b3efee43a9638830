"""Two small studies with a known answer: a texture signal, and a scanner mistaken for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import numpy as np

from radiome.io.dicom_image_writer import write_ct_series
from radiome.io.dicom_region_writer import write_rtstruct
from radiome.io.dicom_writer import Study
from radiome.phantoms.lesion import make_lesion
from radiome.phantoms.parameters import LesionParameters
from radiome.tables.atomic import replacing
from radiome.tables.files import write_records

_PROTOCOL = """\
# {sentence}
title: {title}
authors: [radiome demonstration]
cohort: cohort.csv
outcomes: outcomes.csv
extraction: {{settings: ct}}
controls: {{images: [shuffled_roi]}}
trust: {{resamples: 20}}
analyses:
- name: main
  plan:
    outcomes:
    - {{name: response, kind: binary, reference_standard: expert_reading}}
    columns: {{patient: patient, acquisition: [ConvolutionKernel]}}
    select: [{{name: univariate, options: {{top: [5, 10]}}}}]
    validation: {{folds: 5, repeats: 2, bootstrap: 1000}}
    null: {{permutations: 99}}
"""


#: Standard deviation of the lesions as scanned with the soft kernel, HU: the typical one.
_SCANNED_SD = 20.0

#: Blur of the soft kernel along z (the box of a slice of 3 mm), y, x, as standard deviations, mm.
_BLUR_MM = (3.0 / np.sqrt(12.0), 0.68, 0.68)


@dataclass(frozen=True, slots=True)
class _Patient:
    """What is drawn for a patient, before anything is imaged."""

    response: int
    texture_mm: float
    texture_amplitude: float
    kernel: str


@dataclass(frozen=True, slots=True)
class Arm:
    """A demonstration study.

    Parameters
    ----------
    title, sentence : str
        What it is called, and what is true of it.
    draw : callable
        Response, texture and kernel of a patient.
    """

    title: str
    sentence: str
    draw: Callable[[np.random.Generator], _Patient]


def _texture_patient(generator: np.random.Generator) -> _Patient:
    """Responders have a coarser texture, as a rule; the kernel knows nothing of it."""
    response = int(generator.integers(2))
    texture = 2.0 * np.exp(0.75 * response + 0.3 * generator.normal())
    amplitude = _amplitude(generator, texture)
    return _Patient(response, float(texture), amplitude, _either(generator, 0.5))


def _scanner_patient(generator: np.random.Generator) -> _Patient:
    """Texture knows nothing of the response; the sharp kernel was mostly used in responders."""
    response = int(generator.integers(2))
    texture = 3.0 * np.exp(0.3 * generator.normal())
    kernel = _either(generator, 0.85 if response else 0.15)
    return _Patient(response, float(texture), _amplitude(generator, texture), kernel)


def _amplitude(generator: np.random.Generator, texture_mm: float) -> float:
    """Amplitude before the scan, HU, such that the scanned one knows nothing of the texture.

    The scan blurs fine textures more than coarse ones. Were this left as it is, the standard
    deviation would tell them apart, and so would voxels that are shuffled. A Gaussian blur of
    standard deviation s leaves a field with the autocorrelation exp(-h² / (2 l²)) the share
    l / √(l² + 2 s²) of its variance, for each axis.
    """
    kept = np.prod([texture_mm / np.hypot(texture_mm, np.sqrt(2.0) * s) for s in _BLUR_MM])
    drawn = _SCANNED_SD * np.exp(0.25 * generator.normal())
    return float(drawn / np.sqrt(kept))


def _either(generator: np.random.Generator, sharp: float) -> str:
    return "sharp" if generator.random() < sharp else "soft"


ARMS: Mapping[str, Arm] = MappingProxyType(
    {
        "texture": Arm(
            "A texture that tells response",
            "Responders have a coarser texture. Both kernels were used alike.",
            _texture_patient,
        ),
        "scanner": Arm(
            "A scanner that pretends to",
            "Nothing in the lesions tells response; responders were mostly scanned with the "
            "sharp kernel.",
            _scanner_patient,
        ),
    }
)


def write_demo_study(folder: Path, arm: str, *, patients: int = 60, seed: int = 2024) -> Path:
    """Write the CT scans, regions, outcomes and protocol of a demonstration study.

    Parameters
    ----------
    folder : Path
        Made if absent.
    arm : str
        Name in `ARMS`.
    patients : int
        Number of patients, with one lesion each.
    seed : int
        Of all that is random; equal arguments give equal bytes.

    Returns
    -------
    Path
        ``study.yaml``, for ``radiome study run``.
    """
    chosen = ARMS[arm]
    folder.mkdir(parents=True, exist_ok=True)
    rows, outcomes = [], []
    for number in range(patients):
        source = np.random.SeedSequence((seed, list(ARMS).index(arm)), spawn_key=(number,))
        drawn = chosen.draw(np.random.default_rng(source))
        patient = f"{arm.upper()}-{number + 1:03d}"
        seed_of_lesion = int(source.generate_state(1)[0])
        image, mask, roi = _write_scan(folder, patient, drawn, seed_of_lesion, number)
        files = {"image": image.relative_to(folder), "mask": mask.relative_to(folder)}
        rows.append(
            {"case": f"{patient}_CT", **{name: path.as_posix() for name, path in files.items()},
             "roi": roi, "modality": "CT", "patient": patient}
        )  # fmt: skip
        outcomes.append({"patient": patient, "response": str(drawn.response)})
    write_records(folder / "cohort.csv", rows, tuple(rows[0]))
    write_records(folder / "outcomes.csv", outcomes, tuple(outcomes[0]))
    path = folder / "study.yaml"
    with replacing(path) as part:
        text = _PROTOCOL.format(title=chosen.title, sentence=chosen.sentence)
        part.write_text(text, encoding="utf-8")
    return path


def _write_scan(
    folder: Path, patient: str, drawn: _Patient, seed: int, number: int
) -> tuple[Path, Path, str]:
    size = np.random.default_rng(seed)
    lesion = make_lesion(
        LesionParameters.typical(
            "CT",
            seed=seed,
            volume_ml=float(np.exp(size.uniform(np.log(3), np.log(9)))),
            texture_mm=drawn.texture_mm,
            texture_amplitude=drawn.texture_amplitude,
            kernel=drawn.kernel,
            noise_sigma=12.0 if drawn.kernel == "sharp" else 8.0,
            matrix_size=56,
            slice_count=18,
        )
    )
    study = Study(
        key=f"radiome demo study/{patient}",
        patient_id=patient,
        patient_name=patient.replace("-", "^"),
        time=datetime(2024, 1, 15, 9, 0) + timedelta(days=number),
    )
    place = folder / "scans" / patient
    series = write_ct_series(place / "CT", lesion.volume, study, kernel=drawn.kernel.upper())
    region = write_rtstruct(place / "regions_RTSTRUCT.dcm", lesion.mask, series, study)
    return place / "CT", region, lesion.mask.name
