"""Every input that is not one regular stack of grey images, and what the user is told."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from made_dicom import (
    item,
    new_object,
    save,
    set_pixels,
    some_voxels,
    uid,
    write_enhanced,
    write_rtstruct,
    write_series,
)
from radiome.base.errors import ImageError, UserError
from radiome.io.dicom_series import list_series, read_dicom_series

Make = Callable[[Path], Path]


def moved(n: int, x: float = 0.0, z: float = 0.0) -> Callable[[Dataset, int], None]:
    def edit(dataset: Dataset, number: int) -> None:
        if number == n:
            a, b, c = dataset.ImagePositionPatient
            dataset.ImagePositionPatient = [a + x, b, c + z]

    return edit


def assigned(only: int | None = None, **values: object) -> Callable[[Dataset, int], None]:
    def edit(dataset: Dataset, number: int) -> None:
        if only is None or number == only:
            for keyword, value in values.items():
                setattr(dataset, keyword, value)

    return edit


def without(*keywords: str) -> Callable[[Dataset, int], None]:
    def edit(dataset: Dataset, number: int) -> None:
        for keyword in keywords:
            delattr(dataset, keyword)

    return edit


def tilted(dataset: Dataset, n: int) -> None:
    dataset.ImagePositionPatient = [0, 3 * n * np.tan(np.radians(15)), 3 * n]


def two_echoes(dataset: Dataset, n: int) -> None:
    dataset.EchoTime = 5.0 + n % 2
    dataset.ImagePositionPatient = [0, 0, 3.0 * (n // 2)]


def colour(dataset: Dataset, n: int) -> None:
    dataset.PhotometricInterpretation, dataset.SamplesPerPixel = "RGB", 3


def truncated_pixels(dataset: Dataset, n: int) -> None:
    dataset.PixelData = dataset.PixelData[: 40 if n == 2 else None]


def larger(dataset: Dataset, n: int) -> None:
    if n == 2:
        set_pixels(dataset, np.zeros((8, 9), np.int16))


def series(modality: str = "CT", **options: object) -> Make:
    return lambda folder: write_series(folder / "s", modality, **options)  # type: ignore[arg-type]


def cut_file(folder: Path) -> Path:
    path = write_series(folder / "s") / "00.dcm"
    path.write_bytes(path.read_bytes()[:500])
    return folder / "s"


def text_file(folder: Path) -> Path:
    (write_series(folder / "s") / "99.dcm").write_text("oops")
    return folder / "s"


def empty_folder(folder: Path) -> Path:
    (folder / "s").mkdir()
    return folder / "s"


def copied_slice(folder: Path) -> Path:
    source = write_series(folder / "s") / "00.dcm"
    (folder / "s" / "copy.dcm").write_bytes(source.read_bytes())
    return folder / "s"


def two_series(folder: Path) -> Path:
    write_series(folder / "s", edit=assigned(SeriesDescription="thin"))
    other = assigned(SeriesInstanceUID=uid("other"), SeriesDescription="thick")
    write_series(folder / "s" / "t", edit=other)
    for path in (folder / "s" / "t").iterdir():
        path.rename(folder / "s" / f"t{path.name}")
    return folder / "s"


def cine(folder: Path) -> Path:
    dataset = new_object("US", "1.2.840.10008.5.1.4.1.1.3.1")
    set_pixels(dataset, some_voxels(dtype=np.uint8))
    return save(dataset, folder / "us.dcm")


def projections(folder: Path) -> Path:
    dataset = new_object("NM")
    set_pixels(dataset, some_voxels())
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"]
    return save(dataset, folder / "nm.dcm")


def dynamic_nm(folder: Path) -> Path:
    dataset = new_object("NM")
    set_pixels(dataset, some_voxels())
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]
    dataset.SliceVector = [1, 2, 1, 2, 1]
    return save(dataset, folder / "nm.dcm")


def nm_without_geometry(folder: Path) -> Path:
    dataset = new_object("NM")
    set_pixels(dataset, some_voxels())
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]
    return save(dataset, folder / "nm.dcm")


def two_time_points(dataset: Dataset) -> None:
    for n, groups in enumerate(dataset.PerFrameFunctionalGroupsSequence):
        groups.PlanePositionSequence[0].ImagePositionPatient = [0, 0, 3.0 * (n // 2)]
        groups.FrameContentSequence[0].TemporalPositionIndex = n % 2 + 1


def lost_frame(dataset: Dataset) -> None:
    dataset.PerFrameFunctionalGroupsSequence = dataset.PerFrameFunctionalGroupsSequence[:-1]


def uncalibrated(folder: Path) -> Path:
    gone = without("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing")
    return write_series(folder / "s", "MR", edit=gone, skip=(1, 2, 3, 4))


def not_a_number(folder: Path) -> Path:
    dataset = new_object("MR")
    set_pixels(dataset, some_voxels()[0])
    dataset.ImagePositionPatient, dataset.SliceThickness = [0, 0, 0], 3.0
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing = [1, 1]
    values = np.ones((6, 7), "<f4")
    values[0, 0] = np.nan
    del dataset.PixelData
    dataset.BitsAllocated, dataset.FloatPixelData = 32, values.tobytes()
    return save(dataset, folder / "map.dcm")


def lookup_table(dataset: Dataset, n: int) -> None:
    table = item(LUTDescriptor=[256, 0, 16], ModalityLUTType="US", LUTData=b"\0" * 512)
    dataset.ModalityLUTSequence = [table]


CASES: dict[str, tuple[Make, tuple[str, ...]]] = {
    "missing slice": (
        series(skip=(2,)),
        ("1 slice is missing", "missing 1 between 13.000 mm", "every 3.0000 mm", "whole series"),
    ),
    "two missing slices": (series(skip=(1, 2)), ("2 slices are missing", "10.000 mm")),
    "two echoes": (
        series("MR", edit=two_echoes, voxels=some_voxels((6, 6, 7))),
        ("several slices lie at the same position", "3 repeated", "EchoTime (5.0 and 6.0)"),
    ),
    "copied slice": (copied_slice, ("copies of one image", "remove the copies")),
    "uneven spacing": (
        series(edit=moved(2, z=0.9)),
        ("not evenly spaced", "0.05 of the spacing (0.150 mm)", "gaps from 2.1000 to 3.9000"),
    ),
    "several series": (
        two_series,
        ("several image series", "CT 'thin'", "CT 'thick'", "Series Instance UID"),
    ),
    "localiser among slices": (
        series(edit=assigned(only=2, ImageOrientationPatient=[1, 0, 0, 0, 0, -1])),
        ("not parallel", "2 orientations"),
    ),
    "size": (series(edit=larger), ("differ in size", "6 x 7 (4 slices), 8 x 9 (1 slice)")),
    "pixel spacing": (
        series(edit=assigned(only=1, PixelSpacing=[2.0, 1.6])),
        ("pixel spacing of the slices is not one", "(2.0, 1.6)"),
    ),
    "zero pixel spacing": (series(edit=assigned(PixelSpacing=[0, 0])), ("positive PixelSpacing",)),
    "gantry tilt": (
        series(edit=tilted),
        ("sheared (gantry tilt)", "a tilt of 15.00 degrees", "dcm2niix"),
    ),
    "sideways": (series(edit=moved(2, x=1.0)), ("shifted sideways", "1.000 mm sideways")),
    "skewed axes": (
        series(edit=assigned(ImageOrientationPatient=[1, 0, 0, 0.5, 0.8, 0])),
        ("not two perpendicular unit vectors",),
    ),
    "frames of reference": (
        series(edit=assigned(only=1, FrameOfReferenceUID="1.2.3")),
        ("different frames of reference", "1.2.3"),
    ),
    "no position": (
        series(edit=without("ImagePositionPatient")),
        ("a slice has no ImagePositionPatient", "it cannot be guessed"),
    ),
    "no orientation": (series(edit=without("ImageOrientationPatient")), ("ImageOrientation",)),
    "no pixel spacing": (series(edit=without("PixelSpacing")), ("a slice has no PixelSpacing",)),
    "no depth": (
        series(edit=without("SliceThickness"), skip=(1, 2, 3, 4)),
        ("depth of a single slice is unknown", "whole series"),
    ),
    "no calibration": (uncalibrated, ("neither a position in the patient nor a pixel size",)),
    "no rescale in CT": (series(edit=without("RescaleSlope")), ("Hounsfield", "no Rescale Slope")),
    "zero slope": (series(edit=assigned(RescaleSlope=0)), ("rescale slope is zero",)),
    "lookup table": (series("MR", edit=lookup_table), ("lookup table", "linear values")),
    "colour": (series(edit=colour), ("in colour where grey", "RGB, 3 samples")),
    "palette": (
        series(edit=assigned(PhotometricInterpretation="PALETTE COLOR")),
        ("in colour where grey", "PALETTE COLOR"),
    ),
    "no pixels": (series(edit=without("PixelData")), ("has no pixels",)),
    "truncated pixels": (
        series(edit=truncated_pixels),
        ("not what the header announces", "6 x 7 pixels of 16 bits", "truncated"),
    ),
    "truncated file": (cut_file, ("cannot be read", "truncated")),
    "text as DICOM": (text_file, ("is not DICOM", "99.dcm", "4 bytes of something else")),
    "empty folder": (empty_folder, ("no DICOM file here",)),
    "absent": (lambda folder: folder / "nowhere", ("no such file or folder",)),
    "RTSTRUCT as image": (
        lambda folder: write_rtstruct(folder / "rs.dcm", []),
        ("no DICOM image here", "RTSTRUCT", "give it as the mask"),
    ),
    "cine": (cine, ("does not say where its frames lie", "5 frames without positions")),
    "NM projections": (projections, ("not a reconstructed volume", "PRIMARY\\TOMO")),
    "NM dynamic": (dynamic_nm, ("not one stack of slices", "2 different slices in 5 frames")),
    "NM without geometry": (nm_without_geometry, ("where its slices lie", "no Spacing Between")),
    "enhanced time points": (
        lambda folder: write_enhanced(folder / "e.dcm", some_voxels(), edit=two_time_points),
        ("same position", "frame 1 and e.dcm frame 2", "TemporalPositionIndex (1 and 2)"),
    ),
    "enhanced without a frame": (
        lambda folder: write_enhanced(folder / "e.dcm", some_voxels(), edit=lost_frame),
        ("contradicts itself", "5 items", "4 items"),
    ),
    "NaN voxels": (not_a_number, ("voxels that are not numbers", "1 of 42")),
}


@pytest.mark.parametrize("name", CASES)
def test_refused_with_a_message_to_act_on(tmp_path: Path, name: str) -> None:
    make, parts = CASES[name]
    path = make(tmp_path)
    with pytest.raises(ImageError) as caught:
        read_dicom_series(path)
    for part in parts:
        assert part in caught.value.message
    assert caught.value.do
    assert str(path) in str(caught.value.where)


def test_number_that_is_not_one_is_refused_by_name(tmp_path: Path) -> None:
    path = write_series(tmp_path / "s", "MR", skip=(1, 2, 3, 4)) / "00.dcm"
    data = path.read_bytes()
    at = data.index(b"\x28\x00\x53\x10DS") + 8
    path.write_bytes(data[:at] + b"NaN "[: data[at - 2]] + data[at + data[at - 2] :])
    with pytest.raises(ImageError, match="RescaleSlope is not usable"):
        read_dicom_series(path)


def test_unknown_series_uid_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "s", edit=assigned(SeriesDescription="thin"))
    with pytest.raises(ImageError, match="does not hold this series") as caught:
        read_dicom_series(folder, series_uid="1.2.3")
    assert "CT 'thin'" in caught.value.message


def test_listing_refuses_a_damaged_file(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="is not DICOM"):
        list_series(text_file(tmp_path))


def test_absent_decoder_is_named_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pydicom.pixels.decoders import JPEGLSLosslessDecoder
    from pydicom.uid import JPEGLSLossless

    def compress(dataset: Dataset, n: int) -> None:
        dataset.compress(JPEGLSLossless, generate_instance_uid=False)

    folder = write_series(tmp_path / "s", edit=compress)
    monkeypatch.setattr(JPEGLSLosslessDecoder, "_available", {})
    with pytest.raises(ImageError, match="could not be decoded") as caught:
        read_dicom_series(folder)
    assert "JPEG-LS Lossless" in caught.value.message
    assert "pip install radiome[compressed]" in caught.value.message


def test_spacing_noise_within_the_stated_bound_is_accepted(tmp_path: Path) -> None:
    volume = read_dicom_series(write_series(tmp_path / "s", edit=moved(2, z=0.149)))
    assert volume.geometry.spacing[0] == 3.0
    with pytest.raises(ImageError, match="not evenly spaced"):
        read_dicom_series(tmp_path / "s", spacing_tolerance=0.04)


def damage(kind: str, data: bytes, random: np.random.Generator) -> bytes:
    if kind == "cut":
        return data[: random.integers(len(data))]
    changed = bytearray(data)
    for place in random.integers(132, len(data), size=4):
        changed[place] = random.integers(256)
    return bytes(changed)


@pytest.mark.parametrize("kind", ["cut", "changed"])
def test_damaged_files_give_no_other_error(tmp_path: Path, kind: str) -> None:
    random = np.random.default_rng(7)
    whole = write_enhanced(tmp_path / "e.dcm", some_voxels()).read_bytes()
    path = tmp_path / "damaged.dcm"
    refused = []
    for _ in range(60):
        path.write_bytes(damage(kind, whole, random))
        try:
            read_dicom_series(path)
        except UserError as error:
            refused.append(error)
    assert len(refused) > 20
    assert all(error.do for error in refused)


def test_malformed_fact_is_named_and_does_not_stop_the_reading(tmp_path: Path) -> None:
    path = write_series(tmp_path / "s", edit=assigned(KVP="120"), skip=(1, 2, 3, 4)) / "00.dcm"
    path.write_bytes(path.read_bytes().replace(b"DS\x04\x00120 ", b"DS\x04\x00high"))
    facts = read_dicom_series(path).facts
    assert facts["UnreadableAttributes"] == ("KVP",)
    assert "KVP" not in facts
