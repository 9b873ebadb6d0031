"""The perceptron against scikit-learn's, the convergence theorem, the Mark I, messages."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Perceptron as Oracle
from sklearn.svm import SVC

from lernwerk.classics import MarkOne, Perceptron, mistake_bound
from lernwerk.datasets import digits
from lernwerk.errors import ArgumentError, DataError, ShapeError, UsageError


def separable(seed: int, margin: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    x, plane = random.normal(size=(300, 5)), random.normal(size=5)
    x = x[np.abs(x @ plane) > margin]
    y = x @ plane > 0
    first = np.argsort(~y, kind="stable")  # a row of the second class first
    return x[first], y[first]


def test_weights_are_those_of_sklearn() -> None:
    x, y = separable(0)
    ours = Perceptron(epochs=7, shuffle=False).fit(x, y)
    oracle = Oracle(max_iter=len(ours.mistakes), tol=None, shuffle=False).fit(x, y)
    np.testing.assert_allclose(ours.weights[:-1, 0], oracle.coef_[0])
    np.testing.assert_allclose(ours.weights[-1], oracle.intercept_)
    np.testing.assert_array_equal(ours.predict(x), oracle.predict(x))


@pytest.mark.parametrize("seed", range(5))
def test_mistakes_stay_below_the_bound_and_end(seed: int) -> None:
    x, y = separable(seed)
    bound, _radius, gamma = mistake_bound(x, y)
    learner = Perceptron(epochs=10_000, seed=seed).fit(x, y)
    assert learner.mistakes[-1] == 0 and learner.score(x, y) == 1
    assert gamma > 0 and sum(learner.mistakes) <= bound


def test_the_margin_where_it_is_known() -> None:
    bound, radius, gamma = mistake_bound([[2.0], [-2.0]], [1, 0])
    assert (bound, radius, gamma) == pytest.approx((5 / 4, 5**0.5, 2))


def test_the_margin_is_that_of_a_support_vector_machine() -> None:
    x, y = separable(1, margin=0.3)
    signed = np.concatenate([x, np.ones((len(x), 1))], 1) * np.where(y, 1, -1)[:, None]
    both = np.concatenate([signed, -signed])
    machine = SVC(kernel="linear", C=1e6).fit(both, np.repeat([1, 0], len(x)))
    widest = 1 / np.linalg.norm(machine.coef_)
    assert mistake_bound(x, y, rounds=50_000)[2] == pytest.approx(widest, rel=0.02)


def test_either_or_has_no_margin_and_no_end() -> None:
    x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    assert mistake_bound(x, y)[::2] == (np.inf, 0)
    learner = Perceptron(epochs=50).fit(x, y)
    assert min(learner.mistakes) > 0 and learner.score(x, y) < 1
    assert np.abs(learner.weights).max() < 10  # the weights stay small: Minsky and Papert 1969


def test_mark_one_reads_digits() -> None:
    (x, y), (x_test, y_test) = digits.load_data()
    retina, retina_test = (each.reshape(len(each), -1) > 7 for each in (x, x_test))
    machine = MarkOne(association_units=256, connections=10, epochs=5, seed=1).fit(retina, y)
    assert machine.score(retina_test, y_test) > 0.8
    assert np.abs(machine.wiring).sum(axis=0).max() <= 10
    assert len(machine.picture().axes) == 10


def test_messages() -> None:
    with pytest.raises(UsageError) as caught:
        Perceptron().predict([[1.0]])
    assert str(caught.value) == (
        "Perceptron.decision: expected something learned, got nothing. Call fit first."
    )
    with pytest.raises(ShapeError) as shape:
        Perceptron().fit([[1.0], [2.0]], [1])
    assert str(shape.value) == ("Perceptron.fit: expected 2 labels, one for each row, got (1,).")
    with pytest.raises(ArgumentError, match=r"at least two classes, got 1\."):
        Perceptron().fit([[1.0], [2.0]], [1, 1])
    with pytest.raises(DataError, match=r"Perceptron\.fit: expected finite numbers, got NaN or"):
        Perceptron().fit([[np.nan]], [1])
    with pytest.raises(DataError) as label:
        Perceptron().fit([[1.0], [-1.0]], ["a", "b"]).learn([[1.0]], ["c"])
    assert str(label.value) == ("Perceptron.learn: expected labels that fit has seen, got 'c'.")
    with pytest.raises(ArgumentError, match="association_units to be an integer >= 1, got 0"):
        MarkOne(association_units=0)
