"""Public DICOM samples: each is read, with these figures, or refused with advice.

Data: see ``data/dicom/README.md`` of the shared data (TCIA STS and QIN-PROSTATE, CC BY 3.0;
Dewaraja & Van 2021, CC BY-NC 4.0; pydicom and highdicom test files, MIT) and
``data/ibsi1`` (IBSI CT phantom). The NIfTI counterparts were made by the data's publishers.
"""

from __future__ import annotations

import tarfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from radiome.base.errors import ImageError, RegionError
from radiome.image.volume import Volume
from radiome.io.dicom_series import list_series, read_dicom_series
from radiome.io.rtstruct import list_rois, read_rtstruct
from radiome.io.segmentation import list_segments, read_segmentation

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
DICOM = DATA / "dicom"
STS = DATA / "sts"
PHANTOM = DATA / "ibsi1" / "ct_phantom"

pytestmark = pytest.mark.skipif(not DICOM.is_dir(), reason="the shared DICOM samples are absent")


@cache
def image(folder: str) -> Volume:
    return read_dicom_series(DATA / folder)


def nifti(path: Path) -> np.ndarray:
    """Voxels (z, y, x) of an image whose axes run to the left, back and head."""
    import nibabel

    loaded = nibabel.load(path)
    assert nibabel.aff2axcodes(loaded.affine) == ("L", "P", "S")
    return np.asanyarray(loaded.dataobj).transpose(2, 1, 0)


READ = {
    "dicom/ct_rtstruct_STS_003/image": ("CT", "HU", "int16", (51, 158, 154), -1000, 1439),
    "dicom/mr_t1_rtstruct_STS_003/image": ("MR", "", "int16", (47, 138, 121), 0, 1227),
    "dicom/pet_suv_rtstruct_STS_003/image": ("PT", "SUVbw", "float32", (51, 30, 29), 0, 10.265304),
    "dicom/pet_raw_bqml_rtstruct_STS_001/image": (
        *("PT", "SUVbw", "float32"),
        (267, 128, 128),
        *(0, 66.5215),
    ),
    "dicom/mr_adc_seg_QIN-PROSTATE-001/ADC": ("MR", "", "int16", (20, 256, 256), 0, 1845),
    "dicom/ct_seg_tiny_dicom4qi/image": ("CT", "HU", "int16", (3, 38, 23), 0, 1),
    "dicom/nm_planar_uncompressed": ("NM", "", "int16", (1, 1024, 256), -30, 245),
    "dicom/dx_tiny": ("DX", "", "int16", (1, 169, 211), 5, 255),
    "ibsi1/ct_phantom/dicom/image": ("CT", "HU", "int16", (60, 201, 204), -1000, 3065),
}


@pytest.mark.parametrize("folder", READ)
def test_sample_is_read(folder: str) -> None:
    modality, unit, kind, shape, low, high = READ[folder]
    volume = image(folder)
    assert (volume.modality, volume.unit, volume.voxels.dtype) == (modality, unit, kind)
    assert volume.geometry.shape == shape
    assert volume.voxels.min() == pytest.approx(low)
    assert volume.voxels.max() == pytest.approx(high, rel=1e-6)


REFUSED = {
    "us/US1_UNCR.dcm": ("in colour where grey values are needed", "RGB, 3 samples"),
    "us/color-px.dcm": ("in colour where grey values are needed", "RGB, 3 samples"),
    "us/gdcm-US-ALOKA-16.dcm": ("in colour where grey values are needed", "PALETTE COLOR"),
    "cr_jpeg2000/RG3_J2KR.dcm": ("neither a position in the patient nor a pixel size", "CR"),
    "rtdose_tiny/rtdose.dcm": ("no DICOM image here", "a dose grid is not an image to measure"),
    "ct_rtstruct_STS_003/mask": ("no DICOM image here", "give it as the mask"),
    "ct_seg_tiny_dicom4qi/mask/mask.dcm": ("no DICOM image here", "give it as the mask"),
    ".": ("holds several image series", "give the Series Instance UID"),
}


