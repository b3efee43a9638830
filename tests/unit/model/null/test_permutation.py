import json

import numpy as np
import pytest
from scipy import stats
from threadpoolctl import threadpool_info

from radiome.base.errors import SettingsError, UserError
from radiome.model.null.permutation import permutation_test
from radiome.model.null.plan import PermutationPlan
from radiome.model.null.scheme import permutation_rng, permutation_scheme

FEATURE = np.random.default_rng(5).normal(size=30)
OUTCOME = np.repeat([0, 1], 15)


def difference(order, rng):
    labels = OUTCOME[order]
    return FEATURE[labels == 1].mean() - FEATURE[labels == 0].mean()


def noisy(order, rng):
    return difference(order, rng) + 0.01 * rng.normal()


def test_the_null_is_that_of_a_plain_loop():
    result = permutation_test(difference, 30, PermutationPlan(permutations=50, seed=2))
    scheme = permutation_scheme(30)
    expected = []
    for index in range(1, 51):
        rng = permutation_rng(2, index)
        expected.append(difference(scheme.draw(rng), rng))
    assert result.null_values.tolist() == expected
    hits = sum(value >= result.observed for value in expected)
    assert result.exceedances == hits
    assert result.p == (1 + hits) / 51
    assert not result.stopped_early


def test_p_agrees_with_all_arrangements():
    feature, outcome = np.array([1.0, 2.0, 3.5, 5.0, 9.0, 10.0]), np.array([0, 0, 1, 0, 1, 1])

    def sum_of_cases(order, rng):
        return feature[outcome[order] == 1].sum()

    exact = stats.permutation_test(
        (feature[outcome == 1], feature[outcome == 0]),
        lambda first, second: first.sum(),
        alternative="greater",
        n_resamples=np.inf,
    ).pvalue
    result = permutation_test(sum_of_cases, 6, PermutationPlan(permutations=4000, seed=0))
    low, high = result.interval
    assert low <= exact <= high
    assert result.p == pytest.approx(exact, abs=0.015)


def test_equal_statistics_count_as_exceedances():
    result = permutation_test(lambda order, rng: 1.0, 5, PermutationPlan(permutations=9))
    assert result.p == 1.0


def by_value():
    """A statistic that needs nothing of this module, which other processes cannot import."""
    feature, outcome = FEATURE, OUTCOME
    return lambda order, rng: feature @ outcome[order] + 0.01 * rng.normal()


@pytest.mark.parametrize("workers", [2, 3])
@pytest.mark.parametrize("stop_after", [None, 5])
def test_the_result_is_the_same_for_any_number_of_workers(workers, stop_after):
    plan = PermutationPlan(permutations=60, stop_after=stop_after, seed=4)
    statistic = by_value()
    alone = permutation_test(statistic, 30, plan)
    shared = permutation_test(statistic, 30, plan, workers=workers)
    assert shared.as_dict() == alone.as_dict()


def test_closures_run_on_several_processes():
    scale = 2.0
    plan = PermutationPlan(permutations=10)
    result = permutation_test(lambda order, rng: scale * order[0], 30, plan, workers=2)
    assert result.done == 10


def test_linear_algebra_has_one_thread():
    def threads(order, rng):
        return max(entry["num_threads"] for entry in threadpool_info())

    for workers in (1, 2):
        plan = PermutationPlan(permutations=4)
        assert set(permutation_test(threads, 5, plan, workers=workers).null_values) == {1.0}


def test_it_stops_at_the_exceedance_asked_for():
    full = permutation_test(difference, 30, PermutationPlan(permutations=500, seed=3))
    plan = PermutationPlan(permutations=500, stop_after=10, seed=3)
    early = permutation_test(difference, 30, plan)
    place = np.flatnonzero(full.null_values >= full.observed)[9] + 1
    assert early.stopped_early
    assert early.done == place
    assert early.p == 10 / place
    assert early.null_values.tolist() == full.null_values[:place].tolist()


def test_sequential_p_values_keep_the_level():
    # A statistic that is exchangeable with its permutations has P(p <= t) <= t.
    count = 0
    for repeat in range(400):
        feature = np.random.default_rng(repeat).normal(size=20)
        result = permutation_test(
            lambda order, rng, feature=feature: feature[order][:10].sum(),
            20,
            PermutationPlan(permutations=99, stop_after=5, seed=repeat),
        )
        count += result.p <= 0.1
    # Binomial with 400 draws at 0.1: 40, standard deviation 6.
    assert 40 - 3 * 6 <= count <= 40 + 3 * 6


