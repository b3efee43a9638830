"""The baselines of pyradiomics' own test suite, all but the values 3.0.1 has changed."""

from pathlib import Path

import pytest

from radiome.base.errors import UserError
from radiome.verify.pyradiomics_baseline import (
    SUPERSEDED,
    Comparison,
    compare_baseline,
    print_report,
)

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "pyradiomics"


def test_every_baseline_value_is_reproduced(capsys):
    if not DATA.is_dir():
        pytest.skip("the pyradiomics test cases are not beside the repository")
    comparisons = compare_baseline(DATA)
    assert len(comparisons) == 2022
    assert [item for item in comparisons if not item.matched] == []
    # The tables have 12 digits: far closer than the tolerance asks for.
    assert max(item.difference for item in comparisons) < 1e-11
    assert sum(item.superseded for item in comparisons) == len(SUPERSEDED)
    print_report(comparisons)
    assert "2022/2022" in capsys.readouterr().out


def test_a_value_that_differs_is_a_miss():
    def matched(reference, computed):
        return Comparison("case", "glcm", "Contrast", reference, computed).matched

    assert matched(2.0, 2.000001)
    assert not matched(2.0, 2.00001)
    assert matched(float("nan"), float("nan"))
    assert not matched(2.0, float("nan"))
    assert not matched(float("nan"), 2.0)


def test_a_folder_without_baselines_is_refused(tmp_path):
    with pytest.raises(UserError, match="baselines are not in this folder"):
        compare_baseline(tmp_path)
