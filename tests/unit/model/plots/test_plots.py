"""Plots of a study: the same bytes each time, their numbers beside them, nothing for nothing."""

import csv
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from made_study import made_plan, made_table
from radiome.model.ladder import in_words
from radiome.model.plots.catalogue import PLOTS
from radiome.model.plots.gains import gains
from radiome.model.plots.ladder import ladder
from radiome.model.plots.material import material_of
from radiome.model.plots.sheet import svg_of
from radiome.model.plots.writing import file_stems, write_plots
from radiome.model.run import run_plan


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    plan = made_plan()
    return run_plan(made_table(plan, signal=3.0), plan, tmp_path_factory.mktemp("study"))


def test_every_plot_of_a_binary_outcome_is_written_with_its_numbers(study, tmp_path):
    written = write_plots(study, tmp_path)
    names = {path.stem.removeprefix("y-") for path in written}
    assert names == {name for name, entry in PLOTS.items() if "binary" in entry.kinds}
    for path in written:
        assert ElementTree.parse(path).getroot().tag.endswith("svg")
        with path.with_suffix(".csv").open() as file:
            assert len(list(csv.reader(file))) > 1


def test_the_same_study_gives_the_same_bytes(study, tmp_path):
    first = {path.name: path.read_bytes() for path in write_plots(study, tmp_path / "one")}
    second = {path.name: path.read_bytes() for path in write_plots(study, tmp_path / "two")}
    assert first == second


def test_the_ladder_draws_the_concordances_of_the_results(study, tmp_path):
    write_plots(study, tmp_path)
    text = (tmp_path / "y-ladder.csv").read_text()
    for figure in study.outcomes[0].figures["concordance"].values():
        assert repr(figure["value"]) in text


def test_the_ladder_names_networks_and_controls_in_plain_words(study):
    material = material_of(study.outcomes[0], 1)
    figures = dict(material.figures)
    named = {
        "deep cnn": "Convolutional network",
        "deep gru": "Recurrent network",
        "acquisition": "Scanner and protocol",
        "control shuffled_roi": "Shuffled region",
        "control sampled_non_roi": "Redrawn surroundings",
        "control randomised_full_2": "Randomised image 2",
        "control mirrored_lung": "Control: mirrored lung",
    }
    for name in ("concordance", "gain"):
        figures[name] = {**figures[name], **dict.fromkeys(named, figures[name]["volume"])}
    plots = [draw(replace(material, figures=figures)) for draw in (ladder, gains)]
    for plot, begin in zip(plots, ("", "over "), strict=True):
        told = dict(zip(plot.cells["step"], plot.cells["label"], strict=True))
        for step, label in named.items():
            expected = label if not begin else begin + label[0].lower() + label[1:]
            assert told[step] == expected
        # There is room for all of them.
        assert svg_of(plot, salt="x")


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("volume", "volume alone"),
        ("deep gru", "a recurrent network over the slices of the images"),
        ("control shuffled_roi", "shuffled voxels of the region"),
        ("control randomised_non_roi_3", "randomised voxels outside the region, draw 3"),
        ("control mirrored_lung", "control: mirrored lung"),
    ],
)
def test_steps_have_words_for_a_sentence(step, words):
    assert in_words(step) == words


def test_outcomes_whose_names_come_to_the_same_file_are_kept_apart():
    assert len(set(file_stems(["a b", "a-b", "A_B"]))) == 3