@pytest.mark.parametrize("path", REFUSED)
def test_sample_is_refused_with_advice(path: str) -> None:
    with pytest.raises(ImageError) as caught:
        read_dicom_series(DICOM / path)
    for part in REFUSED[path]:
        assert part in caught.value.message
    assert caught.value.do


def test_jpeg_2000_is_decoded() -> None:
    from radiome.io.dicom_files import open_dicom
    from radiome.io.dicom_frames import frames_of
    from radiome.io.dicom_pixels import measured_values

    path = DICOM / "cr_jpeg2000" / "RG3_J2KR.dcm"
    voxels = measured_values(frames_of(open_dicom(path), path), factor=1.0, where=str(path))
    assert voxels.shape == (1, 1760, 1760)
    assert voxels.min() < voxels.max()


@pytest.mark.parametrize(
    ("folder", "structures", "roi", "scan", "mask", "rounding"),
    [
        (
            "ibsi1/ct_phantom/dicom/image",
            "ibsi1/ct_phantom/dicom/mask/DCM_RS_00060.dcm",
            "GTV-1",
            PHANTOM / "nifti" / "image" / "phantom.nii.gz",
            PHANTOM / "nifti" / "mask" / "mask.nii.gz",
            0.0,
        ),
        *(
            (
                f"dicom/{folder}_rtstruct_STS_003/image",
                f"dicom/{folder}_rtstruct_STS_003/mask/RS.dcm",
                f"GTV_Mass_{name}",
                STS / "STS_003" / f"{name}_image.nii.gz",
                STS / "STS_003" / f"{name}_mask.nii.gz",
                rounding,
            )
            # float32 against float32: one unit in the last place.
            for folder, name, rounding in (
                ("ct", "CT", 0.0),
                ("mr_t1", "MR_T1", 0.0),
                ("pet_suv", "PET", 1.2e-7),
            )
        ),
    ],
)
def test_dicom_equals_its_nifti_counterpart(
    folder: str, structures: str, roi: str, scan: Path, mask: Path, rounding: float
) -> None:
    volume = image(folder)
    assert np.allclose(volume.voxels, nifti(scan), rtol=rounding, atol=0)
    assert list_rois(DATA / structures) == [roi]
    region = read_rtstruct(
        DATA / structures,
        volume.geometry,
        frame_of_reference=str(volume.facts["FrameOfReferenceUID"]),
    )
    assert np.array_equal(region.voxels, nifti(mask) > 0)


def test_raw_pet_gives_the_published_suv_and_region() -> None:
    volume = image("dicom/pet_raw_bqml_rtstruct_STS_001/image")
    structures = DICOM / "pet_raw_bqml_rtstruct_STS_001" / "mask" / "1-1.dcm"
    assert list_rois(structures) == ["GTV_Mass", "GTV_Edema"]
    with pytest.raises(RegionError, match="several regions"):
        read_rtstruct(structures, volume.geometry)
    region = read_rtstruct(structures, volume.geometry, roi="GTV_Mass")
    # The published image is a cut of the series, stored in steps of SUV 25.4 / 32768.
    cut = (slice(0, 59), slice(45, 88), slice(59, 100))
    published = nifti(STS / "STS_001" / "PET_image.nii.gz")
    assert np.abs(volume.voxels[cut] - published).max() < 25.4124 / 32768 * 1.01
    assert np.array_equal(region.voxels[cut], nifti(STS / "STS_001" / "PET_mask.nii.gz") > 0)
    assert np.count_nonzero(region.voxels) == 5095
    assert volume.facts["SuvDecaySeconds"] == 2711.0
    hand = 71e3 / (3.88777472e8 * 2 ** (-2711 / 6588))
    assert volume.facts["SuvFactor"] == pytest.approx(hand, rel=1e-12)


