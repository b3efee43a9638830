"""From a value to its voxels: the chain is whole, and tells what is not there any more."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from radiome.base.errors import UserError
from radiome.cli.main import main
from radiome.cohort.content import hash_input
from radiome.cohort.worker import write_result
from radiome.study.tracing import trace_value
from radiome.tables.feature_table import FeatureTable

FEATURE = "cm_contrast_3D_avg"


def test_a_value_is_that_of_the_table_and_leads_to_its_files(finished: Path) -> None:
    found = trace_value(finished / "run", "case_03", FEATURE)
    table = FeatureTable.read(finished / "run/extraction").values()
    assert found.value == table.loc["case_03", FEATURE]
    assert found.code == "case-003"
    assert found.definition["ibsi_code"] == "ACUI"
    assert found.image.sha256 == hash_input(finished / "case_03.nii.gz", {})[0]
    assert found.mask.sha256 == hash_input(finished / "case_03_mask.nii.gz", {})[0]
    assert (found.image.now, found.mask.now) == ("as it was measured", "as it was measured")
    assert found.settings["families"] == ["morphology", "intensity_statistics", "glcm"]
    assert found.region["voxels_intensity"] > 500
    assert set(found.software["packages"]) > {"numpy", "numba"}
    assert (finished / "run" / found.stored).is_file()


def test_the_code_of_the_report_names_the_same_value(finished: Path) -> None:
    assert trace_value(finished / "run", "case-003", FEATURE) == trace_value(
        finished / "run", "case_03", FEATURE
    )


def test_a_file_that_was_changed_or_lost_is_told(study: Callable[[], Path]) -> None:
    folder = study()
    # The chain names the files that were measured, wherever the run lies now.
    record = next(
        path for path in (folder / "run/extraction/cases").glob("*.json")
        if json.loads(path.read_text())["record"]["image"].endswith("case_03.nii.gz")
    )  # fmt: skip
    original = Path(json.loads(record.read_text())["record"]["image"]).parent
    told = json.loads(record.read_text().replace(str(original), str(folder)))
    write_result(record.parent, record.stem, told)
    shutil.copy(folder / "case_04.nii.gz", folder / "case_03.nii.gz")
    (folder / "case_03_mask.nii.gz").unlink()
    found = trace_value(folder / "run", "case_03", FEATURE)
    assert found.image.now == "changed since"
    assert found.mask.now.startswith("cannot be read: there is no such file")


@pytest.mark.parametrize(
    ("case", "feature", "message", "advice"),
    [
        ("case_3", FEATURE, "there is no case 'case_3'", "did you mean"),
        ("case_03", "cm_contrst_3D_avg", "there is no feature", f"did you mean '{FEATURE}'?"),
        ("case_24", FEATURE, "case 'case_24' has no value", "measures what is missing"),
    ],
)
def test_what_is_not_there_is_refused(
    finished: Path, case: str, feature: str, message: str, advice: str
) -> None:
    with pytest.raises(UserError, match=message) as caught:
        trace_value(finished / "run", case, feature)
    assert advice in str(caught.value.do)


def test_the_command_prints_the_chain_and_json(finished: Path) -> None:
    text = CliRunner().invoke(main, ["study", "trace", str(finished / "run"), "case_03", FEATURE])
    assert text.exit_code == 0
    value = trace_value(finished / "run", "case_03", FEATURE).value
    assert text.stdout.startswith(f"value        {value!r} level²\n")
    told = CliRunner().invoke(
        main, ["study", "trace", str(finished / "run"), "case_03", FEATURE, "--json"]
    )
    assert json.loads(told.stdout)["value"] == value


def test_the_hash_of_the_settings_is_that_of_the_run(finished: Path) -> None:
    found = trace_value(finished / "run", "case_03", "stat_mean")
    record = json.loads((finished / "run/extraction/run.json").read_text())
    assert record["settings"][found.settings_sha256] == found.settings
    assert len(bytes.fromhex(found.settings_sha256)) == hashlib.sha256().digest_size
