"""The page as a whole: what is in it, and what is not."""

import csv
import hashlib
import json
import re
import shutil
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

from made_run import HOSTILE, hostile_run
from radiome.cli.main import main
from radiome.report.build import build_report

_SECTIONS = ["verdict", "cohort", "features", "model", "explanations", "methods", "checklists",
             "software"]  # fmt: skip


class _Tags(HTMLParser):
    """Start tags with their attributes, and where sections begin."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def copied(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "run"
    shutil.copytree(run, folder, ignore=shutil.ignore_patterns("work", "cases", "models"))
    return folder


@pytest.fixture(scope="module")
def page(copied):
    return build_report(copied).read_text(encoding="utf-8")


def test_sections_stand_in_their_order(page):
    found = [attrs["id"] for tag, attrs in _Tags(page).tags if tag == "section"]
    assert found == _SECTIONS


def test_the_statement_comes_with_its_error_rate(page, copied):
    verdict = page.partition('<section id="verdict"')[2].partition("</section>")[0]
    told = json.loads((copied / "analyses/main/model/results.json").read_text())["outcomes"][0]
    assert told["figures"]["concordance"]["features"]["value"] > 0.5
    words = {"evidence": "Evidence", "weak": "Weak evidence", "none": "No evidence"}
    assert f"<h3>{words[told['verdict']]}</h3>" in verdict
    assert "<strong>410</strong> simulated cohorts" in verdict
    assert "<strong>1</strong>: <strong>0.2 %</strong>" in verdict


def test_the_error_rate_is_the_one_counted_in_the_documentation(request):
    from radiome.report.sections.verdict import ERROR_RATE

    text = (request.config.rootpath / "docs/modelling.md").read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("| all null cohorts"))
    assert f"{ERROR_RATE['claims']} / {ERROR_RATE['cohorts']}" in row
    assert f"{ERROR_RATE['percent']} ({ERROR_RATE['interval'].removesuffix(' %')})" in row
    assert ERROR_RATE["naive"] in row
    assert f"| 2 | {ERROR_RATE['found'].replace(' of ', ' / ')} |" in text


def test_the_page_asks_for_nothing_and_runs_only_its_own_scripts(page):
    tags = _Tags(page).tags
    for tag, attrs in tags:
        for name in ("src", "href", "xlink:href", "data", "action"):
            if name in attrs and tag != "a":
                assert attrs[name].startswith(("data:", "#")), (tag, attrs[name][:80])
        assert not any(name.startswith("on") for name in attrs), tag
    policy = next(a["content"] for t, a in tags if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy
    bodies = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert len(bodies) == policy.count("'sha256-")
    for body in bodies:
        digest = hashlib.sha256(body.encode()).digest()
        assert __import__("base64").b64encode(digest).decode() in policy


def test_cases_and_patients_are_told_by_code_alone(copied, page):
    assert "case-002" in page
    told = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    # A picture may hold the letters of a name by chance.
    told = re.sub(r"[A-Za-z0-9+/]{300,}=*", "", told)
    assert not re.search(r"case_\d\d|\bP\d\d\b", told)
    for path in (copied / "report/data").iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"case_\d\d|\bP\d\d\b", text), path.name


def test_every_plot_has_its_numbers(copied, page):
    folder = copied / "report/figures"
    figures = {path.stem for path in folder.glob("*.pdf")}
    data = {path.stem for path in (copied / "report/data").iterdir()}
    assert len(figures) == 12
    assert figures <= data
    with (folder.parent / "data/main-correlations.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][2:] == [row[0] for row in rows[1:]]
    assert all(float(row[place]) == 1 for place, row in enumerate(rows[1:], start=2))
    drawings = {path.stem for path in folder.glob("*.svg")}
    assert drawings == figures | {"main-atlas"}
    assert len(re.findall(r'download="[^"]+\.csv"', page)) > len(figures)
    assert not list((copied / "report").rglob("*.part*"))


def test_equal_tables_give_equal_bytes(copied, page):
    assert build_report(copied).read_text(encoding="utf-8") == page


def test_the_page_is_small(copied):
    assert (copied / "report.html").stat().st_size < 3_500_000


def test_names_that_attack_are_only_text(tmp_path):
    page = build_report(hostile_run(tmp_path)).read_text(encoding="utf-8")
    assert HOSTILE not in page
    assert "window.owned=1</script>" not in page
    assert page.count("&lt;/script&gt;&lt;script&gt;") > 25
    tags = _Tags(page).tags
    assert not any("onerror" in attrs for _, attrs in tags)
    scripts = [attrs for tag, attrs in tags if tag == "script"]
    assert len(scripts) == page.count("<script") == page.count("</script>")


def test_what_is_not_there_is_left_out(tmp_path):
    (tmp_path / "study.json").write_text(json.dumps({"title": "Nothing yet", "analyses": []}))
    page = build_report(tmp_path).read_text(encoding="utf-8")
    found = [attrs["id"] for tag, attrs in _Tags(page).tags if tag == "section"]
    assert "verdict" not in found
    assert "cohort" not in found
    assert "features" not in found
    assert "model" not in found
    assert "plotly" not in page


def test_an_analysis_that_failed_says_why(tmp_path):
    failed = {"name": "main", "role": "primary", "status": "failed", "reason": "too few events"}
    (tmp_path / "study.json").write_text(json.dumps({"analyses": [failed]}))
    page = build_report(tmp_path).read_text(encoding="utf-8")
    assert "Too few events." in page
    assert "No statement" in page
    assert "simulated cohorts" not in page


def test_a_reason_is_told_without_its_path(tmp_path):
    reason = "the time must be positive; where: /home/me/o.csv; got: 0 in 1 patients; do: count"
    failed = {"name": "main", "role": "primary", "status": "failed", "reason": reason}
    (tmp_path / "study.json").write_text(json.dumps({"analyses": [failed]}))
    page = build_report(tmp_path).read_text(encoding="utf-8")
    assert "The time must be positive." in page
    assert "<dt>Found</dt><dd>0 in 1 patient</dd>" in page
    assert "<dt>What to do</dt><dd>count</dd>" in page
    assert "/home" not in page


def test_the_verdict_names_the_gates_that_were_not_passed(page, copied):
    verdict = page.partition('<section id="verdict"')[2].partition("</section>")[0]
    gates = json.loads((copied / "analyses/main/model/results.json").read_text())["outcomes"][0][
        "gates"
    ]
    statuses = {gate["status"] for gate in gates}
    assert statuses >= {"PASS", "FAIL", "UNKNOWN"}
    for gate in gates:
        told = f"{gate['name'][0].lower()}{gate['name'][1:]}" in verdict
        assert told == (gate["status"] in ("FAIL", "UNKNOWN"))


def test_a_lock_shows_what_departs_from_it(copied, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(copied, folder)
    lock = {"locked": "2026-01-01T00:00:00+00:00", "protocol_sha256": "ab" * 32}
    (folder / "lock.json").write_text(json.dumps(lock))
    page = build_report(folder).read_text(encoding="utf-8")
    assert "Nothing differs from it" in page
    change = {"what": "analyses.main.plan.seed", "locked": "1", "now": "<2>", "diff": ""}
    (folder / "deviations.json").write_text(json.dumps([change]))
    page = build_report(folder).read_text(encoding="utf-8")
    assert "1 thing differs" in page
    assert "&lt;2&gt;" in page


def test_the_command_tells_the_file(copied):
    done = CliRunner().invoke(main, ["report", str(copied)])
    assert done.exit_code == 0, done.output
    assert "report.html" in done.output
    refused = CliRunner().invoke(main, ["report", str(copied / "analyses")])
    assert refused.exit_code == 2
    assert "not the run folder of a study" in refused.output


def test_a_lock_made_after_results_does_not_pass_for_one_before_them(copied, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(copied, folder)
    lock = {"locked": "2026-01-01T00:00:00+00:00", "results_before": "2025-12-31T00:00:00+00:00"}
    (folder / "lock.json").write_text(json.dumps(lock))
    (folder / "deviations.json").write_text("[]")
    page = build_report(folder).read_text(encoding="utf-8")
    assert "when results were there already" in page
    assert "before any model saw" not in page
