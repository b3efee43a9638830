"""Networks in a study: the same folds, beside the features, and no gate asks for them."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
import yaml
from click.testing import CliRunner

from made_crops import made_crops
from made_study import QUICK, made_plan, made_tables
from radiome.base.errors import SettingsError, UserError
from radiome.cli.main import main
from radiome.model.audit import audit
from radiome.model.card import alternatives
from radiome.model.concordance import Bounded
from radiome.model.deep.options import Training
from radiome.model.deep.out_of_fold import CropRows, averaged, cross_validate_network
from radiome.model.outcomes import SURVIVAL, Outcome, OutcomeOptions
from radiome.model.run import run_plan
from radiome.model.table_building import build_table
from radiome.tables.crops import Crops, write_crops

DEEP = {"crops": "crops.npz", "networks": ["cnn"], "epochs": 15, "width": 4, "random_labels": 1,
        "learning_rate": 0.01}  # fmt: skip

FEW = {"permutations": 19, "stop_after": 2}


def made_inputs(n=48):
    """Features of noise, crops whose core tells the outcome."""
    frame, outcome = made_tables(n=n, p=6)
    images, bright = made_crops(n, 8, seed=1)
    outcome["y"] = (bright > 0).astype(int).astype(str)
    cases = tuple(frame["patient"])
    settings = {"size": 8}
    return frame, outcome, Crops(cases, images, ("image", "mask"), 2.0, np.ones(n), settings)


def made_study(folder):
    frame, outcome, crops = made_inputs()
    plan = made_plan(deep=DEEP, null=FEW)
    table = build_table(frame, None, outcome, plan)
    return run_plan(table, plan, folder, crops=crops).outcomes[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("study")


@pytest.fixture(scope="module")
def found(folder):
    return made_study(folder)


def test_the_network_is_a_step_of_the_ladder_and_a_paired_difference(found):
    concordance, gain = found.figures["concordance"], found.figures["gain"]
    assert concordance["deep cnn"]["value"] > 0.9
    assert concordance["features"]["value"] < 0.75
    assert gain["deep cnn"]["upper"] < 0
    features, network = (found.evaluation.ladder.steps[n] for n in ("features", "deep cnn"))
    exact = features.judged(1).concordance() - network.judged().concordance()
    assert gain["deep cnn"]["value"] == pytest.approx(exact)


def test_its_folds_and_patients_are_those_of_the_features(found):
    features, network = (found.evaluation.ladder.steps[n] for n in ("features", "deep cnn"))
    assert network.patients.tolist() == features.patients.tolist()
    np.testing.assert_array_equal(network.folds, features.folds[:1])
    trained = {fit.purpose: fit.patients_sha256 for fit in features.fits}
    assert len(network.fits) == 4 * 5
    assert all(trained[fit.purpose] == fit.patients_sha256 for fit in network.fits)


def test_weights_seeds_and_random_labels_are_told(found):
    told = found.figures["networks"]["deep cnn"]
    assert told["weights"] > told["patients"] == 48
    seeds = told["seeds"]
    assert len(seeds["concordance"]) == 5
    assert seeds["lowest"] <= seeds["mean"] <= seeds["highest"]
    assert seeds["sd"] == pytest.approx(np.std(seeds["concordance"], ddof=1))
    assert told["training_concordance"] > 0.9
    assert 0.25 < told["random_labels"]["mean"] < 0.75
    assert told["random_labels"]["learned"] is False


def test_no_gate_asks_whether_the_network_is_beaten(found, tmp_path):
    frame, outcome, _ = made_inputs()
    plan = made_plan(null=FEW)
    without = run_plan(build_table(frame, None, outcome, plan), plan, tmp_path).outcomes[0]
    assert without.figures["networks"] == {}
    assert found.verdict.word == without.verdict.word
    assert [gate.status for gate in found.verdict.gates] == [
        gate.status for gate in without.verdict.gates
    ]
    # Gate 1 counts the fits of the networks, too; the others are the same to the letter.
    assert found.verdict.gates[1:] == without.verdict.gates[1:]
    sentences = [text for text in found.verdict.alternatives if "network" in text]
    assert len(found.verdict.alternatives) == len(without.verdict.alternatives) + 1
    assert "a convolutional network on the images reaches" in sentences[0]
    assert "on the same folds as the features" in sentences[0]
    assert "the network is better" in sentences[0]


@pytest.mark.parametrize(
    ("gain", "told"),
    [
        (Bounded(0.1, 0.02, 0.2), "the features are better"),
        (Bounded(0.0, -0.1, 0.1), "no difference is shown"),
        (Bounded(-0.1, -0.2, -0.02), "the network is better"),
    ],
)
def test_the_sentence_follows_the_interval_of_the_difference(found, gain, told):
    networks = found.figures["networks"]
    reached = {"deep cnn": Bounded(0.7, 0.6, 0.8)}
    assert told in alternatives(reached, {"deep cnn": gain}, networks)[0]


def test_learned_random_labels_are_named(found):
    told = dict(found.figures["networks"]["deep cnn"])
    told["random_labels"] = {**told["random_labels"], "learned": True}
    one = {"deep cnn": Bounded(0.7, 0.6, 0.8)}
    assert "gives the labels away" in alternatives(one, one, {"deep cnn": told})[0]


def made_rows(n=40, **changes):
    frame, outcome, crops = made_inputs(n)
    table = build_table(frame, None, outcome, made_plan())
    return replace(CropRows(crops.images, table.outcomes["y"], table.patients), **changes)


def one_member(rows, **options):
    training = Training(epochs=2, width=2)
    arguments = {"member": 1, "folds": 4, "repeats": 1, "seed": 1} | options
    return cross_validate_network("cnn", rows, training, **arguments)


def test_the_same_predictions_for_any_number_of_workers_and_repeats():
    rows = made_rows(images=made_crops(40, 16)[0])
    assert rows.images.nbytes > 2**20  # what processes share as a file rather than copy
    one, two = one_member(rows), one_member(rows, workers=2)
    np.testing.assert_array_equal(one.scores, two.scores)
    more = one_member(rows, repeats=2)
    np.testing.assert_array_equal(more.scores[:1], one.scores)


def outcome_of(kind):
    """Made-up outcomes of 40 patients."""
    options = {"name": "y", "kind": kind}
    if kind == "survival":
        values = np.empty(40, SURVIVAL)
        values["event"], values["time"] = np.arange(40) % 2 == 0, 1.0 + np.arange(40)
        options |= {"time": "t", "event": "e"}
        return Outcome(OutcomeOptions(**options), values, np.ones(40, bool))
    classes = ("a", "b", "c") if kind in ("multiclass", "ordinal") else ()
    values = np.arange(40) % 3 if classes else np.arange(40.0)
    return Outcome(OutcomeOptions(**options), values, np.ones(40, bool), classes)


@pytest.mark.parametrize("kind", ["multiclass", "ordinal", "continuous", "count", "survival"])
def test_every_kind_of_outcome_is_served(kind):
    found = one_member(made_rows(outcome=outcome_of(kind)))
    assert found.scores.shape == ((1, 40, 3) if found.outcome.classes else (1, 40))
    assert np.isfinite(found.scores).all()
    assert 0 <= found.judged().concordance() <= 1


def test_seeds_differ_and_their_mean_is_the_step():
    rows = made_rows()
    members = [one_member(rows, member=number) for number in (1, 2)]
    assert not np.array_equal(members[0].scores, members[1].scores)
    mean = averaged(members)
    np.testing.assert_allclose(mean.scores, (members[0].scores + members[1].scores) / 2)
    assert len(mean.fits) == 8


def test_lesions_of_a_patient_stay_together_and_are_averaged():
    rows = made_rows()
    paired = np.array([f"p{k // 2}" for k in range(40)])
    values = rows.outcome.values[::2].repeat(2)
    rows = replace(rows, patients=paired, outcome=replace(rows.outcome, values=values))
    found = one_member(rows)
    assert found.scores.shape == (1, 20)
    permuted = rows.with_permuted_outcome(3)
    first, second = permuted.outcome.values[::2], permuted.outcome.values[1::2]
    assert first.tolist() == second.tolist() != values[::2].tolist()
    assert sorted(first) == sorted(values[::2])


def test_a_second_run_trains_nothing(found, folder, monkeypatch):
    monkeypatch.setattr(
        "radiome.model.deep.steps.cross_validate_network",
        lambda *_, **__: pytest.fail("trained again"),
    )
    assert made_study(folder).figures == found.figures


def test_the_command_reads_crops_from_the_folder_of_the_plan(tmp_path):
    frame, outcome, crops = made_inputs()
    frame.to_csv(tmp_path / "features.csv", index=False)
    outcome.to_csv(tmp_path / "outcomes.csv", index=False)
    write_crops(tmp_path / "crops.npz", crops)
    plan = {"outcomes": [{"name": "y", "kind": "binary"}], **QUICK, "null": FEW, "deep": DEEP}
    (tmp_path / "plan.yaml").write_text(yaml.safe_dump(plan), encoding="utf-8")
    arguments = [tmp_path / "features.csv", "--outcome", tmp_path / "outcomes.csv", "--plan",
                 tmp_path / "plan.yaml", "-o", tmp_path / "study", "--jobs", 1]  # fmt: skip
    result = CliRunner().invoke(main, ["model", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    assert "a convolutional network on the images reaches" in result.output
    with (tmp_path / "study" / "predictions.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["model"] == "deep cnn"]
    assert len(rows) == 48
    judged = audit(tmp_path / "study")
    assert all(row.sound for row in judged)
    assert sum(row.model == "deep cnn" for row in judged) == 4
    told = json.loads((tmp_path / "study" / "results.json").read_text(encoding="utf-8"))
    assert str(tmp_path / "crops.npz") in told["inputs"]
    assert told["outcomes"][0]["figures"]["networks"]["deep cnn"]["weights"] > 0


def test_patients_without_a_crop_are_listed_before_anything_is_modelled(tmp_path):
    frame, outcome, crops = made_inputs()
    plan = made_plan(deep={**DEEP, "crops": str(tmp_path / "few.npz")})
    few = Crops(crops.cases[2:], crops.images[2:], crops.channels, 2.0, crops.inside[2:], {})
    write_crops(tmp_path / "few.npz", few)
    table = build_table(frame, None, outcome, plan)
    with pytest.raises(UserError, match=r"2 of 48 cases have no crop[\s\S]*p0, p1"):
        run_plan(table, plan, tmp_path / "study")
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize(
    ("deep", "told"),
    [
        ({}, "crops"),
        ({"crops": "c.npz", "seeds": 4}, "greater than or equal to 5"),
        ({"crops": "c.npz", "networks": ["cnn", "cnn"]}, "named twice"),
        ({"crops": "c.npz", "networks": ["vit"]}, "'cnn' or 'gru'"),
        ({"crops": "c.npz", "repeats": 3}, "more than validation.repeats"),
        ({"crops": "c.npz", "epoch": 3}, "epochs"),
    ],
)
def test_a_section_that_makes_no_sense_is_refused(deep, told):
    with pytest.raises(SettingsError, match=told):
        made_plan(deep=deep)