def test_less_looks_at_the_other_tail():
    plan = PermutationPlan(permutations=99, seed=1, alternative="less")
    result = permutation_test(difference, 30, plan)
    assert result.exceedances == (result.null_values <= result.observed).sum()


def test_a_stopped_run_goes_on_and_gives_the_same(tmp_path):
    path = tmp_path / "null.jsonl"
    plan = PermutationPlan(permutations=40, seed=6)
    calls = []

    def counted(order, rng):
        calls.append(1)
        if len(calls) == 20:
            raise KeyboardInterrupt
        return noisy(order, rng)

    with pytest.raises(KeyboardInterrupt):
        permutation_test(counted, 30, plan, store=path)
    stored = len(path.read_text().splitlines()) - 1
    assert 0 < stored < 20
    with path.open("a") as file:
        file.write('{"index": 39, "val')
    before = len(calls)
    resumed = permutation_test(counted, 30, plan, store=path)
    # The observed statistic is evaluated again, the stored ones are not.
    assert len(calls) - before == 1 + 40 - stored
    assert resumed.as_dict() == permutation_test(noisy, 30, plan).as_dict()
    records = [json.loads(line) for line in path.read_text().splitlines()[1:]]
    assert sorted(record["index"] for record in records) == list(range(1, 41))


def test_a_store_can_be_extended(tmp_path):
    path = tmp_path / "null.jsonl"
    permutation_test(noisy, 30, PermutationPlan(permutations=10, seed=6), store=path)
    longer = PermutationPlan(permutations=25, seed=6)
    result = permutation_test(noisy, 30, longer, store=path)
    assert result.as_dict() == permutation_test(noisy, 30, longer).as_dict()


@pytest.mark.parametrize("change", ["seed", "statistic", "scheme"])
def test_a_store_of_another_analysis_is_refused(tmp_path, change):
    path = tmp_path / "null.jsonl"
    permutation_test(difference, 30, PermutationPlan(permutations=5, seed=1), store=path)
    scheme = permutation_scheme(30, strata=OUTCOME) if change == "scheme" else 30
    statistic = noisy if change == "statistic" else difference
    plan = PermutationPlan(permutations=5, seed=2 if change == "seed" else 1)
    with pytest.raises(UserError, match="another analysis"):
        permutation_test(statistic, scheme, plan, store=path)


@pytest.mark.parametrize(
    ("text", "message"),
    [("not a store\n", "not a store"), ("[1]\n", "not a store")],
)
def test_a_file_that_is_no_store_is_refused(tmp_path, text, message):
    path = tmp_path / "null.jsonl"
    path.write_text(text)
    with pytest.raises(UserError, match=message):
        permutation_test(difference, 30, PermutationPlan(permutations=5), store=path)
    assert path.read_text() == text


def test_a_damaged_line_within_a_store_is_refused(tmp_path):
    path = tmp_path / "null.jsonl"
    plan = PermutationPlan(permutations=5)
    permutation_test(difference, 30, plan, store=path)
    lines = path.read_text().splitlines()
    lines[2] = '{"index": 2, "value": NaN}'
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(UserError, match="line 3"):
        permutation_test(difference, 30, plan, store=path)


def test_progress_reaches_the_end():
    seen = []
    plan = PermutationPlan(permutations=20)
    permutation_test(difference, 30, plan, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (20, 20)
    assert seen == sorted(seen)


def test_time_and_event_can_be_permuted_together():
    time, event = np.arange(8.0), np.array([1, 0, 1, 1, 0, 1, 0, 1])
    pairs = set(zip(time, event, strict=True))

    def intact(order, rng):
        return float(set(zip(time[order], event[order], strict=True)) == pairs)

    assert set(permutation_test(intact, 8, PermutationPlan(permutations=20)).null_values) == {1.0}


def test_a_statistic_that_is_no_number_is_refused():
    with pytest.raises(UserError, match="not a finite number"):
        permutation_test(lambda order, rng: float("nan"), 5)
    with pytest.raises(UserError, match="permutation 1"):
        permutation_test(lambda order, rng: 1.0 if order[0] == 0 and order[1] == 1
                         and order[2] == 2 and order[3] == 3 else float("inf"), 50)  # fmt: skip


@pytest.mark.parametrize(
    "fault",
    [
        {"permutations": 0},
        {"stop_after": 0},
        {"alternative": "both"},
        {"confidence": 1.0},
        {"seed": -1},
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(fault):
    with pytest.raises(SettingsError):
        PermutationPlan(**fault)


def test_the_result_cannot_be_changed():
    result = permutation_test(difference, 30, PermutationPlan(permutations=5))
    with pytest.raises(ValueError, match="read-only"):
        result.null_values[0] = 0.0
