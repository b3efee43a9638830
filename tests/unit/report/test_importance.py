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
    told = importance(SimpleNamespace(figures=_FIGURES))
    first, second = told["rows"]
    assert (first["name"], first["others"]) == ("f3", "and 1 other")
    assert (first["drop"], first["used"], first["shap"]) == ("0.489", "100 %", "0.262")
    assert (second["drop"], second["others"], second["shap"]) == ("0.000", "", "")
    assert told["sentence"] == (
        "The largest loss is 0.49; of models of 2 permuted outcomes the largest was 0.14 "
        "(p = 0.05)."
    )


def test_what_was_not_asked_for_is_left_out():
    assert importance(SimpleNamespace(figures={})) is None
    assert importance(SimpleNamespace(figures={"importance": {"reason": "too few"}})) is None


def test_figures_that_are_not_defined_are_left_out():
    found = figure_rows(SimpleNamespace(figures=_FIGURES))
    rows = {name: (text, remark) for name, text, remark in found}
    assert rows["Coverage of conformal ranges"] == ("0.92 (0.85 to 0.96)", "0.9 is wanted")
    assert rows["Concordance, .632+ bootstrap"][0] == "0.98"
    assert "Concordance, corrected for optimism" not in rows
