"""Files that were changed, damaged or made by others are not believed."""

import json
import zipfile

import pytest

from radiome.base.errors import UserError
from radiome.model.locked.archive import SUMS, digest, write_members
from radiome.model.locked.model_file import SCHEMA, read_model, write_model

MEMBERS = ("model.json", "model.skops", "recalibration.json")


@pytest.fixture(scope="module")
def path(binary, tmp_path_factory):
    file = tmp_path_factory.mktemp("model") / "y.radiome"
    write_model(binary.model, file)
    return file


def members(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(found, path):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in found.items():
            archive.writestr(name, data)
    return path


def resealed(path, target, **changes):
    """The file with other facts and with hashes that fit them, as a forger would make it."""
    found = members(path)
    del found[SUMS]
    facts = json.loads(found["model.json"]) | changes
    write_members(target, found | {"model.json": json.dumps(facts).encode()})
    return target


@pytest.mark.parametrize("name", [*MEMBERS, SUMS])
@pytest.mark.parametrize("place", [0, 0.5, 1])
def test_one_changed_bit_of_any_member_is_noticed(path, tmp_path, name, place):
    found = members(path)
    data = bytearray(found[name])
    data[int(place * (len(data) - 1))] ^= 1
    with pytest.raises(UserError):
        read_model(written(found | {name: bytes(data)}, tmp_path / "x.radiome"))


@pytest.mark.parametrize("name", [*MEMBERS, SUMS])
def test_a_member_that_was_taken_out_is_missed(path, tmp_path, name):
    found = members(path)
    del found[name]
    with pytest.raises(UserError):
        read_model(written(found, tmp_path / "x.radiome"))


def test_a_member_that_was_added_is_noticed(path, tmp_path):
    found = members(path) | {"more.json": b"{}"}
    with pytest.raises(UserError, match="changed after"):
        read_model(written(found, tmp_path / "x.radiome"))


def test_a_file_cut_short_is_refused(path, tmp_path):
    data = path.read_bytes()
    for end in (0, 100, len(data) // 2, len(data) - 1):
        (tmp_path / "x.radiome").write_bytes(data[:end])
        with pytest.raises(UserError):
            read_model(tmp_path / "x.radiome")


def test_parts_of_two_models_do_not_make_one(path, made, tmp_path):
    other = tmp_path / "other.radiome"
    write_model(made(seed=7, select={"name": "univariate", "options": {"top": 2}}).model, other)
    found = members(path)
    del found[SUMS]
    write_members(tmp_path / "x.radiome", found | {"model.skops": members(other)["model.skops"]})
    with pytest.raises(UserError, match="do not belong together"):
        read_model(tmp_path / "x.radiome")


def test_a_newer_schema_is_refused(path, tmp_path):
    file = resealed(path, tmp_path / "x.radiome", schema=SCHEMA + 1)
    with pytest.raises(UserError, match="newer radiome"):
        read_model(file)


def test_another_version_of_scikit_learn_is_told(path, tmp_path):
    packages = json.loads(members(path)["model.json"])["packages"]
    file = resealed(path, tmp_path / "x.radiome", packages=packages | {"scikit-learn": "0.1"})
    with pytest.warns(UserWarning, match=r"locked with scikit-learn 0\.1"):
        read_model(file)


def test_reference_rows_must_be_predicted_as_they_were(path, tmp_path):
    told = json.loads(members(path)["model.json"])["references"]
    assert len(told["outputs"]) == 5
    for change, refused in ((1e-7, True), (1e-9, False)):
        outputs = [told["outputs"][0] + change, *told["outputs"][1:]]
        file = resealed(path, tmp_path / "x.radiome", references=told | {"outputs": outputs})
        if refused:
            with pytest.raises(UserError, match="does not give the predictions"):
                read_model(file)
        else:
            read_model(file)


def test_changed_transforms_are_noticed_by_the_reference_rows(path, tmp_path):
    told = json.loads(members(path)["model.json"])["transforms"]
    centre = [told["centre"][0] + 1e-3, *told["centre"][1:]]
    file = resealed(path, tmp_path / "x.radiome", transforms=told | {"centre": centre})
    with pytest.raises(UserError, match="does not give the predictions"):
        read_model(file)


def test_what_the_file_tells(path, binary):
    model = read_model(path)
    facts = model.facts
    assert facts["outcome"]["reference_standard"] == "sequence"
    assert facts["features"] == list(model.features)
    assert len(model.features) == 3
    assert set(facts["scope"]["ranges"]) == set(model.features)
    assert facts["training"]["patients"] == 90
    assert facts["verdict"] == {"word": "weak", "sentence": "Weak evidence."}
    assert {"thickness", "scanner", "age"} == set(facts["scope"]["acquisition"])
    assert facts["performance"]["concordance"]["value"] > 0.8
    assert model.sha256 == digest(path.read_bytes())


def test_no_patient_is_in_the_file(path, binary):
    for data in members(path).values():
        assert b"patient0-" not in data
    values = binary.frame[list(binary.model.features)].to_numpy().ravel()
    facts = json.loads(members(path)["model.json"])
    ends = {bound for pair in facts["scope"]["ranges"].values() for bound in pair}
    text = members(path)["model.json"].decode()
    assert not [value for value in values if repr(float(value)) in text and value not in ends]


def test_the_time_of_locking_is_all_that_differs(binary, path, tmp_path):
    later = {**binary.model.facts, "created": "2030-01-01T00:00:00+00:00"}
    binary_later = type(binary.model)(
        later,
        *(getattr(binary.model, name) for name in list(type(binary.model).__slots__)[1:]),
    )
    write_model(binary_later, tmp_path / "later.radiome")
    first, second = members(path), members(tmp_path / "later.radiome")
    assert first["model.skops"] == second["model.skops"]
    one, two = json.loads(first["model.json"]), json.loads(second["model.json"])
    assert one.pop("created") != two.pop("created")
    assert one == two
