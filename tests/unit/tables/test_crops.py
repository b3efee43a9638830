import numpy as np
import pytest

from radiome.base.errors import UserError
from radiome.tables.crops import Crops, read_crops, write_crops


def made(n=3, size=4):
    images = np.arange(n * 2 * size**3, dtype=np.float32).reshape(n, 2, size, size, size)
    names = tuple(f"case {k}" for k in range(n))
    return Crops(names, images, ("image", "mask"), 2.0, np.ones(n), {"size": size, "spacing": 2.0})


def test_what_is_written_is_read(tmp_path):
    crops = made()
    write_crops(tmp_path / "c.npz", crops)
    found = read_crops(tmp_path / "c.npz")
    assert (found.cases, found.channels, found.spacing) == (crops.cases, crops.channels, 2.0)
    assert dict(found.settings) == dict(crops.settings)
    assert found.images.dtype == np.float32
    np.testing.assert_array_equal(found.images, crops.images)
    assert found.fingerprint() == crops.fingerprint()


def test_equal_crops_give_equal_bytes(tmp_path):
    for name in ("a.npz", "b.npz"):
        write_crops(tmp_path / name, made())
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_crops_come_in_the_order_that_is_asked_for():
    crops = made()
    np.testing.assert_array_equal(crops.of(["case 2", "case 0"]), crops.images[[2, 0]])


def test_cases_without_a_crop_are_listed():
    with pytest.raises(UserError, match=r"2 of 3 cases have no crop[\s\S]*none for a, b"):
        made().of(["a", "case 1", "b"])


def test_a_voxel_or_a_setting_changes_the_fingerprint():
    crops, other = made(), made()
    other.images[0, 0, 0, 0, 0] += 1
    changed = Crops(crops.cases, crops.images, crops.channels, 2.0, crops.inside, {"size": 6})
    assert len({crops.fingerprint(), other.fingerprint(), changed.fingerprint()}) == 3


@pytest.mark.parametrize(
    "bad",
    [
        {"cases": ("a", "a", "b")},
        {"images": np.zeros((3, 1, 4, 4, 4), np.float32)},
        {"images": np.zeros((3, 2, 4, 4, 4))},
        {"images": np.full((3, 2, 4, 4, 4), np.nan, np.float32)},
        {"inside": np.ones(2)},
    ],
)
def test_crops_that_do_not_fit_together_are_no_crops(bad):
    good = made()
    parts = {
        "cases": good.cases,
        "images": good.images,
        "channels": good.channels,
        "spacing": 2.0,
        "inside": good.inside,
        "settings": {},
    }
    with pytest.raises(ValueError, match=r"crops|every case"):
        Crops(**(parts | bad))


def test_a_file_that_is_not_there_says_how_to_make_it(tmp_path):
    with pytest.raises(UserError, match="radiome crops"):
        read_crops(tmp_path / "none.npz")


def changed_members(path, **changes):
    with np.load(path) as stored:
        values = {name: stored[name] for name in stored.files}
    values |= changes
    np.savez(path, **{name: value for name, value in values.items() if value is not None})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"spacing": None}, "no member spacing"),
        ({"format": np.array(2)}, "format 2"),
        ({"settings": np.array("{}")}, "do not fit their hash"),
        ({"crops": np.zeros((3, 2, 4, 4, 4))}, "float32"),
        ({"cases": np.array(["a", "a", "b"])}, "name of its own"),
    ],
)
def test_a_file_that_was_changed_is_refused(tmp_path, changes, told):
    path = tmp_path / "c.npz"
    write_crops(path, made())
    changed_members(path, **changes)
    with pytest.raises(UserError, match=told):
        read_crops(path)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 broken"])
def test_a_file_of_another_kind_is_refused(tmp_path, content):
    path = tmp_path / "c.npz"
    path.write_bytes(content)
    with pytest.raises(UserError, match="no crop file"):
        read_crops(path)


def test_a_pickle_is_never_loaded(tmp_path):
    path = tmp_path / "c.npz"
    write_crops(path, made())
    changed_members(path, cases=np.array([{"a": 1}, 2, 3], object))
    with pytest.raises(UserError, match="no crop file"):
        read_crops(path)
