from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from radiome.base.errors import ImageError
from radiome.cohort.content import case_key, hash_input, input_files


def test_the_digest_follows_the_bytes_not_the_name(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "b").write_bytes(b"one")
    (tmp_path / "c").write_bytes(b"two")
    digests = [hash_input(tmp_path / name, {})[0] for name in "abc"]
    assert digests[0] == digests[1] != digests[2]


def test_a_folder_counts_every_file_in_it(tmp_path: Path) -> None:
    (tmp_path / "series" / "deep").mkdir(parents=True)
    (tmp_path / "series" / "1").write_bytes(b"one")
    (tmp_path / "series" / "deep" / "2").write_bytes(b"two")
    before, files = hash_input(tmp_path / "series", {})
    assert len(files) == 2
    (tmp_path / "series" / "deep" / "2").write_bytes(b"three")
    assert hash_input(tmp_path / "series", {})[0] != before


def test_series_of_one_folder_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "mixed").mkdir()
    (tmp_path / "mixed" / "1").write_bytes(b"one")
    digests = {hash_input(tmp_path / name, {})[0] for name in ("mixed#1.2", "mixed#1.3", "mixed")}
    assert len(digests) == 3


def test_the_run_folder_inside_the_data_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "1").write_bytes(b"one")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_bytes(b"{}")
    assert input_files(tmp_path, without=tmp_path / "run") == [tmp_path / "1"]


@pytest.mark.parametrize(
    ("header", "text", "data"),
    [
        ("x.mhd", "NDims = 3\nElementDataFile = x.raw\n", "x.raw"),
        ("x.nhdr", "NRRD0004\ndata file: deep.raw.gz\n", "deep.raw.gz"),
        ("x.hdr", "header", "x.img"),
        ("x.img.gz", "voxels", "x.hdr.gz"),
    ],
)
def test_detached_voxels_count_too(tmp_path: Path, header: str, text: str, data: str) -> None:
    (tmp_path / header).write_text(text)
    (tmp_path / data).write_text("voxels")
    assert input_files(tmp_path / header) == [tmp_path / header, tmp_path / data]


def test_a_missing_input_is_the_users_to_mend(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no such file or folder"):
        hash_input(tmp_path / "none", {})


def test_unchanged_files_are_not_read_again_and_changed_ones_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")
    _, known = hash_input(path, {})
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", None)
        assert hash_input(path, known)[1] == known, "it is not opened"
    state = path.stat()
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    assert hash_input(path, known)[1] != known


@pytest.mark.skipif(sys.platform == "win32", reason="the system keeps no time of the last change")
def test_a_file_exchanged_for_one_of_its_size_and_date_is_read_again(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"one")
    before, known = hash_input(path, {})
    state = path.stat()
    while time.time_ns() <= state.st_ctime_ns + 20_000_000:  # a tick of the file system
        time.sleep(0.005)
    other.write_bytes(b"two")
    os.utime(other, ns=(state.st_atime_ns, state.st_mtime_ns))
    other.replace(path)
    after, found = hash_input(path, known)
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (state.st_size, state.st_mtime_ns)
    assert after != before
    assert found != known


def test_every_part_decides_the_key() -> None:
    parts = {"image": "i", "mask": "m", "roi": "", "settings": "s"}
    keys = {case_key(**(parts | {name: "other"})) for name in parts} | {case_key(**parts)}
    assert len(keys) == len(parts) + 1


def test_a_way_through_the_run_folder_is_not_in_it(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "scans").mkdir()
    (tmp_path / "scans" / "1.dcm").write_bytes(b"1")
    around = tmp_path / "run" / ".." / "scans"
    plain, _ = hash_input(tmp_path / "scans", {}, without=tmp_path / "run")
    assert hash_input(around, {}, without=tmp_path / "run")[0] == plain
    assert hash_input(tmp_path, {}, without=tmp_path / "scans")[1] == {}
