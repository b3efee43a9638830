"""`radiome atlas` from a table to its files: what they hold, and what is refused."""

from __future__ import annotations

import base64
import struct
import xml.etree.ElementTree as ElementTree
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from radiome.cli.main import main
from radiome.select.heat_map import RAMP

SVG = "{http://www.w3.org/2000/svg}"
ROWS = 30
#: Two groups that say the same, one of them volume; one feature alone; two that are left out.
FEATURES = (
    "morph_volume", "morph_diam", "cm_contrast", "stat_mean", "log_3mm_stat_mean", "stat_kurt",
    "ih_entropy", "ngt_busyness",
)  # fmt: skip


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["atlas", *map(str, arguments)])


def made_table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    size, other, alone = rng.normal(size=(3, ROWS))
    noise = 0.05 * rng.normal(size=(4, ROWS))
    values = {
        "morph_volume": np.exp(size),
        "morph_diam": size + noise[0],
        "cm_contrast": -size + noise[1],
        "stat_mean": other + noise[2],
        "log_3mm_stat_mean": 5 * other + noise[3],
        "stat_kurt": alone,
        "ih_entropy": np.full(ROWS, 2.5),
        "ngt_busyness": np.where(np.arange(ROWS) == 4, np.nan, alone**2),
    }
    named = {"case": [f"c{row}" for row in range(ROWS)], "patient": np.arange(ROWS) // 2}
    return pd.DataFrame({**named, "status": "ok", **values})


def write_run(folder: Path, table: pd.DataFrame, features: tuple[str, ...] = FEATURES) -> Path:
    folder.mkdir(exist_ok=True)
    table.to_csv(folder / "features.csv", index=False)
    pd.DataFrame({"tag": features}).to_csv(folder / "catalogue.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder with its atlas; tests read it and do not change it."""
    folder = write_run(tmp_path_factory.mktemp("atlas") / "run", made_table())
    result = call(folder, "--resamples", 20)
    assert result.exit_code == 0, result.output
    (folder / "said.txt").write_text(result.stdout, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def clusters(run: Path) -> pd.DataFrame:
    return pd.read_csv(run / "atlas" / "clusters.csv").set_index("feature")


@pytest.fixture(scope="module")
def picture(run: Path) -> ElementTree.Element:
    return ElementTree.fromstring((run / "atlas" / "atlas.svg").read_text(encoding="utf-8"))


def test_two_files_are_written_beside_the_table_and_named(run: Path) -> None:
    written = sorted(path.name for path in (run / "atlas").iterdir())
    assert written == ["atlas.svg", "clusters.csv"]
    said = (run / "said.txt").read_text(encoding="utf-8")
    for name in written:
        assert str(run / "atlas" / name) in said


def test_every_feature_has_one_row_in_the_order_of_the_table(clusters: pd.DataFrame) -> None:
    assert tuple(clusters.index) == FEATURES


def test_what_says_the_same_is_together(clusters: pd.DataFrame) -> None:
    number = clusters["cluster"]
    assert number[["morph_volume", "morph_diam", "cm_contrast"]].tolist() == [1, 1, 1]
    assert number[["stat_mean", "log_3mm_stat_mean"]].tolist() == [2, 2]
    assert number["stat_kurt"] == 3
    assert clusters["cluster_size"].dropna().tolist() == [3, 3, 3, 2, 2, 1]
    # Members correlate with their representative as the values in the table do.
    table = made_table()
    for name, row in clusters.dropna(subset="cluster").iterrows():
        rho = table[[name, row["representative"]]].corr("spearman").iloc[0, -1]
        assert row["rho_to_representative"] == pytest.approx(rho, abs=1e-9)
    assert (clusters["co_membership"].dropna() > 0.9).all()


def test_family_and_image_are_those_of_the_name(clusters: pd.DataFrame) -> None:
    filtered = clusters.loc["log_3mm_stat_mean"]
    assert (filtered["image"], filtered["family"]) == ("log_3mm", "intensity statistics")
    assert clusters.loc["cm_contrast", "family"] == "GLCM"


def test_what_stands_in_for_volume_is_told(clusters: pd.DataFrame) -> None:
    assert clusters["volume_proxy"].dropna().tolist() == ["yes", "yes", "yes", "no", "no", "no"]
    table = made_table()
    rho = table["morph_volume"].corr(table["cm_contrast"], method="spearman")
    row = clusters.loc["cm_contrast"]
    assert row["volume_rho"] == pytest.approx(rho, abs=1e-9)
    assert -1 <= row["volume_rho_low"] < rho < row["volume_rho_high"] < -0.8
    assert clusters.loc["morph_volume", "volume_rho"] == 1


def test_what_is_not_compared_says_why(clusters: pd.DataFrame) -> None:
    reasons = clusters["excluded_reason"].dropna()
    assert dict(reasons) == {
        "ih_entropy": "constant in the rows of the fit",
        "ngt_busyness": f"missing in 1 of {ROWS} cases",
    }
    assert clusters.loc[reasons.index, "cluster"].isna().all()


def test_the_words_agree_with_the_table(run: Path, clusters: pd.DataFrame) -> None:
    said = (run / "said.txt").read_text(encoding="utf-8")
    assert f"{ROWS} cases, {len(FEATURES)} features, 3 clusters (1 of a single feature)" in said
    assert "in place of morph_volume (|ρ| ≥ 0.8): 3 features" in said
    assert "stability over 20 subsamples of patients: adjusted Rand 1.00 (1.00 to 1.00)" in said
    assert "not compared: 2 features; clusters.csv says why" in said


def test_the_picture_is_an_svg_that_stands_alone(picture: ElementTree.Element) -> None:
    assert picture.tag == f"{SVG}svg"
    width, height = (float(picture.get(side, "0")) for side in ("width", "height"))
    assert picture.get("viewBox") == f"0 0 {width:g} {height:g}"
    tags = {element.tag.removeprefix(SVG) for element in picture.iter()}
    assert tags == {"svg", "rect", "text", "image", "path"}
    links = [value for element in picture.iter() for key, value in element.items() if "href" in key]
    assert links
    assert all(link.startswith("data:image/png;base64,") for link in links)
    for box in picture.iter(f"{SVG}rect"):
        if "%" not in box.get("width", ""):
            assert 0 <= float(box.get("x", "")) <= width
            assert 0 < float(box.get("width", "")) <= width


def test_the_picture_tells_clusters_and_their_members(picture: ElementTree.Element) -> None:
    words = [element.text or "" for element in picture.iter(f"{SVG}text")]
    assert any(f"{ROWS} cases · 6 features · 3 clusters at |ρ| ≥ 0.8" in text for text in words)
    assert any("constant or missing in a case: 2" in text for text in words)
    boxes = [box for box in picture.iter(f"{SVG}rect") if box.get("stroke-width") == "1.2"]
    # Two clusters of several, and the one that explains the sign.
    assert len(boxes) == 3


def test_the_matrix_is_that_of_the_correlations(
    picture: ElementTree.Element, clusters: pd.DataFrame
) -> None:
    pixels = decoded(next(picture.iter(f"{SVG}image")).get("href", ""))
    assert pixels.shape == (6, 6, 3)
    assert (pixels == pixels.transpose(1, 0, 2)).all()
    darkest = tuple(bytes.fromhex(RAMP[-1][1:]))
    assert [tuple(pixels[place, place].tolist()) for place in range(6)] == [darkest] * 6
    # The darker half of the cells: 3², 2² and 1 within clusters.
    assert (pixels.sum(axis=-1) < 255).sum() == 14


def decoded(uri: str) -> np.ndarray:
    """Pixels of a PNG of RGB without filters, checksums tested."""
    png = base64.b64decode(uri.removeprefix("data:image/png;base64,"))
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, place = {}, 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        kind, data = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        checksum = struct.unpack(">I", png[place + 8 + length : place + 12 + length])[0]
        assert checksum == zlib.crc32(kind + data)
        chunks[kind], place = data, place + 12 + length
    columns, rows = struct.unpack(">II", chunks[b"IHDR"][:8])
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(rows, -1)
    assert (lines[:, 0] == 0).all()
    return lines[:, 1:].reshape(rows, columns, 3).astype(int)


def test_the_same_call_gives_the_same_bytes(run: Path, tmp_path: Path) -> None:
    assert call(run, "--resamples", 20, "-o", tmp_path / "again").exit_code == 0
    for name in ("clusters.csv", "atlas.svg"):
        assert (tmp_path / "again" / name).read_bytes() == (run / "atlas" / name).read_bytes()


def test_options_reach_the_atlas(run: Path, tmp_path: Path) -> None:
    table = run / "features.csv"
    options = ("--signed", "--linkage", "complete", "--threshold", 0.5, "--volume", "stat_kurt")
    result = call(table, "-o", tmp_path, "--resamples", 5, "--patient", "patient", *options)
    assert result.exit_code == 0, result.output
    found = pd.read_csv(tmp_path / "clusters.csv").set_index("feature")
    # Opposite features are apart where signs count.
    assert found.loc["cm_contrast", "cluster_size"] == 1
    assert found.loc["stat_kurt", "volume_rho"] == 1
    words = (tmp_path / "atlas.svg").read_text(encoding="utf-8")
    assert "at ρ ≥ 0.5 (complete linkage" in words


def test_rows_that_were_not_measured_are_left_out(tmp_path: Path) -> None:
    table = made_table()
    table.loc[0, "status"] = "failed"
    table.loc[0, list(FEATURES)] = np.nan
    result = call(write_run(tmp_path / "run", table), "--resamples", 5)
    assert result.exit_code == 0, result.output
    assert f"{ROWS - 1} cases" in result.stdout


def test_without_a_volume_the_table_and_the_words_say_so(tmp_path: Path) -> None:
    table = made_table().drop(columns="morph_volume")
    result = call(write_run(tmp_path / "run", table, FEATURES[1:]), "--resamples", 5)
    assert "no complete column of the volume" in result.stdout
    found = pd.read_csv(tmp_path / "run" / "atlas" / "clusters.csv")
    assert found["volume_rho"].isna().all()


def test_names_with_marks_of_xml_stay_text(tmp_path: Path) -> None:
    hostile = "a<script>&\"'"
    table = made_table().rename(columns={"stat_mean": hostile})
    names = tuple(hostile if name == "stat_mean" else name for name in FEATURES)
    assert call(write_run(tmp_path / "run", table, names), "--resamples", 5).exit_code == 0
    text = (tmp_path / "run" / "atlas" / "atlas.svg").read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    assert not [element for element in root.iter() if "script" in element.tag]
    found = pd.read_csv(tmp_path / "run" / "atlas" / "clusters.csv")
    assert hostile in found["feature"].tolist()


def refused(*arguments: object) -> str:
    """What is said on the error stream, without a traceback."""
    result = call(*arguments)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    return result.stderr


def test_a_folder_without_a_table_is_refused(tmp_path: Path) -> None:
    said = refused(tmp_path)
    assert "there is no feature table here" in said
    assert str(tmp_path) in said


def test_a_table_without_its_catalogue_is_refused(tmp_path: Path) -> None:
    made_table().to_csv(tmp_path / "features.csv", index=False)
    assert "nothing tells which columns of this table are features" in refused(tmp_path)


@pytest.mark.parametrize(("option", "near"), [("--volume", "morph_volum"), ("--patient", "patien")])
def test_an_unknown_column_names_the_nearest(run: Path, option: str, near: str) -> None:
    said = refused(run, option, near, "--resamples", 5)
    assert f"no column '{near}' for the {option[2:]}" in said
    assert f"did you mean '{'morph_volume' if 'vol' in near else 'patient'}'?" in said


def test_a_volume_of_text_is_refused(run: Path) -> None:
    said = refused(run, "--volume", "case", "--resamples", 5)
    assert "column 'case' cannot be the volume" in said
    assert "got: 'c0'" in said


def test_too_few_cases_are_refused(tmp_path: Path) -> None:
    said = refused(write_run(tmp_path / "run", made_table().head(4)))
    assert "too few measured cases" in said
    assert "got: 4" in said


def test_a_table_in_which_nothing_varies_is_refused(tmp_path: Path) -> None:
    table = made_table()
    table[list(FEATURES)] = 1.0
    said = refused(write_run(tmp_path / "run", table))
    assert "fewer than two features to compare" in said
    assert not (tmp_path / "run" / "atlas").exists()


@pytest.mark.parametrize(
    "options", [("--threshold", 0), ("--threshold", 1.1), ("--linkage", "ward"), ("--resamples", 0)]
)
def test_options_out_of_range_are_refused(run: Path, options: tuple[object, ...]) -> None:
    assert str(options[0]) in refused(run, *options)
