"""The statistics of a report against scikit-learn and SciPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import precision_recall_fscore_support

from lernwerk.job.measures import class_scores, confidences, most_confused, wilson_interval
from lernwerk.plots import count_confusions


def test_class_scores_are_those_of_sklearn() -> None:
    generator = np.random.default_rng(0)
    true, predicted = generator.integers(0, 5, (2, 300))
    names = list("abcde")
    scores = class_scores(count_confusions(true, predicted, names), names)
    ours = np.array([(s.precision, s.recall, s.f1, s.rows) for s in scores]).T
    np.testing.assert_allclose(ours, precision_recall_fscore_support(true, predicted), rtol=1e-12)


def test_shares_of_nothing_are_nan() -> None:
    score = class_scores(np.array([[2, 0], [0, 0]]), ["a", "b"])[1]
    assert all(map(math.isnan, (score.precision, score.recall, score.f1)))


@pytest.mark.parametrize(("right", "rows"), [(0, 5), (5, 5), (349, 360), (50, 100)])
def test_the_interval_is_that_of_scipy(right: int, rows: int) -> None:
    known = binomtest(right, rows).proportion_ci(0.95, method="wilson")
    np.testing.assert_allclose(wilson_interval(right, rows), known, atol=1e-6)


def test_most_confused_counts_mistakes_only() -> None:
    counts = np.array([[9, 1, 0], [4, 9, 0], [0, 2, 9]])
    assert most_confused(counts) == [(1, 0, 4), (2, 1, 2), (0, 1, 1)]
    assert most_confused(counts, 1) == [(1, 0, 4)]
    assert most_confused(np.diag([3, 4])) == []


def test_confidence_is_the_probability_of_the_answer() -> None:
    assert confidences(None) is None
    np.testing.assert_allclose(confidences(np.array([[0.2, 0.8], [0.6, 0.4]])), [0.8, 0.6])
    np.testing.assert_allclose(confidences(np.array([[0.2], [0.9]])), [0.8, 0.9])
    np.testing.assert_allclose(confidences(np.array([0.2, 0.9])), [0.8, 0.9])
