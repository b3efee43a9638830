"""An audit of files that are not those of a study says so, and never that all is well."""

import json

import pytest
from click.testing import CliRunner

from radiome.base.errors import UserError
from radiome.cli.predict import predict
from radiome.model.audit import audit
from radiome.model.ledger import patients_hash

HEADINGS = "outcome,model,patient,repeat,fold,class,score\n"
ROWS = HEADINGS + "y,features,P1,1,1,,0.2\ny,features,P2,1,2,,0.3\n"


def fits(*seen):
    common = {"outcome": "y", "model": "features", "step": "scale", "saw_outcome": False}
    return json.dumps(
        [
            {**common, "purpose": f"repeat 1, fold {fold}", "n_patients": len(names)}
            | {"patients_sha256": patients_hash(names)}
            for fold, names in enumerate(seen, start=1)
        ]
    )


@pytest.fixture
def study(tmp_path):
    (tmp_path / "predictions.csv").write_text(ROWS)
    (tmp_path / "ledger.json").write_text(fits({"P2"}, {"P1"}))
    return tmp_path


def test_a_study_is_sound_until_a_fit_saw_whom_it_judges(study):
    assert all(row.sound for row in audit(study))
    (study / "ledger.json").write_text(fits({"P2"}, {"P1", "P2"}))
    assert [row.sound for row in audit(study)] == [True, False]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ledger.json", b"[{"),
        ("ledger.json", b"[{}]"),
        ("ledger.json", b"[1]"),
        ("ledger.json", b"\xff\xfe"),
        ("predictions.csv", b"a,b\n1,2\n"),
        ("predictions.csv", b"\xff\xfe\x00"),
        ("predictions.csv", b""),
        ("predictions.csv", HEADINGS.encode()),
    ],
)
def test_files_that_are_damaged_are_named(study, name, content):
    (study / name).write_bytes(content)
    with pytest.raises(UserError, match=name) as caught:
        audit(study)
    assert str(study / name) in caught.value.message
    assert caught.value.do


def test_predictions_go_to_a_file_and_not_a_folder(tmp_path):
    model = tmp_path / "y.radiome"
    found = CliRunner().invoke(predict, [str(model), str(tmp_path), "-o", str(tmp_path)])
    assert found.exit_code == 2
    assert "is a folder; give a file" in found.output
