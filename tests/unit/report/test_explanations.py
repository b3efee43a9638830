"""Gates and other explanations in words, with the figures of the results."""

import shutil
from dataclasses import replace
from pathlib import Path

from radiome.report.analysis_record import OutcomeFound
from radiome.report.build import build_report
from radiome.report.record import read_record
from radiome.report.section import Output
from radiome.report.sections.explanations import explanations


def _made(run: Path, told):
    record = read_record(run)
    outcome = OutcomeFound("response", "response", told, {}, {})
    analysis = replace(record.analyses[0], outcomes=(outcome,))
    return explanations(replace(record, analyses=(analysis,)), Output()).content["parts"][0]


def _bounds(value, lower, upper):
    return {"value": value, "lower": lower, "upper": upper}


def test_controls_networks_and_clinical_facts_are_told_in_words(run):
    network = (
        "a convolutional network on the images reaches 0.80 (0.70 to 0.90), on the same folds as "
        "the features 0.81, difference of the features to it 0.01 (-0.10 to 0.12): no difference "
        "is shown; 900 weights for 40 patients"
    )
    gate = {"gate": 6, "name": "n", "status": "FAIL", "figures": {},
            "evidence": "gain over control shuffled_roi -0.10 (-0.20 to 0.10)"}  # fmt: skip
    part = _made(
        run,
        {
            "status": "modelled",
            "gates": [gate],
            "alternatives": [network],
            "figures": {
                "concordance": {
                    "features": _bounds(0.81, 0.7, 0.9),
                    "clinical": _bounds(0.6, 0.5, 0.7),
                    "deep cnn": _bounds(0.8, 0.7, 0.9),
                    "control shuffled_roi": _bounds(0.91, 0.8, 0.95),
                    "site": {"reason": "one site"},
                },
                "gain": {
                    "clinical": _bounds(0.2, 0.1, 0.3),
                    "deep cnn": _bounds(0.01, -0.1, 0.12),
                    "control shuffled_roi": _bounds(-0.1, -0.2, 0.1),
                    "site": {"reason": "one site"},
                },
            },
        },
    )
    assert part["gates"][0]["evidence"] == (
        "gain over shuffled voxels of the region -0.10 (-0.20 to 0.10)"
    )
    assert part["alternatives"] == [
        {"name": "Shuffled voxels of the region", "concordance": "0.91 (0.80 to 0.95)",
         "gain": "−0.10 (−0.20 to +0.10)", "remark": ""},
        {"name": "A convolutional network on the images", "concordance": "0.80 (0.70 to 0.90)",
         "gain": "+0.01 (−0.10 to +0.12)",
         "remark": "no difference is shown; 900 weights for 40 patients"},
        {"name": "Clinical facts alone", "concordance": "0.60 (0.50 to 0.70)",
         "gain": "+0.20 (+0.10 to +0.30)",
         "remark": "gain of clinical facts and features together"},
    ]  # fmt: skip


def test_no_name_of_a_program_is_in_the_page(run, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(run, folder, ignore=shutil.ignore_patterns("work", "cases", "models"))
    page = build_report(folder).read_text(encoding="utf-8")
    section = page.partition('<section id="explanations"')[2].partition("</section>")[0]
    assert '<th scope="row">Volume alone</th>' in section
    assert "_" not in section.replace("&#39;", "")
