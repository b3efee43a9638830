"""Laws of selection: what may change its answer and what may not.

Selectors that draw at random draw rows by their place, so that the order of rows is a law of
those alone that draw nothing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from radiome.select.agreement import selection_stability
from radiome.select.catalogue import SELECTORS, selector
from radiome.select.cluster_stability import cluster_stability
from radiome.select.clusters import ClusterRule, correlation_clusters
from radiome.select.correlation import correlation_matrix
from radiome.select.effective_number import effective_number
from radiome.select.multiplicity import adjust
from radiome.select.outcome_values import read_outcome
from radiome.select.univariate_tests import univariate_tests
from radiome.select.volume import volume_dependence
from unit.select.select_tables import chained, follow_up

SEEDS = st.integers(0, 2**32 - 1)
KINDS = st.sampled_from(["binary", "multiclass", "continuous", "survival"])
RULES = st.builds(
    ClusterRule,
    st.sampled_from([0.3, 0.5, 0.8]),
    st.sampled_from(["average", "complete"]),
    st.booleans(),
)
#: Sums in another order differ in the last bits only.
ROUNDING = 1e-10
#: Selectors that draw nothing.
FIXED = st.sampled_from(["univariate", "mrmr", "cluster_representatives"])
#: Selectors that look at ranks alone, with outcomes for which they do: the score test of a Cox
#: model looks at values.
OF_RANKS = [
    *((name, kind) for name in ("univariate", "mrmr") for kind in ("binary", "multiclass")),
    ("univariate", "continuous"),
    ("mrmr", "continuous"),
    ("cluster_representatives", "survival"),
    ("knockoffs", "continuous"),
]
#: For selectors that fit many models.
FEW = settings(max_examples=4, deadline=None)
MANY = settings(max_examples=30, deadline=None)
QUICK = {
    "univariate": {"top": 3},
    "mrmr": {"top": 3},
    "cluster_representatives": {"threshold": 0.5},
    "penalised": {"rule": "best", "folds": 3},
    "stability": {"pairs": 3, "threshold": 0.6, "first": 2},
    "boruta": {"rounds": 3, "trees": 4},
    "knockoffs": {"rate": 0.5},
}


def cohort(seed: int, kind: str = "continuous", *, ties: bool = False):
    """Correlated features, one of them rounded, and an outcome that follows two of them."""
    rng = np.random.default_rng(seed)
    rows, columns = int(rng.integers(24, 40)), int(rng.integers(4, 9))
    values = chained(rows, columns, float(rng.uniform(-0.9, 0.9)), rng)
    if ties:
        values[:, -1] = np.round(values[:, -1])
        assume(np.ptp(values[:, -1]) > 0)
    risk = values[:, 0] - values[:, 2] + rng.normal(size=rows)
    if kind == "survival":
        return values, follow_up(risk, rng)
    if kind == "continuous":
        return values, risk
    classes = np.linspace(0, 1, 3 if kind == "binary" else 4)[1:-1]
    return values, np.digitize(risk, np.quantile(risk, classes))


def named(values) -> pd.DataFrame:
    return pd.DataFrame(values, columns=[f"f{place:02d}" for place in range(values.shape[1])])


def fitted(name: str, table: pd.DataFrame, y):
    return selector(name, QUICK[name], seed=1).fit(table, y)


def chosen(name: str, table: pd.DataFrame, y) -> set[str]:
    """Names of what a selector keeps."""
    return set(table.columns[fitted(name, table, y).get_support()])


def judged(values, y, kind: str):
    return univariate_tests(values, read_outcome(y, kind, values))


def groups(values, names, rule):
    """Representative and members of each cluster."""
    found = correlation_clusters(values, names, rule=rule)
    return {cluster.representative: frozenset(cluster.members) for cluster in found.clusters}


def no_ties(values, y, kind: str) -> bool:
    """Whether every feature has a strength of its own: equal ones are told by their place."""
    strength = judged(values, y, kind).strength
    return np.diff(np.sort(strength)).min() > 1e-9


def test_the_laws_know_every_selector():
    assert set(QUICK) == set(SELECTORS)


# -- order of rows and columns ----------------------------------------------------------------


@MANY
@given(seed=SEEDS, kind=KINDS, name=FIXED)
def test_the_order_of_rows_does_not_matter(seed, kind, name):
    values, y = cohort(seed, kind, ties=True)
    order = np.random.default_rng(seed).permutation(len(values))
    assume(no_ties(values, y, kind))
    assert chosen(name, named(values[order]), y[order]) == chosen(name, named(values), y)
    found, expected = judged(values[order], y[order], kind), judged(values, y, kind)
    assert found.statistic == pytest.approx(expected.statistic, rel=ROUNDING, abs=ROUNDING)
    assert found.pvalue == pytest.approx(expected.pvalue, rel=1e-8)


@MANY
@given(seed=SEEDS, kind=KINDS, name=FIXED)
def test_the_order_of_columns_does_not_matter(seed, kind, name):
    values, y = cohort(seed, kind, ties=True)
    assume(no_ties(values, y, kind))
    table = named(values)
    turned = table[table.columns[np.random.default_rng(seed).permutation(table.shape[1])]]
    assert chosen(name, turned, y) == chosen(name, table, y)


@FEW
@pytest.mark.parametrize("name", ["penalised", "stability"])
@given(seed=SEEDS)
def test_models_keep_their_scores_in_any_order_of_columns(seed, name):
    values, y = cohort(seed)
    table = named(values)
    turned = table[table.columns[::-1]]
    found, expected = fitted(name, turned, y).scores_[::-1], fitted(name, table, y).scores_
    # Coordinate descent stops within its tolerance, from either end.
    allowed = 1e-3 if name == "penalised" else 1 / 6 + 1e-9
    assert np.abs(found - expected).max() <= allowed


@MANY
@given(seed=SEEDS, rule=RULES)
def test_clusters_hang_on_neither_order(seed, rule):
    values, _ = cohort(seed, ties=True)
    names = list(named(values).columns)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(values)), rng.permutation(len(names))
    moved = groups(values[np.ix_(rows, columns)], [names[place] for place in columns], rule)
    assert moved == groups(values, names, rule)


@MANY
@given(seed=SEEDS)
def test_volume_dependence_hangs_on_neither_order(seed):
    values, volume = cohort(seed, ties=True)
    names = list(named(values).columns)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(values)), rng.permutation(len(names))
    moved = volume_dependence(
        values[np.ix_(rows, columns)], [names[place] for place in columns], np.exp(volume)[rows]
    )
    by_name = {item.feature: item for item in moved}
    for item in volume_dependence(values, names, np.exp(volume)):
        other = by_name[item.feature]
        assert other.rho == pytest.approx(item.rho, abs=ROUNDING)
        assert other.adjusted == pytest.approx(item.adjusted, rel=1e-8)


# -- units and rising functions ---------------------------------------------------------------


@FEW
@pytest.mark.parametrize("name", sorted(QUICK))
@given(seed=SEEDS, exponents=st.lists(st.integers(-40, 40), min_size=8, max_size=8))
def test_the_unit_of_a_feature_does_not_matter_to_any_selector(seed, name, exponents):
    # By powers of two, which round nothing.
    values, y = cohort(seed)
    scaled = values * 2.0 ** np.array(exponents[: values.shape[1]])
    first, second = fitted(name, named(values), y), fitted(name, named(scaled), y)
    assert second.get_support().tolist() == first.get_support().tolist()
    if name == "cluster_representatives":
        return
    assert second.ranking_.tolist() == first.ranking_.tolist()


@FEW
@pytest.mark.parametrize(("name", "kind"), OF_RANKS)
@given(seed=SEEDS, shift=st.floats(-1e3, 1e3))
def test_a_rising_function_of_a_feature_changes_nothing_that_is_ranked(seed, name, kind, shift):
    values, y = cohort(seed, kind, ties=True)
    bent = values.copy()
    bent[:, 0] = np.exp(values[:, 0])
    bent[:, 1] = values[:, 1] ** 3
    bent[:, 2] = 7 * values[:, 2] + shift
    assume(all(_same_order(values[:, place], bent[:, place]) for place in range(3)))
    assert chosen(name, named(bent), y) == chosen(name, named(values), y)


def _same_order(before, after) -> bool:
    """Whether rounding has merged no two values."""
    return np.unique(after).size == np.unique(before).size


@MANY
@given(seed=SEEDS, scale=st.floats(0.01, 100), shift=st.floats(-100, 100))
def test_the_score_test_of_a_time_to_an_event_knows_no_unit(seed, scale, shift):
    values, y = cohort(seed, "survival")
    found = judged(values * scale + shift, y, "survival").effect
    assert found == pytest.approx(judged(values, y, "survival").effect, rel=1e-6, abs=1e-8)


@MANY
@given(seed=SEEDS, kind=KINDS)
def test_the_opposite_of_a_feature_has_the_opposite_effect_and_the_same_p_value(seed, kind):
    values, y = cohort(seed, kind, ties=True)
    found, opposite = judged(values, y, kind), judged(-values, y, kind)
    expected = {"binary": 1 - found.effect, "multiclass": found.effect}
    assert opposite.effect == pytest.approx(expected.get(kind, -found.effect), abs=1e-9)
    assert opposite.pvalue == pytest.approx(found.pvalue, rel=1e-7)


@MANY
@given(seed=SEEDS, threshold=st.sampled_from([0.3, 0.5, 0.8]))
def test_opposite_features_are_together_unless_signs_count(seed, threshold):
    values, _ = cohort(seed)
    names = list(named(values).columns)
    opposite = values * np.where(np.arange(len(names)) % 2, -1, 1)
    rule = ClusterRule(threshold)
    assert groups(opposite, names, rule) == groups(values, names, rule)
    both = np.column_stack([values[:, 0], -values[:, 0]])
    signed = groups(both, ["one", "other"], ClusterRule(threshold, signed=True))
    assert len(signed) == 2
    assert len(groups(both, ["one", "other"], rule)) == 1


@MANY
@given(seed=SEEDS)
def test_volume_may_be_in_any_unit_or_its_logarithm(seed):
    values, size = cohort(seed, ties=True)
    names = list(named(values).columns)
    plain = volume_dependence(values, names, np.exp(size))
    assert volume_dependence(values, names, 1000 * np.exp(size)) == plain
    assert volume_dependence(values, names, size) == plain
    opposite = volume_dependence(-values, names, size)
    assert [item.rho for item in opposite] == pytest.approx([-i.rho for i in plain], abs=ROUNDING)


# -- patients told more than once -------------------------------------------------------------


@MANY
@given(seed=SEEDS, kind=st.sampled_from(["binary", "multiclass", "continuous"]))
def test_all_patients_twice_have_the_same_strengths_and_smaller_p_values(seed, kind):
    # Strengths say how closely, p-values how surely: copies make them surer without reason.
    values, y = cohort(seed, kind, ties=True)
    once, twice = judged(values, y, kind), judged(np.tile(values, (2, 1)), np.tile(y, 2), kind)
    assert twice.strength == pytest.approx(once.strength, abs=1e-9)
    strong = once.pvalue < 0.2
    assert (twice.pvalue[strong] < once.pvalue[strong]).all()


@MANY
@given(seed=SEEDS, rule=RULES)
@example(seed=625206, rule=ClusterRule(0.8, "complete"))  # two pairs of equal correlations
def test_all_patients_twice_have_the_same_clusters(seed, rule):
    values, _ = cohort(seed, ties=True)
    names = list(named(values).columns)
    assert groups(np.tile(values, (2, 1)), names, rule) == groups(values, names, rule)


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, rule=RULES)
def test_copies_of_rows_under_one_patient_change_no_resample_of_clusters(seed, rule):
    values, _ = cohort(seed, ties=True)
    names = list(named(values).columns)
    patients = np.arange(len(values))
    options = {"rule": rule, "resamples": 8, "seed": 3}
    once = cluster_stability(values, names, patients=patients, **options)
    twice = cluster_stability(
        np.repeat(values, 2, axis=0), names, patients=np.repeat(patients, 2), **options
    )
    assert twice.co_membership == pytest.approx(once.co_membership, abs=1e-12)
    assert twice.adjusted_rand == pytest.approx(once.adjusted_rand, abs=1e-12)


# -- constant columns -------------------------------------------------------------------------


@FEW
@pytest.mark.parametrize("name", sorted(QUICK))
@given(seed=SEEDS, constant=st.floats(-1e6, 1e6), place=st.integers(0, 4))
def test_a_constant_column_is_told_and_changes_nothing(seed, name, constant, place):
    values, y = cohort(seed)
    table = named(values)
    wider = table.copy()
    wider.insert(place, "g", constant)
    step = fitted(name, wider, y)
    assert list(step.excluded_) == ["g"]
    assert chosen(name, wider, y) == chosen(name, table, y)


@MANY
@given(seed=SEEDS, constant=st.floats(-1e6, 1e6))
def test_a_constant_column_is_in_no_cluster_and_no_count(seed, constant):
    values, size = cohort(seed)
    names = list(named(values).columns)
    wider, more = np.column_stack([values, np.full(len(values), constant)]), [*names, "g"]
    found = correlation_clusters(wider, more)
    assert dict(found.excluded) == {"g": "constant in the rows of the fit"}
    assert groups(wider, more, ClusterRule()) == groups(values, names, ClusterRule())
    *rest, last = volume_dependence(wider, more, size)
    assert last.rho is None
    assert last.reason
    expected = volume_dependence(values, names, size)
    assert [item.rho for item in rest] == pytest.approx([i.rho for i in expected], abs=1e-12)
    adjusted = [item.adjusted for item in expected]
    assert [item.adjusted for item in rest] == pytest.approx(adjusted, rel=1e-9)


# -- corrections for many tests ---------------------------------------------------------------

METHODS = st.sampled_from(["bonferroni", "holm", "bh", "by"])
P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30).map(np.array)


@MANY
@given(p=P_VALUES, method=METHODS, seed=SEEDS)
def test_adjusted_values_go_with_their_tests_and_never_fall_below(p, method, seed):
    found = adjust(p, method)
    order = np.random.default_rng(seed).permutation(p.size)
    assert adjust(p[order], method) == pytest.approx(found[order], rel=1e-12)
    assert (found >= p * (1 - 1e-12)).all()
    assert (found <= 1).all()
    rising = np.argsort(p, kind="stable")
    assert (np.diff(found[rising]) >= -1e-12).all()


@MANY
@given(p=P_VALUES)
def test_corrections_are_ordered_by_what_they_promise(p):
    bh, by, holm, bonferroni = (adjust(p, one) for one in ("bh", "by", "holm", "bonferroni"))
    slack = 1 + 1e-12
    assert (bh <= by * slack).all()
    assert (bh <= holm * slack).all()
    assert (holm <= bonferroni * slack).all()


@MANY
@given(p=P_VALUES, method=METHODS)
def test_what_was_not_tested_does_not_count_and_what_failed_does(p, method):
    found = adjust(p, method)
    with_gap = adjust([*p.tolist(), None], method)
    assert with_gap[:-1].tolist() == found.tolist()
    assert np.isnan(with_gap[-1])
    assert (adjust(np.append(p, 1.0), method)[:-1] >= found * (1 - 1e-12)).all()


@MANY
@given(p=P_VALUES)
def test_every_test_twice_leaves_the_false_discovery_rate_and_doubles_bonferroni(p):
    twice = np.tile(p, 2)
    assert adjust(twice, "bh")[: p.size] == pytest.approx(adjust(p, "bh"), rel=1e-12)
    doubled = np.minimum(1, 2 * p.size * p)
    assert adjust(twice, "bonferroni")[: p.size] == pytest.approx(doubled, rel=1e-12)


# -- stability index and effective number -----------------------------------------------------


@MANY
@given(seed=SEEDS)
def test_the_stability_index_knows_no_order_and_no_side(seed):
    rng = np.random.default_rng(seed)
    selections = rng.random((int(rng.integers(2, 9)), int(rng.integers(2, 12)))) < rng.random()
    assume(0 < selections.sum() < selections.size)
    found = selection_stability(selections)
    turned = selections[rng.permutation(len(selections))][:, rng.permutation(selections.shape[1])]
    for other in (turned, ~selections):
        told = selection_stability(other)
        assert told.value == pytest.approx(found.value, abs=1e-9)
        assert told.variance == pytest.approx(found.variance, abs=1e-9)
    assert found.value <= 1 + 1e-12


@MANY
@given(seed=SEEDS)
def test_effective_numbers_know_no_order_and_lie_between_one_and_all(seed):
    rng = np.random.default_rng(seed)
    values, _ = cohort(seed)
    matrix = correlation_matrix(values)
    found = effective_number(matrix)
    order = rng.permutation(len(matrix))
    turned = effective_number(matrix[np.ix_(order, order)])
    for name in ("nyholt", "li_ji", "galwey"):
        assert getattr(turned, name) == pytest.approx(getattr(found, name), abs=1e-6)
        assert 1 - 1e-6 <= getattr(found, name) <= len(matrix) + 1e-6


@MANY
@given(seed=SEEDS)
def test_independent_blocks_add_up_in_the_number_of_li_and_ji(seed):
    first, second = (correlation_matrix(cohort(one)[0]) for one in (seed, seed // 2))
    empty = np.zeros((len(first), len(second)))
    whole = np.block([[first, empty], [empty.T, second]])
    added = effective_number(first).li_ji + effective_number(second).li_ji
    assert effective_number(whole).li_ji == pytest.approx(added, abs=1e-6)
