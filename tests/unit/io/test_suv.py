"""SUVbw against hand-computed values, and every reason to refuse."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from made_dicom import item, some_voxels, write_enhanced, write_series
from radiome.base.errors import ImageError
from radiome.io.dicom_nuclides import nuclide_of
from radiome.io.dicom_series import read_dicom_series
from radiome.io.dicom_times import date_time, moment

Edit = Callable[[Dataset], None]

# 70 kg, 350 MBq, one half-life (6600 s) from 10:10 to 12:00.
AT_INJECTION = 70e3 / 350e6
AFTER_ONE_HALF_LIFE = 2 * AT_INJECTION


def scanned(folder: Path, *edits: Edit, slices: int = 2) -> Path:
    def every(dataset: Dataset, n: int) -> None:
        for edit in edits:
            edit(dataset)

    return write_series(folder / "pt", "PT", edit=every, voxels=some_voxels((slices, 3, 4)))


def header(**values: object) -> Edit:
    def edit(dataset: Dataset) -> None:
        for keyword, value in values.items():
            setattr(dataset, keyword, value)

    return edit


def tracer(**values: object) -> Edit:
    def edit(dataset: Dataset) -> None:
        part = dataset.RadiopharmaceuticalInformationSequence[0]
        for keyword, value in values.items():
            if value is None:
                delattr(part, keyword)
            else:
                setattr(part, keyword, value)

    return edit


def without(keyword: str) -> Edit:
    return lambda dataset: delattr(dataset, keyword)


def private(group: int, creator: str, element: int, kind: str, value: object) -> Edit:
    def edit(dataset: Dataset) -> None:
        dataset.private_block(group, creator, create=True).add_new(element, kind, value)

    return edit


philips = "Philips PET Private Group"
counts = header(Units="CNTS")

ACCEPTED: dict[str, tuple[list[Edit], float, str | None]] = {
    "START": ([], AFTER_ONE_HALF_LIFE, "SeriesTime"),
    "ADMIN": ([header(DecayCorrection="ADMIN")], AT_INJECTION, None),
    "SUV already": ([header(Units="GML", SUVType="BW")], 1.0, None),
    "SUV of default type": ([header(Units="GML")], 1.0, None),
    "Philips SUV factor": ([counts, private(0x7053, philips, 0, "DS", "0.25")], 0.25, None),
    "Philips activity factor": (
        [counts, private(0x7053, philips, 9, "DS", "0.5")],
        0.5 * AFTER_ONE_HALF_LIFE,
        "SeriesTime",
    ),
    "series time rewritten": (
        [header(SeriesTime="150000")],
        AFTER_ONE_HALF_LIFE,
        "earliest AcquisitionTime",
    ),
    "GE scan time": (
        [private(0x0009, "GEMS_PETD_01", 0x0D, "DT", "20240102101000.00")],
        AT_INJECTION,
        "GE scan date-time (0009,xx0D)",
    ),
    "across midnight": (
        [
            header(AcquisitionTime="002000", SeriesTime="002000"),
            tracer(
                RadiopharmaceuticalStartTime="223000",
                RadiopharmaceuticalStartDateTime="20240101223000",
            ),
        ],
        AFTER_ONE_HALF_LIFE,
        "SeriesTime",
    ),
    "consistent decay factor": (
        [header(FrameReferenceTime=1215000, ActualFrameDuration=240000, DecayFactor=1.15)],
        AFTER_ONE_HALF_LIFE,
        "SeriesTime",
    ),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_suv_is_computed(tmp_path: Path, name: str) -> None:
    edits, factor, source = ACCEPTED[name]
    volume = read_dicom_series(scanned(tmp_path, *edits))
    assert volume.unit == "SUVbw"
    # float32 voxels: half a unit in the last place is 6e-8.
    assert np.allclose(volume.voxels, some_voxels((2, 3, 4)) * factor, rtol=1e-7)
    assert volume.facts["SuvFactor"] == pytest.approx(factor, rel=1e-12)
    assert volume.facts.get("SuvReferenceFrom") == source


def test_slopes_of_slices_differ(tmp_path: Path) -> None:
    def scale(dataset: Dataset) -> None:
        dataset.RescaleSlope = float(dataset.InstanceNumber)

    volume = read_dicom_series(scanned(tmp_path, scale))
    expected = some_voxels((2, 3, 4)) * np.array([1.0, 2.0])[:, None, None] * AFTER_ONE_HALF_LIFE
    assert np.allclose(volume.voxels, expected, rtol=1e-7)


def test_earliest_acquisition_counts_in_any_slice(tmp_path: Path) -> None:
    def beds(dataset: Dataset) -> None:
        dataset.SeriesTime = "130000"
        dataset.AcquisitionTime = "120000" if dataset.InstanceNumber == 2 else "121000"

    facts = read_dicom_series(scanned(tmp_path, beds)).facts
    assert facts["SuvDecaySeconds"] == 6600.0


def test_enhanced_pet_uses_its_real_world_values(tmp_path: Path) -> None:
    def pet(dataset: Dataset) -> None:
        dataset.PatientWeight = 70.0
        dataset.DecayCorrected, dataset.AttenuationCorrected = "YES", "YES"
        dataset.DecayCorrectionDateTime = "20240102120000"
        dataset.AcquisitionDateTime = "20240102120500"
        part = item(
            RadiopharmaceuticalStartDateTime="20240102101000",
            RadionuclideTotalDose=350e6,
            RadionuclideHalfLife=6600.0,
        )
        dataset.RadiopharmaceuticalInformationSequence = [part]
        unit = item(CodeValue="Bq/ml", CodingSchemeDesignator="UCUM", CodeMeaning="Bq/ml")
        mapping = item(
            MeasurementUnitsCodeSequence=[unit],
            RealWorldValueSlope=4.0,
            RealWorldValueIntercept=0.0,
        )
        shared = dataset.SharedFunctionalGroupsSequence[0]
        del shared.PixelValueTransformationSequence
        shared.RealWorldValueMappingSequence = [mapping]

    path = write_enhanced(tmp_path / "e.dcm", some_voxels(), modality="PT", edit=pet)
    volume = read_dicom_series(path)
    assert np.allclose(volume.voxels, some_voxels() * 4 * AFTER_ONE_HALF_LIFE, rtol=1e-7)
    assert volume.facts["SuvReferenceFrom"] == "DecayCorrectionDateTime"


midnight = "across midnight, state Radiopharmaceutical Start DateTime"

REFUSED: dict[str, tuple[Edit, tuple[str, ...]]] = {
    "no unit": (without("Units"), ("unit of the PET series is not known", "absent")),
    "other unit": (header(Units="PROPCPS"), ("PROPCPS cannot be turned into SUVbw", "Bq/mL")),
    "counts": (counts, ("counts without a calibration", "private group 7053")),
    "zero Philips factor": (
        lambda d: (counts(d), private(0x7053, philips, 0, "DS", "0")(d)),  # type: ignore[func-returns-value]
        ("counts without a calibration",),
    ),
    "lean SUV": (header(Units="GML", SUVType="LBM"), ("another kind than body weight", "LBM")),
    "no decay correction": (header(DecayCorrection="NONE"), ("not corrected for decay",)),
    "unknown decay correction": (without("DecayCorrection"), ("moment of decay correction",)),
    "no attenuation correction": (
        header(CorrectedImage=["DECY"]),
        ("not corrected for attenuation", "use the corrected reconstruction"),
    ),
    "no weight": (without("PatientWeight"), ("PatientWeight is missing", "de-identification")),
    "zero weight": (header(PatientWeight=0), ("PatientWeight is not plausible", "1 to 300 kg")),
    "weight in g": (header(PatientWeight=70000), ("PatientWeight is not plausible",)),
    "no tracer": (
        without("RadiopharmaceuticalInformationSequence"),
        ("RadiopharmaceuticalInformationSequence is missing",),
    ),
    "no dose": (tracer(RadionuclideTotalDose=None), ("RadionuclideTotalDose is missing",)),
    "dose in MBq": (tracer(RadionuclideTotalDose=350), ("plausible", "must be in Bq")),
    "dose too high": (tracer(RadionuclideTotalDose=3.5e9), ("RadionuclideTotalDose is not",)),
    "no half-life": (tracer(RadionuclideHalfLife=None), ("RadionuclideHalfLife is missing",)),
    "half-life in min": (tracer(RadionuclideHalfLife=110), ("not that of the nuclide", "F18")),
    "no injection": (
        tracer(RadiopharmaceuticalStartTime=None),
        ("RadiopharmaceuticalStartDateTime or RadiopharmaceuticalStartTime is missing",),
    ),
    "injection after scan": (
        tracer(RadiopharmaceuticalStartTime="133000"),
        ("injected after the scan began", "2024-01-02T13:30:00", midnight),
    ),
    "midnight without date": (
        lambda d: (  # type: ignore[func-returns-value]
            header(AcquisitionTime="003000", SeriesTime="003000")(d),
            tracer(RadiopharmaceuticalStartTime="233000")(d),
        ),
        ("injected after the scan began", midnight),
    ),
    "shifted date": (
        tracer(RadiopharmaceuticalStartDateTime="20230102101000"),
        ("time between injection and scan is not plausible", "de-identification"),
    ),
    "two injection times": (
        tracer(RadiopharmaceuticalStartDateTime="20240102111000"),
        ("one moment of injection", "Start Time 101000"),
    ),
    "malformed time": (
        tracer(RadiopharmaceuticalStartTime="10-10"),
        ("a time in the PET header is not usable", "HHMMSS"),
    ),
    "no acquisition time": (
        without("AcquisitionTime"),
        ("AcquisitionDate and AcquisitionTime is missing",),
    ),
    "series long before": (
        header(SeriesTime="103000"),
        ("reference time of the decay correction is uncertain",),
    ),
    "decay factor": (
        header(FrameReferenceTime=1215000, ActualFrameDuration=240000, DecayFactor=1.3),
        ("decay factor of a slice contradicts", "about 1.1361", "Decay Factor 1.3"),
    ),
}


@pytest.mark.filterwarnings("ignore:Invalid value for VR TM")
@pytest.mark.parametrize("name", REFUSED)
def test_suv_is_refused(tmp_path: Path, name: str) -> None:
    edit, parts = REFUSED[name]
    with pytest.raises(ImageError) as caught:
        read_dicom_series(scanned(tmp_path, edit))
    for part in parts:
        assert part in caught.value.message
    assert caught.value.do


def test_units_must_agree(tmp_path: Path) -> None:
    def mixed(dataset: Dataset) -> None:
        dataset.Units = "BQML" if dataset.InstanceNumber == 1 else "CNTS"

    with pytest.raises(ImageError, match="unit of the PET series is not known"):
        read_dicom_series(scanned(tmp_path, mixed))


@pytest.mark.parametrize(
    ("date", "time", "expected"),
    [
        ("20240102", "120000.25", datetime(2024, 1, 2, 12, 0, 0, 250000)),
        ("2024.01.02", "12:30", datetime(2024, 1, 2, 12, 30)),
        ("20240102", "12", datetime(2024, 1, 2, 12)),
        ("20231231", "235960", datetime(2024, 1, 1)),
        ("20240102", None, None),
        ("", "12", None),
    ],
)
def test_dates_and_times(date: str, time: str | None, expected: datetime | None) -> None:
    assert moment(date, time) == expected


def test_date_time_is_brought_to_the_zone_of_the_scanner() -> None:
    assert date_time("20240102120000+0100", "-0500") == datetime(2024, 1, 2, 6)
    assert date_time("20240102120000.5+0100") == datetime(2024, 1, 2, 12, 0, 0, 500000)
    assert date_time("20240102") is None


@pytest.mark.parametrize("text", ["2024-13-40", "noon"])
def test_malformed_dates_are_errors(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        moment(text, "12")


@pytest.mark.parametrize(
    ("meaning", "name"),
    [
        ("18F", "F18"),
        ("^18^Fluorine", "F18"),
        ("F-18", "F18"),
        ("177 Lutetium", "Lu177"),
        ("Technetium 99m", "Tc99m"),
        ("^68^Gallium", "Ga68"),
        ("FDG", None),
        ("", None),
    ],
)
def test_nuclides_are_recognised(meaning: str, name: str | None) -> None:
    assert nuclide_of(meaning) == name