@pytest.mark.parametrize(
    ("folder", "segmentation", "voxels"),
    [
        (
            "mr_adc_seg_QIN-PROSTATE-001/ADC",
            "mr_adc_seg_QIN-PROSTATE-001/seg/1-1.dcm",
            {
                "Normal": 140,
                "Peripheral zone of the prostate": 2158,
                "Lesion": 118,
                "Prostate": 15306,
            },
        ),
        ("ct_seg_tiny_dicom4qi/image", "ct_seg_tiny_dicom4qi/mask/mask.dcm", {"Liver": 322}),
    ],
)
def test_segments_lie_on_the_image(folder: str, segmentation: str, voxels: dict[str, int]) -> None:
    volume = image(f"dicom/{folder}")
    path = DICOM / segmentation
    assert list_segments(path) == list(voxels)
    for label, count in voxels.items():
        mask = read_segmentation(
            path,
            volume.geometry,
            segment=label,
            frame_of_reference=str(volume.facts["FrameOfReferenceUID"]),
        )
        assert np.count_nonzero(mask.voxels) == count
        alone = read_segmentation(path, segment=label)
        assert volume.geometry.difference(alone.geometry) is None
        assert np.array_equal(alone.voxels, mask.voxels)


def test_lesion_is_part_of_the_prostate() -> None:
    geometry = image("dicom/mr_adc_seg_QIN-PROSTATE-001/ADC").geometry
    path = DICOM / "mr_adc_seg_QIN-PROSTATE-001" / "seg" / "1-1.dcm"
    lesion = read_segmentation(path, geometry, segment="Lesion").voxels
    prostate = read_segmentation(path, geometry, segment="Prostate").voxels
    assert np.count_nonzero(lesion & ~prostate) < 0.2 * np.count_nonzero(lesion)


def test_tiny_segment_covers_the_bright_voxels() -> None:
    volume = image("dicom/ct_seg_tiny_dicom4qi/image")
    path = DICOM / "ct_seg_tiny_dicom4qi" / "mask" / "mask.dcm"
    mask = read_segmentation(path, volume.geometry).voxels
    assert np.count_nonzero(volume.voxels[mask] == 1) / np.count_nonzero(mask) > 0.9


def test_spect_stored_as_pet_is_read(tmp_path: Path) -> None:
    with tarfile.open(DICOM / "spect_lu177_as_pt" / "SCAN_001.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    volume = read_dicom_series(tmp_path / "SCAN_001" / "image")
    assert volume.geometry.shape == (199, 256, 256)
    assert volume.unit == "SUVbw"
    # Decay-corrected to injection (ADMIN): weight over dose, nothing else.
    assert volume.facts["SuvFactor"] == pytest.approx(92.987e3 / 7210425599.6395, rel=1e-12)
    structures = next((tmp_path / "SCAN_001" / "mask").iterdir())
    counts = {
        roi: int(np.count_nonzero(read_rtstruct(structures, volume.geometry, roi=roi).voxels))
        for roi in list_rois(structures)
    }
    assert counts == {"lesion1 liver R lobe": 14364, "lesion2 liver L lateral": 384}


def test_every_sample_is_listed_as_a_series() -> None:
    entries = list_series(DICOM)
    modalities = sorted(entry.modality for entry in entries)
    expected = (
        "CR CT CT DX MR MR NM PT PT RTDOSE RTSTRUCT RTSTRUCT RTSTRUCT RTSTRUCT SEG SEG US US US"
    )
    assert modalities == expected.split()
    for entry in entries:
        if entry.modality in ("RTSTRUCT", "SEG"):
            assert entry.referenced_series_uids
            assert entry.referenced_sop_uids
            images = [
                e for e in entries if e.frame_of_reference_uid == entry.frame_of_reference_uid
            ]
            assert any(e.modality in ("CT", "MR", "PT") for e in images)
