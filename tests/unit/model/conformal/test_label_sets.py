"""Sets of labels: an obvious twin, coverage of every class, abstention without information."""

import numpy as np
import pytest

from radiome.model.conformal.label_sets import both_chances, label_p_values, label_sets


def chances_of(X, y, others):
    """Probabilities of a crude model: softmax of the distances to the means of the classes."""
    centres = np.array([X[y == code].mean(axis=0) for code in range(3)])
    distance = ((others[:, None] - centres) ** 2).sum(axis=2)
    unscaled = np.exp(-(distance - distance.min(axis=1, keepdims=True)))
    return unscaled / unscaled.sum(axis=1, keepdims=True)


def simulated(seed, n=90, n_folds=5, apart=1.0):
    """Three classes, the last of them rare."""
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1, 2], [n // 2, n // 3, n - n // 2 - n // 3])
    X = rng.normal(size=(n, 3)) + apart * np.eye(3)[y]
    folds = np.empty(n, np.int64)
    for code in range(3):
        rows = np.flatnonzero(y == code)
        folds[rows] = rng.permutation(np.arange(len(rows)) % n_folds)
    scores = np.full((n_folds, n, 3), np.nan)
    for other in range(n_folds):
        for own in range(n_folds):
            if own != other:
                train = (folds != own) & (folds != other)
                scores[other, folds == own] = chances_of(X[train], y[train], X[folds == own])
    return y, scores, folds


def test_the_fit_of_a_label_is_that_of_the_obvious_twin():
    y, scores, folds = simulated(1, n=40)
    found = label_p_values(y, scores, folds)
    for i in range(40):
        for label in range(3):
            peers = [j for j in range(40) if folds[j] != folds[i] and y[j] == label]
            stranger = [
                1 - scores[folds[i], j, label] >= 1 - scores[folds[j], i, label] for j in peers
            ]
            assert found[i, label] == (1 + sum(stranger)) / (1 + len(peers))


@pytest.mark.parametrize("level", [0.8, 0.9])
def test_every_class_is_covered_as_often_as_asked_the_rare_one_too(level):
    """150 studies; the rare class has 15 of 90 patients, standard error below 0.012."""
    covered = {code: [] for code in range(3)}
    for seed in range(150):
        y, scores, folds = simulated(seed)
        hit = label_sets(y, scores, folds, level)[np.arange(len(y)), y]
        for code, shares in covered.items():
            shares.append(hit[y == code].mean())
    for shares in covered.values():
        assert level - 0.015 < np.mean(shares) < level + 0.07


def test_without_information_it_abstains_and_with_much_it_does_not():
    def abstention(apart):
        found = [label_sets(*simulated(seed, apart=apart), 0.9) for seed in range(20)]
        return np.mean([(sets.sum(axis=1) != 1).mean() for sets in found])

    assert abstention(0.0) > 0.85
    assert abstention(6.0) < 0.15


def test_a_class_with_too_few_patients_is_never_ruled_out():
    y, scores, folds = simulated(3, n=42)
    assert (y == 2).sum() == 7
    assert label_sets(y, scores, folds, 0.9)[:, 2].all()


def test_a_p_of_exactly_alpha_is_ruled_out_whatever_the_decimals():
    # Nine patients of the class, none as strange: p = 1/10.
    y, folds = np.array([0] * 9 + [1]), np.array([0] * 9 + [1])
    scores = np.full((2, 10, 2), 0.9)
    scores[0, 9] = [0.1, 0.9]
    assert label_p_values(y, scores, folds)[9, 0] == 0.1
    assert not label_sets(y, scores, folds, 0.9)[9, 0]


def test_probabilities_of_two_classes_add_up():
    assert both_chances(np.array([0.2, 1.0])).tolist() == [[0.8, 0.2], [0.0, 1.0]]
