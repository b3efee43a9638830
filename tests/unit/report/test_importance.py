"""What a model uses, in words."""

from types import SimpleNamespace

from radiome.report.figures_of_merit import figure_rows
from radiome.report.importance import importance

_FIGURES = {
    "importance": {
        "clusters": [
            {
                "representative": "f3",
                "members": ["f3", "f4"],
                "drop": 0.4886,
                "deviation_over_folds": 0.034,
                "folds_used": 1.0,
            },
            {
                "representative": "f7",
                "members": ["f7"],
                "drop": -0.0004,
                "deviation_over_folds": 0.011,
                "folds_used": 0.25,
            },
        ],
        "permuted_outcome": {
            "shuffles": 2,
            "largest_drop": 0.4886,
            "largest_drops_permuted": [0.144, 0.01],
            "p": 0.05,
        },
    },
    "shap": {
        "clusters": [{"representative": "f3", "members": ["f3", "f4"], "mean_absolute": 0.2623}]
    },
    "conformal": {"level": 0.9, "coverage": {"value": 0.92, "lower": 0.85, "upper": 0.96}},
    "bootstrap_632": {
        "concordance": {"b632_plus": 0.97979},
        "optimism": {"concordance": {"reason": "one class"}},
    },
}


def test_clusters_with_loss_and_shapley_values():
    told = importance(SimpleNamespace(figures=_FIGURES), {"f3": "Third"})
    first, second = told["rows"]
    assert (first["name"], first["called"], first["others"]) == ("f3", "Third", "and 1 other")
    assert second["called"] == ""
    assert (first["drop"], first["used"], first["shap"]) == ("0.489", "100 %", "0.262")
    assert (second["drop"], second["others"], second["shap"]) == ("0.000", "", "")
    assert told["sentence"] == (
        "The largest loss is 0.49; of models of 2 permuted outcomes the largest was 0.14 "
        "(p = 0.05)."
    )


def test_what_was_not_asked_for_is_left_out():
    assert importance(SimpleNamespace(figures={}), {}) is None
    assert importance(SimpleNamespace(figures={"importance": {"reason": "too few"}}), {}) is None


def test_figures_that_are_not_defined_are_left_out():
    found = figure_rows(SimpleNamespace(figures=_FIGURES, options={}, name="age"))
    rows = {name: (text, remark) for name, text, remark in found}
    assert rows["Coverage of conformal ranges"] == ("0.92 (0.85 to 0.96)", "0.9 is wanted")
    assert rows["Concordance, .632+ bootstrap"][0] == "0.98"
    assert "Concordance, corrected for optimism" not in rows


def _rows(figures, **options):
    found = figure_rows(SimpleNamespace(figures=figures, options=options, name="ki67"))
    return {name: (text, remark) for name, text, remark in found}


def test_errors_have_the_digits_and_the_unit_of_the_outcome():
    def errors(scale):
        told = {"value": 5.1813 * scale, "lower": 4.1892 * scale, "upper": 6.2293 * scale}
        return _rows({"performance": {"errors": {"mae": told}}})["Mean absolute error"]

    assert errors(1) == ("5.18 (4.19 to 6.23)", "in the unit of ki67, 0 is best")
    assert errors(1000)[0] == "5181 (4189 to 6229)"
    assert errors(0.001)[0] == "0.00518 (0.00419 to 0.00623)"


def test_an_interval_does_not_leave_the_scale_of_a_concordance():
    told = {"value": 0.96, "lower": 0.88, "upper": 1.03, "folds": 10}
    rows = _rows({"corrected": told, "sample_size": {"needed": 16102, "candidates": 215}})
    assert rows["Concordance, mean of the folds"][0] == "0.96 (0.88 to 1.00)"
    assert rows["Patients needed"][0] == "16\u202f102"


def test_shares_have_two_decimals_throughout():
    rows = _rows({"performance": {"prevalence": 0.5, "scaled_brier": 0.53812}})
    assert (rows["Prevalence"][0], rows["Scaled Brier score"][0]) == ("0.50", "0.54")


def test_a_time_is_told_with_its_column():
    told = {"value": 0.59, "lower": 0.44, "upper": 0.74}
    figures = {"performance": {"time_dependent_auc": told, "time_dependent_auc_horizon": 4.6}}
    remark = _rows(figures, time="months")["AUC at the median time of events"][1]
    assert remark == "at 4.6, in the unit of months"
