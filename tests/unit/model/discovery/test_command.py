import json

import pytest
from click.testing import CliRunner

from radiome.cli.main import main

STUDY = ["audit", "--features", "1200", "--patients", "80", "--events", "30"]
BINARY = ["sample-size", "--outcome", "binary", "--parameters", "24", "--prevalence", "0.174"]


def run(*arguments: str):
    return CliRunner().invoke(main, ["discovery", *arguments])


def call(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_an_audit_can_be_read():
    text = call(*STUDY, "--cutpoints", "10", "--outcomes", "1", "--p", "0.003")
    assert "expected false positives   309" in text
    assert "The best p of 0.003 becomes 1.00" in text


def test_an_audit_without_p_leaves_its_rows_out():
    text = call(*STUDY)
    assert "Bonferroni" not in text
    assert "best p" not in text


def test_an_audit_in_json_has_every_number():
    values = json.loads(call(*STUDY, "--cutpoints", "all", "--p", "0.003", "--json"))
    assert values["tests"] is None
    assert values["p_miller_siegmund"] == values["p_cutpoints"] == pytest.approx(0.06299, abs=1e-5)


@pytest.mark.parametrize(
    ("arguments", "patients"),
    [
        ([*BINARY, "--r2", "0.288"], 662),
        ([*BINARY, "--auc", "0.89"], 660),
        (["sample-size", "--outcome", "survival", "--parameters", "30", "--r2", "0.051",
          "--rate", "0.065", "--horizon", "2", "--mean-follow-up", "2.07"], 5143),
        (["sample-size", "--outcome", "continuous", "--parameters", "25", "--r2", "0.2",
          "--intercept", "1.9", "--deviation", "0.6"], 918),
    ],
)  # fmt: skip
def test_sample_sizes_of_the_three_kinds(arguments, patients):
    assert json.loads(call(*arguments, "--json"))["patients"] == patients
    assert f"at least {patients} patients" in call(*arguments)


def test_patients_at_hand_are_turned_into_parameters():
    text = call(*BINARY, "--r2", "0.288", "--patients", "300")
    assert "300 patients allow 10 candidate parameters" in text
    assert "10 patients allow no candidate parameters" in call(
        *BINARY, "--r2", "0.288", "--patients", "10"
    )


def test_the_least_auc_is_printed():
    arguments = ["detectable-auc", "--patients", "80", "--events", "30", "--features", "1200"]
    assert "0.819" in call(*arguments)
    assert json.loads(call(*arguments, "--json"))["detectable_auc"] == pytest.approx(
        0.8188, abs=1e-4
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([*STUDY, "--p", "1.5"], "not a probability"),
        ([*STUDY, "--p", "0"], "not a probability"),
        ([*STUDY[:-1], "90"], "does not fit the number of patients"),
        ([*STUDY, "--cutpoints", "some"], "whole number or 'all'"),
        ([*STUDY, "--cutpoints", "-1"], "'cutpoints' makes no sense"),
        ([*STUDY, "--alpha", "2"], "not a probability"),
        ([*BINARY], "needs --r2 (or --auc)"),
        ([*BINARY, "--r2", "0.2", "--rate", "1"], "does not take --rate"),
        ([*BINARY, "--r2", "0.2", "--auc", "0.8"], "does not take --auc"),
        ([*BINARY, "--r2", "0.95"], "R-squared makes no sense"),
        (["detectable-auc", "--patients", "80", "--events", "80"], "--events must be"),
    ],
)
def test_bad_input_is_explained(arguments, message):
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.output
